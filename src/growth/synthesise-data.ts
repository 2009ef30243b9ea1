import type { Candidate, Manifest } from '#core/candidate.ts';
import type { DataContainer } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { toDollars } from '#core/money.ts';
import { dataFormat } from '#data/formats/index.ts';
import { syntheticRow } from '#data/grow/synthesise-row.ts';
import { writeDataFile } from '#data/write-data-file.ts';
import { openRun } from '#engine/open-run.ts';
import type { Plan } from '#engine/plan.ts';
import type { PlannedTask } from '../session.ts';
import type { TaskRunOptions } from '../task-run.ts';
import { type TaskState, withTaskState } from '../task-state.ts';
import { checkNewRows } from './synthesise-check.ts';
import { growFrom } from './synthesise-growth.ts';
import { formatOf, parentsOf, type SynthesisSettings } from './synthesise-plan.ts';
import { kindsOf, passedEstimate, rejectionsOf, type SynthesisReport, syntheticShare } from './synthesise-report.ts';
import type { Tried } from './synthesise-rows.ts';
import { nothingKept, synthesisWarnings } from './synthesise-warnings.ts';

export interface SynthesiseOptions extends TaskRunOptions, SynthesisSettings {
  /** Where the rows go. */
  readonly output: string;
  /** By the file's name where absent. */
  readonly container?: DataContainer;
}

/**
 * Grows the training data of a planned task: inputs varied from training rows, answered by a candidate, scored, checked and written as
 * synthetic rows. Rows of the test split are only looked at to keep copies of them out. What was answered is in the store, so the same
 * command goes on where it was; a budget that ends writes what there is. Throws where no row is left to write.
 */
export async function synthesiseData({ task, plan }: PlannedTask, options: SynthesiseOptions): Promise<SynthesisReport> {
  // what is wrong with the wishes shows before anything is opened
  formatOf(options);
  parentsOf(plan, options);
  return withTaskState(task, (state) => synthesiseWith(plan, state, options));
}

async function synthesiseWith(plan: Plan, open: TaskState, options: SynthesiseOptions): Promise<SynthesisReport> {
  const never = new AbortController().signal;
  const { stopping = never, abort = never } = options;
  const { task, seed } = plan;
  const run = openRun({ ...options, ...open, plan, stopping });
  try {
    const begun = run.clock.elapsed();
    const growth = await growFrom(plan, { ...options, ...open, run, stopping, abort });
    const { grown, candidate, manifest, teacher, minimum, wanted, warnings } = growth;
    const made = rowsOf(grown.tried, candidate, manifest, plan);
    const about = { file: options.output, output: task.output, seed, now: () => run.clock.elapsed(), signal: abort };
    const checked = await checkNewRows([...made.keys()], about);
    const rejected = rejectionsOf(grown.tried);
    if (checked.rows.length === 0) throw grown.cause ?? nothingKept(rejected, checked.dropped[0]?.why);
    const kept = new Set(checked.rows.map((row) => made.get(row)!));
    const { format, container } = { format: formatOf(options), container: options.container };
    const numbered = checked.rows.map((row, index) => ({ ...row, line: index + 1 }));
    const file = await writeDataFile(options.output, numbered, { format, from: dataFormat('rung'), ...(container && { container }) });
    const share = syntheticShare(plan.splits.train, numbered.filter(({ split }) => split === 'train').length);
    const parents = [...kept].map(({ attempt }) => attempt.parent);
    const { budget, meter, clock } = run;
    const spent = {
      ...{ dollars: toDollars(budget.spent), calls: budget.calls, cached: meter.cached, retries: meter.retries },
      ...{ failures: grown.tried.filter((one) => one.rejected?.why === 'no-answer').length, seconds: (clock.elapsed() - begun) / 1000 },
    };
    options.progress?.({ type: 'spent', dollars: spent.dollars, calls: spent.calls, cached: spent.cached, retries: spent.retries });
    const { measured = null, why } = teacher;
    const ofRows = {
      share,
      teacher,
      parents,
      grown,
      wanted,
      written: file.written,
      kinds: growth.kinds,
      borderless: growth.borderless,
      selfTaught: growth.selfTaught,
    };
    return {
      schema: 'rung.data-synthesise/1',
      ...{ task: task.name, file: options.output, format: format.id, hash: file.hash },
      candidate: { rung: manifest.name, id: candidate.id, model: manifest.model?.model ?? null, why, measured },
      variedBy: growth.variedBy ?? null,
      ...{ read: growth.parents, wanted, tried: grown.tried.length, written: file.written, ended: grown.ended },
      kinds: kindsOf(grown.tried, kept),
      rejected,
      passed: passedEstimate(grown.tried, task.confidence),
      minimum,
      unscored: [...kept].filter(({ outcome }) => outcome?.passed === null).length,
      check: { dropped: checked.dropped.map(({ row, why }) => ({ row: row.line, why })), findings: checked.findings },
      ...{ share, lost: file.lost, dropped: file.dropped, warnings: [...warnings, ...synthesisWarnings(ofRows)], seed, spent },
    };
  } finally {
    await run.models.close();
  }
}

/** The rows that came of attempts, and the attempt of each. */
function rowsOf(tried: readonly Tried[], candidate: Candidate, manifest: Manifest, { splits }: Plan): Map<DataRow, Tried> {
  const onValidation = new Set(splits.validation.map(({ id }) => id));
  const made = new Map<DataRow, Tried>();
  for (const one of tried) {
    const { attempt, varied, outcome } = one;
    if (varied === undefined || outcome === undefined || 'why' in outcome) continue;
    const { parent, variation } = attempt;
    const { answer, rejected } = outcome;
    const provenance = {
      ...{ parent: parent.id, variation: variation.kind, how: varied.how, ...(varied.variedBy && { variedBy: varied.variedBy }) },
      ...{ candidate: candidate.id, model: manifest.model?.model ?? null },
    };
    const split = onValidation.has(parent.id) ? 'validation' : 'train';
    made.set(
      syntheticRow({ input: varied.input, answer, ...(rejected !== undefined && { rejected }), parent, split, provenance }, made.size + 1),
      one,
    );
  }
  return made;
}

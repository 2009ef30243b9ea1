import type { Approach, MeasuredRow } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import { type Example, type SplitName, splitNames } from '#core/example.ts';
import { toDollars } from '#core/money.ts';
import { pluginById } from '#core/plugins.ts';
import type { Store } from '#core/store.ts';
import { rung as rungFormat } from '#data/formats/rung.ts';
import { type DroppedRows, droppedRows } from '#data/split/dropped-rows.ts';
import { rowKey } from '#engine/execute.ts';
import { measureRows } from '#engine/measure-rows.ts';
import { openRun } from '#engine/open-run.ts';
import type { Plan, PlannedRung } from '#engine/plan.ts';
import { prepare } from '#engine/prepare.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { leadingMetric } from '#engine/score.ts';
import type { PlannedTask } from '../session.ts';
import type { TaskRunOptions } from '../task-run.ts';
import { withTaskState } from '../task-state.ts';

export interface CollectAnswersOptions extends TaskRunOptions {
  /** Name of a rung, or id of a candidate in the store. */
  readonly candidate: string;
  /** Asks for the answers that are not in the store; without it only those that are there count, and nothing is prepared. */
  readonly ask?: boolean;
  /** The least score of the task's leading metric, in its own numbers; the most where lower is better. */
  readonly minimum: number;
}

export interface CollectedAnswers {
  /** Questions with the candidate's own answers, on the sides that they had. */
  readonly rows: readonly DataRow[];
  readonly candidate: string;
  readonly metric: string;
  /** Examples that may be used: never those that are measured on. */
  readonly questions: number;
  readonly answered: number;
  readonly dropped: DroppedRows;
  readonly spent: { readonly dollars: number; readonly calls: number; readonly cached: number };
}

const defaultConcurrency = 16;

/**
 * Turns the answers of a prompted candidate into training rows where the task's leading metric scores them well. Only train and validation
 * examples are looked at, never those that evidence is measured on. Throws a usage error where the candidate is not known or nothing can be scored.
 */
export async function collectAnswers({ task, plan }: PlannedTask, options: CollectAnswersOptions): Promise<CollectedAnswers> {
  const metric = leadingMetric(plan.metrics);
  if (metric === undefined) {
    throw inputError({
      code: 'metric-missing',
      message: 'The task has no metric that scores an answer by itself, so nothing says which answers are good.',
      hint: 'Add one, as accuracy or judge, to its metrics.',
      place: { file: task.file },
    });
  }
  return withTaskState(task, async ({ store, artefacts }) => {
    const run = openRun({ ...options, plan, store, artefacts });
    try {
      const never = new AbortController().signal;
      const { stopping = never, abort = never, concurrency = defaultConcurrency, progress = () => {} } = options;
      const ready = await withReadyMetrics(plan, run.models);
      const shared = { ...run, store, artefacts, concurrency, stopping, abort };
      const { manifest, approach, id } = await openCandidate(ready, store, options, (rung) =>
        prepare(rung, { plan: ready, ...shared, trainers: options.plugins.trainers, progress }),
      );
      const usable = usableExamples(ready);
      const examples = options.ask ? usable : await answeredExamples(store, id, usable);
      const candidate = await approach.restore(manifest, { artefacts, model: (reference) => run.models.callable(reference) });
      const measured = await measureRows(candidate, examples, { task, metrics: ready.metrics, ...shared });
      const { budget, meter } = run;
      return {
        ...goodAnswers(measured, sideOf(ready), { manifest, id, metric: metric.id, sign: metric.better === 'lower' ? -1 : 1, options }),
        ...{ candidate: id, metric: metric.id, questions: usable.length },
        spent: { dollars: toDollars(budget.spent), calls: budget.calls, cached: meter.cached },
      };
    } finally {
      await run.models.close();
    }
  });
}

function usableExamples({ splits, evidenceSplit }: Plan): readonly Example[] {
  return splitNames.flatMap((side) => (side === evidenceSplit || side === 'test' ? [] : splits[side]));
}

function sideOf({ splits }: Plan): (id: string) => SplitName {
  const inTrain = new Set(splits.train.map(({ id }) => id));
  return (id) => (inTrain.has(id) ? 'train' : 'validation');
}

async function answeredExamples(store: Store, candidate: string, examples: readonly Example[]): Promise<readonly Example[]> {
  const answered = new Set<string>();
  // whatever is measured outside the evidence is kept as a row of the validation split
  for await (const row of store.rows(candidate, 'validation')) if (row.answer !== undefined && row.sample === 0) answered.add(row.example);
  return examples.filter((example) => answered.has(rowKey(example)));
}

async function openCandidate(
  plan: Plan,
  store: Store,
  { candidate, ask = false, plugins }: CollectAnswersOptions,
  prepared: (rung: PlannedRung) => Promise<{ readonly id: string; readonly manifest: Manifest }>,
): Promise<{ id: string; manifest: Manifest; approach: Approach }> {
  const rung = plan.rungs.find(({ name }) => name === candidate);
  if (rung !== undefined && ask) {
    const { id, manifest } = await prepared(rung);
    return { id, manifest, approach: rung.approach };
  }
  const stored = await store.candidate(candidate);
  if (stored !== undefined) {
    const own = plan.rungs.find(({ approach }) => approach.id === stored.manifest.approach)?.approach;
    return { id: stored.id, manifest: stored.manifest, approach: own ?? pluginById('rung', plugins.approaches, stored.manifest.approach) };
  }
  throw inputError({
    code: 'unknown-candidate',
    message: `There is no stored candidate ${JSON.stringify(candidate)}.`,
    hint: `Run rung climb first, or add --ask to prepare the rung and ask it. The ladder has: ${plan.rungs.map(({ name }) => name).join(', ')}.`,
    place: { file: plan.task.file },
  });
}

interface Judging {
  readonly manifest: Manifest;
  readonly id: string;
  readonly metric: string;
  readonly sign: number;
  readonly options: CollectAnswersOptions;
}

/** `MeasuredRow` has scores with higher better. */
function goodAnswers(
  measured: readonly MeasuredRow[],
  side: (id: string) => SplitName,
  { manifest, id, metric, sign, options }: Judging,
): Pick<CollectedAnswers, 'rows' | 'answered' | 'dropped'> {
  const dropped = droppedRows();
  const rows: DataRow[] = [];
  measured.forEach(({ example, answer, score, reason }, index) => {
    const line = index + 1;
    if (answer === undefined) dropped.drop(line, `has no answer${reason === undefined ? '' : `: ${reason}`}`);
    else if (score === null) dropped.drop(line, `gets no score by ${metric}${reason === undefined ? '' : `: ${reason}`}`);
    else if (score < sign * options.minimum) dropped.drop(line, `scores too ${sign === 1 ? 'low' : 'high'} by ${metric}`);
    else
      rows.push(
        answerRow(example, answer.value ?? answer.text, line, side(example.id), {
          candidate: id,
          rung: manifest.name,
          model: manifest.model?.model,
        }),
      );
  });
  return { rows, answered: measured.filter(({ answer }) => answer !== undefined).length, dropped };
}

function answerRow(
  { id, input, group, tags }: Example,
  answer: NonNullable<Example['expected']>,
  line: number,
  split: SplitName,
  from: { readonly candidate: string; readonly rung: string; readonly model: string | undefined },
): DataRow {
  const { model, ...maker } = from;
  return {
    line,
    ...rungFormat.read({ input: input as never, expected: answer }),
    id,
    ...(group === undefined ? {} : { group }),
    tags: [...tags],
    source: 'synthetic',
    split,
    extra: { log: { ...maker, ...(model === undefined ? {} : { model }) } },
  };
}

import type { ArtefactStore } from '#core/approach.ts';
import type { Candidate, Manifest } from '#core/candidate.ts';
import type { Plugins } from '#core/plugins.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { Store } from '#core/store.ts';
import { attempts } from '#data/grow/synthesise-attempts.ts';
import { openNearCopies } from '#data/grow/synthesise-near-copies.ts';
import { hardVariation } from '#data/grow/synthesise-variations.ts';
import type { OpenRun } from '#engine/open-run.ts';
import type { Plan } from '#engine/plan.ts';
import { withReadyMetrics } from '#engine/ready-metrics.ts';
import { openCandidate } from '../open-candidate.ts';
import { answerInput, sampling } from './synthesise-answers.ts';
import { findBorder } from './synthesise-border.ts';
import { randomFor, varyInput } from './synthesise-inputs.ts';
import { parentsOf, type SynthesisSettings, triesPerRow, variationsOf, varierOf, wantedRows } from './synthesise-plan.ts';
import { type Grown, growRows } from './synthesise-rows.ts';
import { chooseTeacher, type Teacher } from './synthesise-teacher.ts';

export interface GrowthOptions extends SynthesisSettings {
  readonly plugins: Plugins;
  readonly store: Store;
  readonly artefacts: ArtefactStore;
  readonly run: OpenRun;
  readonly progress?: ProgressListener;
  readonly concurrency?: number;
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
}

export interface Growth {
  readonly grown: Grown;
  readonly candidate: Candidate;
  readonly manifest: Manifest;
  readonly teacher: Teacher;
  /** Number of rows that were varied from. */
  readonly parents: number;
  readonly kinds: readonly string[];
  readonly variedBy?: string;
  readonly wanted: number;
  readonly minimum: number;
  readonly borderless: boolean;
  /** True where the candidate learnt from the training rows: it is tuned, or asks no model. */
  readonly selfTaught: boolean;
  readonly warnings: readonly string[];
}

export const defaultConcurrency = 16;
const defaultMinimum = 0.8;
const heldOut = 'held out ';

/** Opens who varies and who answers, and makes rows of a plan's training split. */
export async function growFrom(plan: Plan, options: GrowthOptions): Promise<Growth> {
  const { run, stopping, abort, concurrency = defaultConcurrency, progress = () => {}, minimum = defaultMinimum } = options;
  const { task, seed, splits } = plan;
  const variedBy = varierOf(options, run.models);
  const { parents, warnings: ofParents } = parentsOf(plan, options);
  const { variations, warnings: ofKinds } = variationsOf(options, variedBy !== undefined);
  const teacher = await chooseTeacher(plan, options.from);
  progress({ type: 'plan', task: task.name, rungs: [{ rung: teacher.name, rows: 0 }] });
  const ready = await withReadyMetrics(plan, run.models);
  const { candidate, manifest } = await openTeacher(teacher, ready, { ...options, concurrency, progress });
  const border = options.hard ? await findBorder(splits.train, task.output, seed, abort) : undefined;
  const byModel = variedBy === undefined ? undefined : await run.models.callable({ model: variedBy });
  const copies = openNearCopies();
  for (const row of splits.train) copies.add(row.input, row.id);
  for (const row of [...splits.validation, ...splits.test]) copies.add(row.input, `${heldOut}${row.id}`);
  const wanted = wantedRows(options, parents.length);
  const isParent = new Set(parents);
  const hardOrder = border?.order.filter((row) => isParent.has(row)) ?? [];
  const samples = options.preferences ? options.samples : 1;
  const asking = { candidate, samples, metrics: ready.metrics, task, minimum, signal: abort };
  const varying = {
    task,
    seed,
    languages: options.languages,
    signal: abort,
    ...(byModel && { model: byModel }),
    ...(border && { border }),
  };
  const grown = await growRows({
    attempts: attempts({
      ...{ parents, variations, randomOf: (key) => randomFor(seed, key) },
      ...(hardOrder.length > 0 && { orders: new Map([[hardVariation.kind, hardOrder]]) }),
    }),
    ...{ rows: wanted, most: wanted * triesPerRow, concurrency, copies, heldOut, stopping, abort, ...(border && { border }) },
    vary: (attempt) => varyInput(attempt, varying),
    answer: (varied, parent, keepsAnswer) => answerInput(varied.input, parent, keepsAnswer, asking),
    keepsAnswer: ({ variation }) => variation.keepsAnswer(task.output),
    progress: (kept, tried) =>
      progress({ type: 'prepare', rung: teacher.name, message: `rows kept, of ${tried} tried`, done: kept, total: wanted }),
  });
  return {
    ...{ grown, candidate, manifest, teacher, wanted, minimum },
    parents: parents.length,
    kinds: variations.map(({ kind }) => kind),
    ...(variedBy === undefined ? {} : { variedBy }),
    borderless: options.hard === true && task.output.kind === 'labels' && border === undefined,
    selfTaught: manifest.model === null || manifest.model.adapter !== undefined,
    warnings: [...ofParents, ...ofKinds],
  };
}

/** Opens the candidate; its answers vary where preferences are chosen from several. */
async function openTeacher(
  teacher: Teacher,
  plan: Plan,
  options: GrowthOptions & { readonly concurrency: number; readonly progress: ProgressListener },
): Promise<{ readonly candidate: Candidate; readonly manifest: Manifest }> {
  const { run, artefacts, store, plugins, concurrency, stopping, abort, progress, preferences } = options;
  const preparing = { plan, ...run, store, artefacts, trainers: plugins.trainers, concurrency, stopping, abort, progress };
  const { manifest, approach } = await openCandidate(teacher.name, preparing, plugins);
  const candidate = await approach.restore(manifest, {
    artefacts,
    async model(reference) {
      const model = await run.models.callable(reference);
      return preferences ? sampling(model) : model;
    },
  });
  return { candidate, manifest };
}

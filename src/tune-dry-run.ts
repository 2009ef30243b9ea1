import type { ApproachContext, ArtefactStore } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import { toDollars } from '#core/money.ts';
import type { RowOrigins, ServiceEnd, Trainer, TrainerSite, TrainingJob, TrainingMethod } from '#core/trainer.ts';
import { locatedRow, type PlaceOfRow } from '#core/training-row-error.ts';
import { defaultConcurrency } from '#engine/climb.ts';
import { type DryRun, dryRun } from '#engine/dry-run.ts';
import type { Models } from '#engine/models.ts';
import { openRun } from '#engine/open-run.ts';
import type { PlannedRung } from '#engine/plan.ts';
import { placesOf } from '#engine/row-places.ts';
import { rungInput } from '#engine/rung-input.ts';
import { siteFor, trainerFor } from '#engine/training.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { stateFolder } from './task-state.ts';
import { refuseOneLabel } from './tune-task.ts';

/** What a tune would train. */
interface TrainingForecast {
  readonly trainer: string;
  readonly base: string;
  readonly method: TrainingMethod;
  readonly rows: { readonly train: number; readonly validation: number };
  readonly hyperparameters: JsonObject;
  /** Tokens that are gone through, all epochs together; absent where the trainer does not say. */
  readonly tokens?: number;
  /** What the service would charge; null where no price is known, absent where nothing is charged. */
  readonly dollars?: number | null;
  readonly seconds?: number;
  /** How the figures were come by. */
  readonly how?: string;
  /** What the trainer's service has announced to end. */
  readonly ends: readonly ServiceEnd[];
}

/** The dry run of a tune: what it would ask, and what it would train where that is known without asking. */
export interface TuneDryRun extends DryRun {
  readonly training: TrainingForecast | null;
}

/** What tuning a rung would ask, train and cost. The trainer checks the rows as it would before a start; nothing is sent. */
export async function dryRunTune(
  { task, plan }: PlannedTask,
  rung: PlannedRung,
  options: Pick<TaskRunOptions, 'plugins' | 'environment' | 'concurrency'> & Pick<TrainerSite, 'note'>,
): Promise<TuneDryRun> {
  refuseOneLabel(plan);
  const store = await openSqliteStore(':memory:');
  const artefacts = openArtefacts(stateFolder(task));
  const one = { ...plan, rungs: [rung], probes: [] };
  try {
    const { models } = openRun({ ...options, plan: one, store, artefacts });
    try {
      const dry = await dryRun(one, models, { concurrency: options.concurrency ?? defaultConcurrency, rows: 0 });
      const seen = dry.rungs[0]?.skipped === undefined ? await jobOf(rung, one, models) : undefined;
      const job = seen?.job;
      if (job === undefined) return { ...dry, training: null };
      const base = models.baseOf(job.base.model);
      const asked = { trainers: options.plugins.trainers, base, settings: task.trainers, environment: options.environment };
      const trainer = trainerFor(job, asked);
      const about = { taskFolder: task.folder, artefacts, signal: new AbortController().signal };
      const site = { ...siteFor(trainer, { ...asked, ...about }), ...(options.note && { note: options.note }) };
      await checked(trainer, job, site, placesOf(seen?.origins, task));
      const estimate = await trainer.estimate?.(job, site);
      const training: TrainingForecast = {
        ...{ trainer: trainer.id, base: base.name, method: job.method, ends: trainer.ends?.(site) ?? [] },
        rows: { train: job.train.length, validation: job.validation.length },
        hyperparameters: { ...job.hyperparameters },
        ...(estimate && {
          ...{ tokens: estimate.tokens, how: estimate.method },
          dollars: estimate.cost === null ? null : toDollars(estimate.cost),
          ...(estimate.seconds !== undefined && { seconds: estimate.seconds }),
        }),
      };
      return { ...dry, training };
    } finally {
      await models.close();
    }
  } finally {
    await store.close();
  }
}

async function checked(trainer: Trainer, job: TrainingJob, site: TrainerSite, placeOf: PlaceOfRow): Promise<void> {
  try {
    await trainer.check?.(job, site);
  } catch (error) {
    throw await locatedRow(error, placeOf);
  }
}

/** What ends a preparation that only looks. */
class Seen extends Error {
  readonly job: TrainingJob | undefined;
  readonly origins: RowOrigins | undefined;

  constructor(job?: TrainingJob, origins?: RowOrigins) {
    super('A dry run goes no further.');
    this.job = job;
    this.origins = origins;
  }
}

/** The first job that preparing a rung would train; undefined where a model would be asked before. */
async function jobOf(rung: PlannedRung, plan: PlannedTask['plan'], models: Models): Promise<Seen | undefined> {
  const stop = async (): Promise<never> => {
    throw new Seen();
  };
  const artefacts: ArtefactStore = { put: stop, write: stop, path: stop, scratch: stop };
  const context: ApproachContext = {
    ...{ artefacts, model: stop, measure: stop, evaluate: stop },
    signal: new AbortController().signal,
    progress: () => {},
    bestScore: 1,
    train: async (job, { origins } = {}) => {
      throw new Seen(job, origins);
    },
  };
  try {
    await rung.approach.prepare(rungInput(rung, plan, models), context);
    return undefined;
  } catch (error) {
    if (error instanceof Seen) return error;
    throw error;
  }
}

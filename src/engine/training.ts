import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import { inputError, RungError } from '#core/errors.ts';
import { contentHash, isJsonObject, type JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { NanoDollars } from '#core/money.ts';
import type { BaseModel, Trainer, TrainingEvent, TrainingJob, TrainingOutcome } from '#core/trainer.ts';
import { InterruptedError } from './interrupt.ts';

export interface TrainOptions {
  readonly trainers: readonly Trainer[];
  readonly base: BaseModel;
  /** Trainer → its settings in the task. */
  readonly settings: Readonly<Record<string, JsonObject>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly taskFolder: string;
  readonly artefacts: ArtefactStore;
  readonly signal: AbortSignal;
  onEvent(event: TrainingEvent): void;
  evaluate(model: ModelReference): Promise<number>;
  /** What the evaluations cost so far, in nano-dollars. */
  spent(): NanoDollars;
}

interface Took {
  readonly cost: NanoDollars;
  readonly seconds: number;
}

/** A training with what it took, whether in this run or in the one that another rung shares with it. */
export interface Trained {
  readonly outcome: TrainingOutcome;
  /** What an earlier run of the same job took, evaluations included; nothing where it was trained now. */
  readonly shared: Took;
}

const tookFile = 'took.json';
const nothing: Took = { cost: 0, seconds: 0 };

const pollMs = 2_000;

/** Runs a job on the trainer that can tune its base model, to the end. An interrupted job goes on from its checkpoint. */
export async function train(job: TrainingJob, options: TrainOptions): Promise<Trained> {
  const trainer = trainerFor(job, options);
  const scratchFolder = await options.artefacts.scratch(contentHash({ trainer: trainer.id, job }));
  const before = options.spent();
  let evaluations = 0;
  let evaluationError: unknown;
  const site = {
    base: options.base,
    settings: options.settings[trainer.id] ?? {},
    environment: options.environment,
    taskFolder: options.taskFolder,
    adapterFolder: (artefact: string) => options.artefacts.path(artefact),
    signal: options.signal,
  };
  await trainer.check?.(job, site);
  const handle = await trainer.start(job, {
    ...site,
    scratchFolder,
    keep: (folder) => options.artefacts.put(folder),
    async evaluate(model) {
      evaluations++;
      try {
        return await options.evaluate(model);
      } catch (error) {
        // an ended budget must end the run as such, not as a failed training
        evaluationError = error;
        throw error;
      }
    },
    onEvent: options.onEvent,
  });
  for (;;) {
    const status = await trainer.poll(handle, { waitMs: pollMs });
    if (status.outcome !== undefined) {
      const { outcome } = status;
      const file = join(scratchFolder, tookFile);
      if (evaluations === 0) return { outcome, shared: await readTook(file) };
      await writeFile(file, JSON.stringify({ cost: options.spent() - before, seconds: outcome.seconds } satisfies Took));
      return { outcome, shared: nothing };
    }
    if (options.signal.aborted) {
      await trainer.cancel(handle);
      throw new InterruptedError();
    }
    if (evaluationError !== undefined) throw evaluationError;
    if (status.state === 'failed' || status.state === 'cancelled') {
      throw new RungError({
        code: 'training-failed',
        message: `The training ended as ${status.rawState ?? status.state}: ${status.error ?? 'no reason was given'}.`,
        hint: 'Run the climb again to try once more, or take the rung off the ladder.',
      });
    }
  }
}

/** The trainer that the job names, else the first that can tune its base by its method. Throws a usage error where there is none. */
function trainerFor(job: TrainingJob, { trainers, base }: TrainOptions): Trainer {
  const able = trainers.filter((trainer) => trainer.canTune(base) && trainer.methods.includes(job.method));
  const trainer = job.trainer === undefined ? able[0] : able.find(({ id }) => id === job.trainer);
  if (trainer !== undefined) return trainer;
  throw inputError({
    code: 'no-trainer',
    message: `${job.trainer === undefined ? 'No trainer here' : `The trainer ${job.trainer}`} can${job.trainer === undefined ? '' : 'not'} tune ${base.name} by the method ${job.method}.`,
    hint: `Trainers are: ${trainers.map(({ id }) => id).join(', ')}; for ${base.name}: ${able.map(({ id }) => id).join(', ') || 'none'}. Take the rung off the ladder, or tune another model.`,
  });
}

/** What a job took that was trained before; nothing where that is not known. */
async function readTook(file: string): Promise<Took> {
  try {
    const took: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isJsonObject(took) || typeof took['cost'] !== 'number' || typeof took['seconds'] !== 'number') return nothing;
    return { cost: took['cost'], seconds: took['seconds'] };
  } catch {
    return nothing;
  }
}

import type { ArtefactStore } from '#core/approach.ts';
import { inputError, RungError } from '#core/errors.ts';
import { contentHash } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { Trainer, TrainingEvent, TrainingJob, TrainingOutcome } from '#core/trainer.ts';
import { InterruptedError } from './interrupt.ts';

export interface TrainOptions {
  readonly trainers: readonly Trainer[];
  readonly artefacts: ArtefactStore;
  readonly signal: AbortSignal;
  onEvent(event: TrainingEvent): void;
  evaluate(model: ModelReference): Promise<number>;
}

const pollMs = 2_000;

/** Runs a job on the trainer that can tune its base model, to the end. An interrupted job goes on from its checkpoint. */
export async function train(job: TrainingJob, options: TrainOptions): Promise<TrainingOutcome> {
  const trainer = options.trainers.find((candidate) => candidate.canTune(job.base.model));
  if (trainer === undefined) {
    throw inputError({
      code: 'no-trainer',
      message: `No trainer here can tune ${job.base.model}.`,
      hint: `Trainers are: ${options.trainers.map((candidate) => candidate.id).join(', ')}. Take the rung off the ladder, or tune another model.`,
    });
  }
  let evaluationError: unknown;
  const handle = await trainer.start(job, {
    scratchFolder: await options.artefacts.scratch(contentHash({ trainer: trainer.id, job })),
    keep: (folder) => options.artefacts.put(folder),
    adapterFolder: (artefact) => options.artefacts.path(artefact),
    async evaluate(model) {
      try {
        return await options.evaluate(model);
      } catch (error) {
        // an ended budget must end the run as such, not as a failed training
        evaluationError = error;
        throw error;
      }
    },
    onEvent: options.onEvent,
    signal: options.signal,
  });
  for (;;) {
    const status = await trainer.poll(handle, { waitMs: pollMs });
    if (status.outcome !== undefined) return status.outcome;
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

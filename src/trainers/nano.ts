import { join } from 'node:path';
import { messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import {
  defineTrainer,
  type Trainer,
  type TrainerContext,
  type TrainingEvent,
  type TrainingJob,
  type TrainingStatus,
} from '#core/trainer.ts';
import type { NanoSource } from '#nano/nano-source.ts';

/**
 * Defaults for a model of a million parameters and some hundred rows. Larger steps than the usual 2e-4, since the best
 * rate falls with width; all linear layers (Schulman et al., "LoRA Without Regret", 2025).
 */
const defaults = { epochs: 8, batchSize: 16, learningRate: 4e-3, warmupRatio: 0.05, rank: 16, alpha: 32, weightDecay: 0.01, patience: 2 };

/** Tunes the embedded model in this process, in its worker threads. */
export function nanoTrainer(source: NanoSource): Trainer {
  const running = new Map<string, { status: Promise<TrainingStatus>; cancel: AbortController }>();
  return defineTrainer({
    id: 'nano',
    summary: 'LoRA on the embedded model, in this process.',
    canTune: (model) => model === 'nano',
    async start(job, context) {
      const id = `ft_${running.size + 1}_${job.seed}`;
      const cancel = new AbortController();
      const signal = AbortSignal.any([cancel.signal, context.signal]);
      running.set(id, { cancel, status: runToEnd(source, job, { ...context, signal }) });
      return { trainer: 'nano', job: id };
    },
    async poll({ job }, { waitMs }) {
      const entry = running.get(job);
      if (entry === undefined) return { state: 'failed', error: 'The job is not known to this process.' };
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stillRunning = new Promise<TrainingStatus>((resolve) => {
        timer = setTimeout(resolve, waitMs, { state: 'running' });
      });
      const status = await Promise.race([entry.status, stillRunning]);
      clearTimeout(timer);
      return status;
    },
    async cancel({ job }) {
      running.get(job)?.cancel.abort();
      await running.get(job)?.status;
    },
  });
}

async function runToEnd(source: NanoSource, job: TrainingJob, context: TrainerContext): Promise<TrainingStatus> {
  const begun = performance.now();
  const events: TrainingEvent[] = [];
  const hyperparameters = { ...defaults, ...withoutAbsent(job.hyperparameters) };
  try {
    const nano = await source.open();
    const { bestStep, adapterFolder } = await nano.train(
      { ...hyperparameters, train: job.train, validation: job.validation, seed: job.seed, folder: join(context.scratchFolder, 'training') },
      {
        signal: context.signal,
        onEvent(event) {
          events.push(event);
          context.onEvent(event);
        },
        evaluate: context.evaluate && (async (folder) => context.evaluate!({ model: job.base.model, adapter: await context.keep(folder) })),
      },
    );
    return {
      state: 'succeeded',
      outcome: {
        model: { model: job.base.model, adapter: await context.keep(adapterFolder) },
        hyperparameters: hyperparameters as JsonObject,
        events,
        bestStep,
        seconds: (performance.now() - begun) / 1000,
      },
    };
  } catch (error) {
    if (context.signal.aborted) return { state: 'cancelled' };
    return { state: 'failed', error: messageOf(error) };
  }
}

function withoutAbsent<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}

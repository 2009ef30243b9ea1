import { join } from 'node:path';
import { messageOf } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { defineTrainer, type Trainer, type TrainerContext, type TrainingJob, type TrainingStatus } from '#core/trainer.ts';
import { planOf, type TrainJob } from '#nano/index.ts';
import type { NanoSource } from '#nano/nano-source.ts';
import { EventLog } from './event-log.ts';

/** Tunes the embedded model in this process, in its worker threads. */
export function nanoTrainer(source: NanoSource): Trainer {
  const running = new Map<string, { status: Promise<TrainingStatus>; cancel: AbortController }>();
  return defineTrainer({
    id: 'nano',
    summary: 'LoRA on the embedded model, in this process.',
    methods: ['supervised'],
    canTune: ({ kind, name }) => kind === 'nano' && name === 'nano',
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
  if (job.method !== 'supervised') return { state: 'failed', error: `nano cannot learn by the method ${job.method}.` };
  const trainJob = {
    ...job.hyperparameters,
    train: job.train,
    validation: job.validation,
    seed: job.seed,
    folder: join(context.scratchFolder, 'training'),
  };
  try {
    const log = new EventLog(join(context.scratchFolder, 'events.jsonl'));
    const nano = await source.open();
    const { bestStep, adapterFolder } = await nano.train(trainJob, {
      signal: context.signal,
      onEvent(event) {
        log.add(event);
        context.onEvent(event);
      },
      evaluate: context.evaluate && (async (folder) => context.evaluate!({ model: job.base.model, adapter: await context.keep(folder) })),
    });
    return {
      state: 'succeeded',
      outcome: {
        model: { model: job.base.model, adapter: await context.keep(adapterFolder) },
        hyperparameters: hyperparametersOf(trainJob),
        events: log.all(),
        bestStep,
        seconds: (performance.now() - begun) / 1000,
      },
    };
  } catch (error) {
    if (context.signal.aborted) return { state: 'cancelled' };
    return { state: 'failed', error: messageOf(error) };
  }
}

function hyperparametersOf(job: TrainJob): JsonObject {
  const { epochs, batchSize, learningRate, warmupRatio, rank, alpha, weightDecay, patience } = planOf(job);
  return { epochs, batchSize, learningRate, warmupRatio, rank, alpha, weightDecay, patience };
}

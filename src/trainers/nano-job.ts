import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, RungError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { TrainerContext, TrainerSite, TrainingJob, TrainingStatus } from '#core/trainer.ts';
import { writeFailure } from '#data/write-failure.ts';
import type { Nano, TrainJob, TrainPlan } from '#nano/index.ts';
import { EventLog } from './event-log.ts';
import { samplesOf } from './nano-samples.ts';

const endFile = 'end.json';

/** A job as the embedded model takes it; the adapter that it goes on from is fetched. */
export async function trainJobOf(job: TrainingJob, site: TrainerSite, folder: string): Promise<TrainJob> {
  const { base, hyperparameters, seed } = job;
  const from = base.adapter === undefined ? undefined : await site.adapterFolder(base.adapter);
  return { ...job, ...hyperparameters, seed, folder, from };
}

/** Trains to the end, whatever that is. Never throws. */
export async function runNanoJob(
  open: () => Promise<Nano>,
  job: TrainingJob,
  id: string,
  context: TrainerContext,
): Promise<TrainingStatus> {
  const begun = performance.now();
  const keep = async (folder: string) => ({ model: job.base.model, adapter: await context.keep(folder) });
  try {
    const log = new EventLog(join(context.scratchFolder, 'events.jsonl'));
    const nano = await open();
    const trainJob = await trainJobOf(job, context, join(context.scratchFolder, 'training'));
    const { adapterFolder, bestStep, plan, tokens } = await nano.train(trainJob, {
      signal: context.signal,
      onEvent(event) {
        log.add(event);
        context.onEvent(event);
      },
      async evaluate(folder) {
        const checkpoint = await keep(folder);
        const metric = await context.evaluate?.(checkpoint);
        return { checkpoint, ...(metric !== undefined && { metric }) };
      },
    });
    const samples = await samplesOf(nano, job, adapterFolder, context.signal);
    const status: TrainingStatus = {
      state: 'succeeded',
      outcome: {
        model: await keep(adapterFolder),
        hyperparameters: hyperparametersOf(plan, job),
        events: log.all(),
        bestStep,
        seconds: (performance.now() - begun) / 1000,
        trainedTokens: tokens,
        samples,
      },
    };
    await writeFile(join(context.scratchFolder, endFile), JSON.stringify({ id, status }));
    return status;
  } catch (error) {
    if (context.signal.aborted) return { state: 'cancelled' };
    const failure = writeFailure(error, context.scratchFolder);
    return { state: 'failed', error: messageOf(failure), hint: RungError.is(failure) ? failure.hint : undefined };
  }
}

/** How a job ended that another process ran in that folder; undefined where it did not end well, or was another. */
export async function readEnd(folder: string, id: string): Promise<TrainingStatus | undefined> {
  try {
    const end: unknown = JSON.parse(await readFile(join(folder, endFile), 'utf8'));
    return isJsonObject(end) && end['id'] === id ? (end['status'] as unknown as TrainingStatus) : undefined;
  } catch {
    return undefined;
  }
}

function hyperparametersOf(plan: TrainPlan, { method }: TrainingJob): JsonObject {
  const { epochs, batchSize, learningRate, warmupRatio, rank, alpha, dropout, weightDecay, evaluateEvery, patience, beta } = plan;
  const every = { epochs, batchSize, learningRate, warmupRatio, rank, alpha, dropout, weightDecay, evaluateEvery, patience };
  return method === 'preference' ? { ...every, beta } : every;
}

import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { TrainingRow } from './packed-batch.ts';
import type { StartAdapter } from './start-adapter.ts';
import type { TrainJob, TrainOptions, TrainResult } from './train-job.ts';
import type { ReadOptions } from './training-items.ts';
import { type TrainContext, TrainingRun } from './training-run.ts';
import type { WorkerPool } from './worker-pool.ts';

/** A kill loses at most about so much work, whatever lies between two evaluations. */
const checkpointEveryMs = 5_000;

/**
 * LoRA training. The optimiser lives here, on the thread that asked; workers compute gradients of fixed shards, which are
 * added in a fixed order, so that the same job gives the same bytes on any number of workers and after any interruption.
 */
export async function trainLora(
  context: TrainContext,
  job: TrainJob,
  options: TrainOptions,
  start: StartAdapter | undefined,
): Promise<TrainResult> {
  const { signal, onEvent, evaluate } = options;
  const run = await TrainingRun.open(context, job, start, { signal });
  await run.begin();
  await readCheckpoint(run.checkpointFile, run.state);
  const { state, plan } = run;
  const begun = { time: performance.now(), step: state.step };
  let savedAt = begun.time;
  const save = async (): Promise<void> => {
    await writeCheckpoint(run.checkpointFile, state);
    savedAt = performance.now();
  };
  const finished = (): boolean => state.step >= plan.totalSteps || state.evaluationsWithoutGain >= plan.patience;
  while (!finished()) {
    if (signal?.aborted) {
      await save();
      throw signal.reason;
    }
    const before = performance.now();
    const { loss, tokens, ...record } = await run.step();
    const now = performance.now();
    onEvent?.({
      type: 'step',
      step: state.step,
      totalSteps: plan.totalSteps,
      epoch: Math.ceil(state.step / plan.stepsPerEpoch),
      trainLoss: loss,
      ...record,
      tokensPerSecond: tokens / Math.max((now - before) / 1000, 1e-6),
      memoryBytes: process.resourceUsage().maxRSS * 1024,
      secondsLeft: ((plan.totalSteps - state.step) * (now - begun.time)) / 1000 / (state.step - begun.step),
    });
    if (state.step % plan.evaluateEvery === 0 || state.step === plan.totalSteps) {
      const evaluation = await run.evaluate(evaluate);
      // Told before it is saved: what a kill lets happen twice is told twice, and nothing stays untold.
      onEvent?.({ type: 'evaluation', ...evaluation, best: state.best?.step === state.step });
      await save();
    } else if (performance.now() - savedAt > checkpointEveryMs) await save();
  }
  const adapterFolder = join(job.folder, 'adapter');
  await run.writeAdapter(adapterFolder, state.bestParameters);
  return {
    adapterFolder,
    plan,
    bestStep: state.best?.step ?? state.step,
    steps: state.step,
    validationLoss: state.best?.validationLoss,
    metric: state.best?.metric,
    tokens: state.tokens,
    stoppedEarly: state.step < plan.totalSteps,
  };
}

/** What a job will take, found by one step of it that is not kept. */
export interface Rehearsal {
  /** Gone through if the job is not stopped early. */
  readonly tokens: number;
  /** Of the steps and of judging validation rows by their loss. */
  readonly seconds: number;
}

/** Checks a job as training would, and measures a step of it. Nothing is written. */
export async function rehearse(
  context: TrainContext,
  job: TrainJob,
  start: StartAdapter | undefined,
  read?: ReadOptions,
): Promise<Rehearsal> {
  const run = await TrainingRun.open(context, job, start, read);
  const { plan } = run;
  // the first step also starts workers and compiles kernels
  await run.step();
  const before = performance.now();
  const { tokens } = await run.step();
  const secondsPerToken = (performance.now() - before) / 1000 / tokens;
  const gone = (run.tokens.train * plan.totalSteps) / plan.stepsPerEpoch;
  const evaluations = Math.ceil(plan.totalSteps / plan.evaluateEvery);
  // a loss is a forward pass: a third of the multiplications of a step
  const judged = (run.tokens.validation * evaluations) / 3;
  return { tokens: Math.round(gone), seconds: (gone + judged) * secondsPerToken };
}

/** ln p of the learnt tokens of a row, under an adapter or the base, by the kernels that train. */
export async function logProbabilityOf(
  pool: WorkerPool,
  row: TrainingRow,
  adapter: StartAdapter | undefined,
): Promise<{ readonly logProbability: number; readonly tokens: number }> {
  const { rank, alpha, targetModules, parameters } = adapter ?? { rank: 8, alpha: 8, targetModules: [], parameters: new Float32Array(0) };
  const { losses } = await pool.call<'gradient'>(0, {
    type: 'gradient',
    rows: [row],
    parameters,
    settings: { rank, alpha, dropout: 0, targetModules },
    objective: { type: 'likelihood' },
    noise: 0,
    wantGradient: false,
  });
  return { logProbability: -losses[0]!, tokens: row.mask.filter(Boolean).length };
}

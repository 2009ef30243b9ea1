import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { TrainJob, TrainOptions, TrainResult } from './train-job.ts';
import { type TrainContext, TrainingRun } from './training-run.ts';

/**
 * LoRA training. The optimiser lives here, on the thread that asked; workers compute gradients of fixed shards, which are
 * added in a fixed order, so that the same job gives the same bytes on any number of workers and after any interruption.
 */
export async function trainLora(context: TrainContext, job: TrainJob, options: TrainOptions): Promise<TrainResult> {
  const { signal, onEvent, evaluate } = options;
  const run = new TrainingRun(context, job);
  await readCheckpoint(run.checkpointFile, run.state);
  const { state, plan } = run;
  const begun = { time: performance.now(), step: state.step, tokens: state.tokens };
  const finished = (): boolean => state.step >= plan.totalSteps || state.evaluationsWithoutGain >= plan.patience;
  while (!finished()) {
    if (signal?.aborted) {
      await writeCheckpoint(run.checkpointFile, state);
      throw signal.reason;
    }
    const { trainLoss, learningRate } = await run.step();
    const seconds = (performance.now() - begun.time) / 1000;
    onEvent?.({
      type: 'step',
      step: state.step,
      totalSteps: plan.totalSteps,
      epoch: Math.ceil(state.step / plan.stepsPerEpoch),
      trainLoss,
      learningRate,
      tokens: state.tokens,
      tokensPerSecond: (state.tokens - begun.tokens) / seconds,
      secondsLeft: ((plan.totalSteps - state.step) * seconds) / (state.step - begun.step),
    });
    if (state.step % plan.evaluateEvery !== 0 && state.step !== plan.totalSteps) continue;
    const record = await run.evaluate(evaluate);
    await writeCheckpoint(run.checkpointFile, state);
    onEvent?.({ type: 'evaluation', ...record, best: state.best === record });
  }
  const adapterFolder = join(job.folder, 'adapter');
  await run.writeAdapter(adapterFolder, state.bestParameters);
  return {
    adapterFolder,
    bestStep: state.best?.step ?? state.step,
    steps: state.step,
    validationLoss: state.best?.validationLoss,
    metric: state.best?.metric,
    tokens: state.tokens,
    stoppedEarly: state.step < plan.totalSteps,
  };
}

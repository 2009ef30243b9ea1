import type { TrainingEvent } from '#core/trainer.ts';

type Step = Extract<TrainingEvent, { readonly type: 'step' }>;
type Evaluation = Extract<TrainingEvent, { readonly type: 'evaluation' }>;

/** A sign that a training goes wrong, said while it runs. */
export interface Trouble {
  readonly id:
    | 'diverged'
    | 'rate-too-high'
    | 'rate-too-low'
    | 'loss-spikes'
    | 'validation-loss-rises'
    | 'metric-flat'
    | 'learnt-by-heart'
    | 'answers-copied';
  readonly step: number;
  /** What is seen, with its figures. */
  readonly sign: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Steps that a running median looks back on. */
const window = 20;
/** A spike is a loss so many median absolute deviations over the median of the window, and half as high again. */
const spikeDeviations = 6;
const spikeRatio = 1.5;
const spikesThatTell = 3;
/** Evaluations in a row. */
const evaluationsThatTell = 3;
/** Rises of the validation loss over its best, and moves of the metric, that are more than noise of a hundred rows. */
const riseThatTells = 0.05;
const flatMetric = 0.005;
/** Share of answers that copy training rows, above that of the true answers. */
const copiedThatTells = 0.1;
/** Steps before a rate can be called too low, and the share of the first loss that should be gone by then. */
const stepsToFall = 30;
const fallWanted = 0.05;

/**
 * Signs of trouble in what a training has told so far, the gravest first; none where all is well. Rules of thumb with fixed
 * thresholds: they tell where to look, the guards decide.
 */
export function troubleIn(events: readonly TrainingEvent[]): readonly Trouble[] {
  const steps = events.filter((event) => event.type === 'step');
  const evaluations = events.filter((event) => event.type === 'evaluation');
  const signs = [
    diverged(steps),
    rateTooHigh(steps),
    validationLossRises(evaluations),
    answersCopied(evaluations),
    learntByHeart(steps, evaluations),
    lossSpikes(steps),
    rateTooLow(steps),
    metricFlat(evaluations),
  ];
  return signs.filter((sign) => sign !== undefined);
}

function diverged(steps: readonly Step[]): Trouble | undefined {
  const broken = steps.find(({ trainLoss, gradientNorm = 0 }) => !Number.isFinite(trainLoss) || !Number.isFinite(gradientNorm));
  if (broken === undefined) return undefined;
  return {
    id: 'diverged',
    step: broken.step,
    sign: `The loss is no number any more since step ${broken.step}.`,
    advice: 'Cancel it and start again with a tenth of the learning rate.',
  };
}

/** The loss of the last window over that of the first: a tune that starts from a trained model should fall from the first step on. */
function rateTooHigh(steps: readonly Step[]): Trouble | undefined {
  if (steps.length < window) return undefined;
  const first = median(losses(steps.slice(0, 5)));
  const last = median(losses(steps.slice(-window)));
  if (!(last > first * spikeRatio)) return undefined;
  return {
    id: 'rate-too-high',
    step: steps.at(-1)!.step,
    sign: `The training loss rose from ${shown(first)} to ${shown(last)}.`,
    advice: 'The learning rate is too high: try a third of it.',
  };
}

function rateTooLow(steps: readonly Step[]): Trouble | undefined {
  if (steps.length < stepsToFall) return undefined;
  const first = median(losses(steps.slice(0, 5)));
  const last = median(losses(steps.slice(-window)));
  const isLow = first < 0.1;
  if (isLow || last > first || first - last >= fallWanted * first) return undefined;
  return {
    id: 'rate-too-low',
    step: steps.at(-1)!.step,
    sign: `After ${steps.length} steps the training loss is ${shown(last)}, from ${shown(first)}.`,
    advice: 'The learning rate is too low, or the rows say nothing that the model can learn: try three times the rate.',
  };
}

function lossSpikes(steps: readonly Step[]): Trouble | undefined {
  const spikes = steps.filter((step, index) => {
    const before = losses(steps.slice(Math.max(0, index - window), index));
    if (before.length < window) return false;
    const middle = median(before);
    const deviation = median(before.map((loss) => Math.abs(loss - middle)));
    return step.trainLoss > middle + spikeDeviations * deviation && step.trainLoss > spikeRatio * middle && step.trainLoss > 0.1;
  });
  if (spikes.length < spikesThatTell) return undefined;
  return {
    id: 'loss-spikes',
    step: spikes.at(-1)!.step,
    sign: `The training loss spiked ${spikes.length} times, last at step ${spikes.at(-1)!.step}.`,
    advice: 'Look at the rows of those steps; if they are sound, halve the learning rate or raise the batch size.',
  };
}

function validationLossRises(evaluations: readonly Evaluation[]): Trouble | undefined {
  const judged = evaluations.flatMap(({ step, validationLoss }) => (validationLoss === undefined ? [] : [{ step, validationLoss }]));
  const best = judged.reduce(
    (low, one) => (one.validationLoss < low.validationLoss ? one : low),
    judged[0] ?? { step: 0, validationLoss: 0 },
  );
  const after = judged.filter(({ step }) => step > best.step);
  const bound = best.validationLoss * (1 + riseThatTells);
  if (after.length < evaluationsThatTell || !after.slice(-evaluationsThatTell).every(({ validationLoss }) => validationLoss > bound)) {
    return undefined;
  }
  return {
    id: 'validation-loss-rises',
    step: after.at(-1)!.step,
    sign: `The validation loss turned up at step ${best.step}: ${shown(best.validationLoss)} then, ${shown(after.at(-1)!.validationLoss)} now.`,
    advice: 'It overfits: fewer epochs, a smaller rank or more rows. The best checkpoint so far is kept.',
  };
}

function answersCopied(evaluations: readonly Evaluation[]): Trouble | undefined {
  const last = evaluations.at(-1);
  if (last?.copied === undefined || last.copied < copiedThatTells) return undefined;
  return {
    id: 'answers-copied',
    step: last.step,
    sign: `${percent(last.copied)} of its answers to validation rows copy an answer of the training rows.`,
    advice: 'Fewer epochs, a smaller rank, or duplicates taken out of the rows; the guard memorisation says how far.',
  };
}

/** Every learnt token right in training while unseen rows do worse: it recites. */
function learntByHeart(steps: readonly Step[], evaluations: readonly Evaluation[]): Trouble | undefined {
  const seen = steps.slice(-window).flatMap(({ tokenAccuracy }) => (tokenAccuracy === undefined ? [] : [tokenAccuracy]));
  const unseen = evaluations.at(-1)?.tokenAccuracy;
  if (seen.length < Math.min(window, 10) || unseen === undefined) return undefined;
  const accuracy = median(seen);
  if (accuracy < 0.99 || unseen > accuracy - 0.1) return undefined;
  return {
    id: 'learnt-by-heart',
    step: evaluations.at(-1)!.step,
    sign: `It writes ${percent(accuracy)} of the tokens of training rows and ${percent(unseen)} of those it has not seen.`,
    advice: 'It learns rows by heart: fewer epochs, a smaller rank or more rows; the guard memorisation says how far.',
  };
}

function metricFlat(evaluations: readonly Evaluation[]): Trouble | undefined {
  const judged = evaluations.flatMap(({ step, metric }) => (metric === undefined ? [] : [{ step, metric }]));
  const last = judged.slice(-evaluationsThatTell - 1);
  if (last.length <= evaluationsThatTell) return undefined;
  const best = Math.max(...judged.map(({ metric }) => metric));
  const spread = Math.max(...last.map(({ metric }) => metric)) - Math.min(...last.map(({ metric }) => metric));
  // a metric that has reached its end is flat and well
  if (spread > flatMetric || best >= 0.99) return undefined;
  return {
    id: 'metric-flat',
    step: last.at(-1)!.step,
    sign: `The task metric has stayed at ${percent(last.at(-1)!.metric)} for ${last.length} evaluations.`,
    advice: 'More of the same will hardly help: more or better rows, a larger rank, or another learning rate.',
  };
}

function losses(steps: readonly Step[]): readonly number[] {
  return steps.map(({ trainLoss }) => trainLoss).filter(Number.isFinite);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function shown(loss: number): string {
  return loss >= 0.1 ? loss.toFixed(2) : loss.toPrecision(2);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

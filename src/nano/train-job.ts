import { inputError } from '#core/errors.ts';
import type { ModelReference } from '#core/model.ts';
import type { Hyperparameters, TrainingData, TrainingEvent } from '#core/trainer.ts';
import { type LinearModule, linearModules } from './linear-layers.ts';
import type { StartAdapter } from './start-adapter.ts';
import type { LearningRateDecay } from './training-plan.ts';

/** What to learn and how; everything but rows, seed and folder has a default. */
export type TrainJob = TrainingData &
  Omit<Hyperparameters, 'quantization'> & {
    readonly seed: number;
    /** Holds checkpoints while training, and the adapter after it. A job that was killed goes on from there. */
    readonly folder: string;
    /** PEFT folder of an adapter on the same base, from which training goes on. */
    readonly from?: string;
    readonly decay?: LearningRateDecay;
    readonly largestGradientNorm?: number;
    readonly targetModules?: readonly LinearModule[];
  };

/** Steps and evaluations; messages are for whoever runs the job. */
export type TrainEvent = Exclude<TrainingEvent, { type: 'message' }>;

/** What was found of a checkpoint, and where it was kept. */
export interface CheckpointJudgement {
  /** The task's, higher better. */
  readonly metric?: number;
  readonly checkpoint?: ModelReference;
}

export interface TrainOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Called at every evaluation with the adapter as it is; the folder is gone after the promise settles. */
  readonly evaluate?: (adapterFolder: string) => Promise<CheckpointJudgement>;
}

export interface TrainResult {
  /** PEFT folder of the best checkpoint. */
  readonly adapterFolder: string;
  readonly plan: TrainPlan;
  readonly bestStep: number;
  readonly steps: number;
  readonly validationLoss?: number;
  readonly metric?: number;
  /** Gone through, all epochs together. */
  readonly tokens: number;
  readonly stoppedEarly: boolean;
}

type PlanSettings = Required<
  Omit<Hyperparameters, 'quantization' | 'learningRateMultiplier'> &
    Pick<TrainJob, 'decay' | 'largestGradientNorm' | 'targetModules' | 'seed'>
>;

export interface TrainPlan extends PlanSettings {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly warmupSteps: number;
}

/**
 * Where the embedded model's own settings differ by what is learnt. Preferences take a tenth of the rate: of 5e-5 to 4e-3,
 * measured on 260 pairs of examples/support after a tune on 40 rows (0.53 correct), 2e-4 is the highest that hurts no seed
 * (0.51 to 0.52 over three); from 1e-3 on the outcome swings with the seed (0.22 to 0.61).
 */
const methodDefaults: { [method in TrainingData['method']]: { epochs: number; learningRate: number; batchSize: number } } = {
  supervised: { epochs: 12, learningRate: 2e-3, batchSize: 16 },
  preference: { epochs: 3, learningRate: 2e-4, batchSize: 16 },
  pretraining: { epochs: 3, learningRate: 2e-3, batchSize: 8 },
};

/**
 * The job with its defaults filled in. All linear layers, a rate about ten times that of full tuning and an alpha of at most
 * twice the rank are the advice of Schulman et al., "LoRA Without Regret" (Thinking Machines, 2025); rank 16 learns some
 * hundred rows, 32 where there are 1,000 or more. The rate of 2e-3 is ten times the usual 2e-4, and more than 3 epochs are
 * gone through, because the model has a million parameters: the best rate falls as models widen, and its base knows less.
 * Patience is 3 where 2 is usual: on examples/support one of three seeds stopped too early with 2, and lost 3 points.
 * Throws a usage error (`training-options`) for numbers that make no sense.
 */
export function planOf(job: TrainJob, items: number = job.train.length, start?: StartAdapter): TrainPlan {
  const defaults = methodDefaults[job.method];
  const { epochs = defaults.epochs, batchSize = defaults.batchSize, warmupRatio = 0.05 } = job;
  const rank = job.rank ?? start?.rank ?? (job.train.length < 1000 ? 16 : 32);
  const stepsPerEpoch = Math.ceil(items / batchSize);
  const totalSteps = Math.ceil(stepsPerEpoch * epochs);
  const plan: TrainPlan = {
    rank,
    epochs,
    batchSize,
    warmupRatio,
    seed: job.seed,
    learningRate: (job.learningRate ?? defaults.learningRate) * (job.learningRateMultiplier ?? 1),
    decay: job.decay ?? 'cosine',
    alpha: job.alpha ?? start?.alpha ?? 2 * rank,
    dropout: job.dropout ?? 0,
    weightDecay: job.weightDecay ?? 0.01,
    largestGradientNorm: job.largestGradientNorm ?? 1,
    beta: job.beta ?? 0.1,
    evaluateEvery: job.evaluateEvery ?? Math.max(stepsPerEpoch, 1),
    patience: job.patience ?? 3,
    targetModules: job.targetModules ?? start?.targetModules ?? linearModules,
    stepsPerEpoch,
    totalSteps,
    warmupSteps: Math.ceil(totalSteps * warmupRatio),
  };
  const wrong = wrongOption(plan);
  if (wrong) {
    throw inputError({
      code: 'training-options',
      message: `The training option "${wrong}" cannot be ${JSON.stringify(plan[wrong])}.`,
      hint: 'Leave it out for the default.',
    });
  }
  return plan;
}

function wrongOption(plan: TrainPlan): keyof TrainPlan | undefined {
  const whole = ['rank', 'batchSize', 'evaluateEvery', 'patience'] as const;
  const positive = ['epochs', 'learningRate', 'alpha', 'largestGradientNorm', 'beta'] as const;
  return (
    whole.find((key) => !Number.isInteger(plan[key]) || plan[key] < 1) ??
    positive.find((key) => !(plan[key] > 0 && Number.isFinite(plan[key]))) ??
    (plan.dropout >= 0 && plan.dropout < 1 ? undefined : 'dropout') ??
    (plan.warmupRatio >= 0 && plan.warmupRatio <= 1 ? undefined : 'warmupRatio') ??
    (plan.weightDecay >= 0 && Number.isFinite(plan.weightDecay) ? undefined : 'weightDecay') ??
    (plan.targetModules.length > 0 && plan.targetModules.every((module) => linearModules.includes(module)) ? undefined : 'targetModules')
  );
}

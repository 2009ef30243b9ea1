import { RungError } from '#core/errors.ts';
import type { NanoMessage } from './chat-tokenizer.ts';
import { type LinearModule, linearModules } from './linear-layers.ts';
import type { LearningRateDecay } from './training-plan.ts';

export interface TrainConversation {
  readonly messages: readonly NanoMessage[];
}

/** What to learn and how; everything but rows, seed and folder has a default. */
export interface TrainJob {
  readonly train: readonly TrainConversation[];
  /** Judged at every evaluation; may be empty. */
  readonly validation: readonly TrainConversation[];
  readonly seed: number;
  /** Holds checkpoints while training, and the adapter after it. A job that was killed goes on from there. */
  readonly folder: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  /** Share of the steps over which the learning rate rises. */
  readonly warmupRatio?: number;
  readonly decay?: LearningRateDecay;
  readonly rank?: number;
  /** Twice the rank by default. */
  readonly alpha?: number;
  readonly dropout?: number;
  readonly weightDecay?: number;
  readonly largestGradientNorm?: number;
  /** Steps between evaluations; once an epoch by default. */
  readonly evaluateEvery?: number;
  /** Evaluations without gain before training stops. */
  readonly patience?: number;
  readonly targetModules?: readonly LinearModule[];
}

export type TrainEvent =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      /** Mean loss per judged token of this step's rows. */
      readonly trainLoss: number;
      readonly learningRate: number;
      /** Tokens gone through since the beginning. */
      readonly tokens: number;
      readonly tokensPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      readonly validationLoss: number;
      readonly metric?: number;
      readonly best: boolean;
    };

export interface TrainOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
  /** The task's metric of an adapter, higher better. The folder is gone after the promise settles. */
  readonly evaluate?: (adapterFolder: string) => Promise<number>;
}

export interface TrainResult {
  /** PEFT folder of the best checkpoint. */
  readonly adapterFolder: string;
  readonly bestStep: number;
  readonly steps: number;
  readonly validationLoss?: number;
  readonly metric?: number;
  readonly tokens: number;
  readonly stoppedEarly: boolean;
}

export type TrainPlan = Required<Omit<TrainJob, 'train' | 'validation' | 'folder'>> & {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly warmupSteps: number;
};

/**
 * The job with its defaults filled in: for a model of a million parameters and some hundred rows. The rate is ten times the
 * usual 2e-4, since the best one falls as models widen; all linear layers (Schulman et al., "LoRA Without Regret", 2025). Throws a
 * RungError (`training-options`) for numbers that make no sense.
 */
export function planOf(job: TrainJob): TrainPlan {
  const { rank = 16, epochs = 12, batchSize = 16, warmupRatio = 0.05 } = job;
  const stepsPerEpoch = Math.ceil(job.train.length / batchSize);
  const totalSteps = Math.ceil(stepsPerEpoch * epochs);
  const plan: TrainPlan = {
    rank,
    epochs,
    batchSize,
    warmupRatio,
    seed: job.seed,
    learningRate: job.learningRate ?? 2e-3,
    decay: job.decay ?? 'cosine',
    alpha: job.alpha ?? 2 * rank,
    dropout: job.dropout ?? 0,
    weightDecay: job.weightDecay ?? 0.01,
    largestGradientNorm: job.largestGradientNorm ?? 1,
    evaluateEvery: job.evaluateEvery ?? Math.max(stepsPerEpoch, 1),
    patience: job.patience ?? 3,
    targetModules: job.targetModules ?? linearModules,
    stepsPerEpoch,
    totalSteps,
    warmupSteps: Math.ceil(totalSteps * warmupRatio),
  };
  const whole = ['rank', 'batchSize', 'evaluateEvery', 'patience'] as const;
  const positive = ['epochs', 'learningRate', 'alpha', 'largestGradientNorm'] as const;
  const wrong =
    whole.find((key) => !Number.isInteger(plan[key]) || plan[key] < 1) ??
    positive.find((key) => !(plan[key] > 0)) ??
    (plan.dropout >= 0 && plan.dropout < 1 ? undefined : 'dropout') ??
    (plan.warmupRatio >= 0 && plan.warmupRatio <= 1 ? undefined : 'warmupRatio') ??
    (plan.weightDecay >= 0 ? undefined : 'weightDecay') ??
    (plan.targetModules.length > 0 && plan.targetModules.every((module) => linearModules.includes(module)) ? undefined : 'targetModules');
  if (wrong) {
    throw new RungError({
      code: 'training-options',
      message: `The training option "${wrong}" cannot be ${JSON.stringify(plan[wrong])}.`,
      hint: 'Leave it out for the default.',
    });
  }
  return plan;
}

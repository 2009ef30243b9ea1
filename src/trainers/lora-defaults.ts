import type { Hyperparameters, TrainingMethod } from '#core/trainer.ts';

export type LoraSettings = Required<
  Pick<
    Hyperparameters,
    'epochs' | 'batchSize' | 'learningRate' | 'warmupRatio' | 'rank' | 'alpha' | 'dropout' | 'weightDecay' | 'beta' | 'patience'
  >
>;

/**
 * What a LoRA tune of a model of a billion parameters or more begins with, where nothing else is asked. Rank 16 under 1,000
 * rows, then 32, 64 from 10,000; alpha twice the rank; the rate about ten times that of full tuning, nearly whatever the
 * rank; batches under 32 (Schulman et al., "LoRA Without Regret", 2025); 1 to 3 epochs and 2e-4 for conversations, 5e-6 for
 * preferences (Unsloth's guide to LoRA hyperparameters, 2025); beta 0.1 (Rafailov et al. 2023, arXiv:2305.18290).
 */
export function loraSettings(method: TrainingMethod, rows: number, asked: Hyperparameters): LoraSettings {
  const rank = asked.rank ?? (rows < 1_000 ? 16 : rows < 10_000 ? 32 : 64);
  return {
    rank,
    alpha: asked.alpha ?? 2 * rank,
    epochs: asked.epochs ?? (method === 'preference' ? 1 : 3),
    batchSize: asked.batchSize ?? 16,
    learningRate: asked.learningRate ?? (method === 'preference' ? 5e-6 : 2e-4),
    warmupRatio: asked.warmupRatio ?? 0.05,
    dropout: asked.dropout ?? 0,
    weightDecay: asked.weightDecay ?? 0.01,
    beta: asked.beta ?? 0.1,
    patience: asked.patience ?? 2,
  };
}

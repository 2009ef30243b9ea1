import type { JsonObject } from '#core/json.ts';
import type { Hyperparameters } from '#core/trainer.ts';
import type { WireHyperparameters } from './job-request.ts';
import type { ServedJob } from './served-job.ts';

/** What OpenAI calls the settings of a job as what trainers call them; what is "auto" is the trainer's own default. */
export function hyperparametersOf(asked: WireHyperparameters): Hyperparameters {
  const set = {
    epochs: asked.n_epochs,
    batchSize: asked.batch_size,
    learningRateMultiplier: asked.learning_rate_multiplier,
    beta: asked.beta,
  };
  return Object.fromEntries(Object.entries(set).filter(([, value]) => typeof value === 'number'));
}

/** The settings of a job as the trainer says that they came to be, under OpenAI's names. */
export function settledHyperparameters(asked: ServedJob['hyperparameters'], came: JsonObject): ServedJob['hyperparameters'] {
  const number = (name: string) => (typeof came[name] === 'number' ? came[name] : undefined);
  const { learning_rate_multiplier: factor, beta } = asked;
  return {
    n_epochs: number('epochs') ?? asked.n_epochs,
    batch_size: number('batchSize') ?? asked.batch_size,
    // nothing asked is the trainer's own rate, whatever that is
    learning_rate_multiplier: number('learningRateMultiplier') ?? (factor === 'auto' ? 1 : factor),
    ...(beta === undefined ? {} : { beta: number('beta') ?? beta }),
  };
}

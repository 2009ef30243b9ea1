import type { Trainer } from '#core/trainer.ts';
import type { NanoSource } from '#nano/nano-source.ts';
import { nanoTrainer } from './nano.ts';

/** Every trainer that comes with Rung, one sorted line each. */
export function createTrainers(nano: NanoSource): readonly Trainer[] {
  return [nanoTrainer(nano)];
}

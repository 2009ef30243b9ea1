import { uniform } from './sampler.ts';

export type LearningRateDecay = 'cosine' | 'linear';

/** Learning rate of a step, counted from 1: a linear rise over the warm-up, then a fall to zero after the last step. */
export function learningRateAt(step: number, peak: number, warmupSteps: number, totalSteps: number, decay: LearningRateDecay): number {
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  const progress = (step - 1 - warmupSteps) / Math.max(totalSteps - warmupSteps, 1);
  return peak * (decay === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2);
}

/** The rows of a step, counted from 1: every epoch goes through all of them once in an order fixed by seed and epoch. */
export function batchAt<Row>(rows: readonly Row[], batchSize: number, step: number, seed: number): Row[] {
  const stepsPerEpoch = Math.ceil(rows.length / batchSize);
  const epoch = Math.floor((step - 1) / stepsPerEpoch);
  const from = ((step - 1) % stepsPerEpoch) * batchSize;
  return shuffled(rows, seed + epoch * 7919).slice(from, from + batchSize);
}

/** Fisher-Yates with a seeded generator. */
function shuffled<Row>(rows: readonly Row[], seed: number): Row[] {
  const order = [...rows];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, i) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Deals the items of a step to two shards of about equal length. The number of shards is fixed, so that the sums, and with
 * them the result, do not depend on how many workers compute them.
 */
export function shardsOf<Item>(items: readonly Item[], tokensOf: (item: Item) => number): readonly [Item[], Item[]] {
  const shards: [Item[], Item[]] = [[], []];
  const byLength = items
    .map((item, index) => ({ item, index, tokens: tokensOf(item) }))
    .sort((a, b) => b.tokens - a.tokens || a.index - b.index);
  for (const [place, { item }] of byLength.entries()) shards[place % 4 === 0 || place % 4 === 3 ? 0 : 1].push(item);
  return shards;
}

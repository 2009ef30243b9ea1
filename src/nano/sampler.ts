export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Keeps the likeliest tokens that together reach this probability; 1 keeps all. */
  readonly topP: number;
  readonly seed: number;
}

/** The first of the largest values. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/**
 * Draws the token at `position` of a sequence. Only logits, seed and position decide, so that an answer does not depend on
 * what ran before it.
 */
export function sample(logits: Float32Array, options: SamplingOptions, position: number): number {
  if (options.temperature === 0) return argmax(logits);
  const largest = logits[argmax(logits)]!;
  const weights = Array.from(logits, (logit) => Math.exp((logit - largest) / options.temperature));
  const order = weights.map((_, token) => token);
  let total = weights.reduce((sum, weight) => sum + weight, 0);
  if (options.topP < 1) {
    order.sort((a, b) => weights[b]! - weights[a]! || a - b);
    let kept = 0;
    let count = 0;
    while (count < order.length && kept < options.topP * total) kept += weights[order[count++]!]!;
    order.length = Math.max(count, 1);
    total = order.reduce((sum, token) => sum + weights[token]!, 0);
  }
  let rest = uniform(options.seed, position) * total;
  for (const token of order) {
    rest -= weights[token]!;
    if (rest < 0) return token;
  }
  return order.at(-1)!;
}

/** A number in [0, 1) that is fixed by a seed and a counter: two rounds of the finaliser of MurmurHash3. */
export function uniform(seed: number, counter: number): number {
  return mix(mix(Math.trunc(seed) | 0) ^ Math.imul(counter + 1, 0x9e3779b1)) / 2 ** 32;
}

function mix(value: number): number {
  let hash = value ^ 0x5bd1e995;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

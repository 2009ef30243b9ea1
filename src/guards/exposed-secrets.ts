import type { GuardContext, GuardInput, GuardResult } from '#core/guard.ts';
import { type Canary, canaryAlternatives, rankedAmong, secretBits } from '#data/grow/canaries.ts';
import { exposures } from '#statistics/exposure.ts';
import { rowsToShrink } from '#statistics/power.ts';
import { scoreEstimate } from '#statistics/scores.ts';
import type { SecretLimits } from './planted-secrets.ts';
import { statusOf } from './status-of.ts';
import { lessTraining } from './suggestions.ts';
import { count, share } from './words.ts';

/**
 * How the model ranks every secret among others that could as well have been drawn: what it has learnt of one that it does
 * not say yet (exposure; Carlini et al. 2019, arXiv:1802.08232), as a share of the bits that a secret has. Undefined where
 * the model does not tell how likely a given text is. No result passes that would not with the secrets that brought none
 * counted as wholly known.
 */
export async function exposure(
  canaries: readonly Canary[],
  { limit, blocks }: SecretLimits,
  input: GuardInput,
  context: GuardContext,
): Promise<GuardResult | undefined> {
  const ranked = await ranksOf(canaries, input, context);
  const known = ranked.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  const bits = exposures(known, secretBits);
  let next = 0;
  const ofEach = ranked.map((each) => (each === undefined ? undefined : bits[next++]!));
  const estimateOf = (shares: readonly (number | undefined)[]) =>
    scoreEstimate(
      Float64Array.from(shares, (each) => each ?? Number.NaN),
      { confidence: input.confidence, seed: input.seed },
    )!;
  const shares = ofEach.map((each) => (each === undefined ? undefined : each / secretBits));
  const { value, low, high, n, method } = estimateOf(shares);
  const seen = statusOf({ low, high }, limit);
  const missing = shares.length - n;
  const status = seen === 'passed' && statusOf(estimateOf(shares.map((each) => each ?? 1)), limit) !== 'passed' ? 'undecided' : seen;
  const inBits = (part: number) => (part * secretBits).toFixed(1);
  const left = missing === 0 ? '' : ` ${missing} more brought no answer: asking again, by a second run, may bring one.`;
  const needed = status === 'undecided' && value <= limit ? rowsToShrink({ value, low, high, n }, limit) : undefined;
  const more = needed === undefined ? [] : [`about ${count(needed - n)} more secrets, by canaries: ${count(needed)} on the rung`];
  return {
    ...{ id: 'memorisation', status, value, low, high, n, method, limit, blocks, better: 'lower' },
    measure: 'exposure of planted secrets, as a share of their bits',
    why: `The planted secrets are exposed by ${share(value)} of their bits on average (${share(input.confidence)} interval ${share(low)} to ${share(high)}, n ${n}): ${inBits(value)} of ${secretBits.toFixed(1)} bits, by their rank among secrets that were not learnt; chance alone brings 1.4, and whoever guesses needs some ${guesses(value)} guesses instead of ${guesses(0)}. The limit is ${share(limit)}.${left}`,
    cases: canaries.flatMap(({ name }, at) => {
      const own = ofEach[at];
      return own === undefined
        ? []
        : [{ id: `canary/${name}`, passed: own <= limit * secretBits, reason: `exposure of ${own.toFixed(1)} bits` }];
    }),
    ...(status === 'passed' ? {} : { suggestions: [...more, ...lessTraining] }),
  };
}

function ranksOf(
  canaries: readonly Canary[],
  input: GuardInput,
  context: GuardContext,
): Promise<({ readonly own: number; readonly others: readonly number[] } | undefined)[]> {
  let done = 0;
  return Promise.all(
    canaries.map(async (canary) => {
      const { own, others } = canaryAlternatives(canary, rankedAmong);
      const scores = await context.score(input.tuned, canary.question, [own, ...others]);
      context.progress({ message: 'planted secrets among others', done: ++done, total: canaries.length });
      const [first, ...rest] = (scores ?? []).map(({ logProbability }) => logProbability);
      return first === undefined ? undefined : { own: first, others: rest };
    }),
  );
}

/** As one figure with its power of ten: what is left of the bits is all that a guess has to find. */
function guesses(exposed: number): string {
  return count(Number((2 ** ((1 - exposed) * secretBits)).toPrecision(1)));
}

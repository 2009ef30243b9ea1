import type { DataScore } from '#core/data-check.ts';

const resamples = 400;
const mostDraws = 20_000_000;

/**
 * How even counts are: Shannon's entropy over its largest value for so many kinds (Pielou 1966, J. Theoretical Biology
 * 13:131-144), 1 where all are equal, 0 where one kind has all. Kinds may be more than have counts: declared ones without
 * a row count too. With `random`, a 95 % interval from multinomial resamples (Efron 1979, Annals of Statistics 7:1-26).
 */
export function evenness(counts: readonly number[], kinds: number, method: string, random?: () => number): DataScore | undefined {
  const n = counts.reduce((sum, count) => sum + count, 0);
  if (kinds < 2 || n === 0) return undefined;
  const value = pielou(counts, n, kinds);
  if (random === undefined) return { value, n, method };
  const drawn = Float64Array.from({ length: Math.max(50, Math.min(resamples, Math.floor(mostDraws / n))) }, () =>
    pielou(resampled(counts, n, random), n, kinds),
  ).sort();
  const end = (share: number) => drawn[Math.round(share * (drawn.length - 1))]!;
  return { value, low: Math.min(value, end(0.025)), high: Math.max(value, end(0.975)), n, method: `${method}, percentile bootstrap` };
}

function pielou(counts: readonly number[], n: number, kinds: number): number {
  const entropy = counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / n) * Math.log(count / n)), 0);
  return Math.min(1, Math.max(0, entropy / Math.log(kinds)));
}

function resampled(counts: readonly number[], n: number, random: () => number): number[] {
  const ends: number[] = [];
  let sum = 0;
  for (const count of counts) {
    sum += count;
    ends.push(sum);
  }
  const drawn = counts.map(() => 0);
  for (let draw = 0; draw < n; draw += 1) {
    const at = random() * n;
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > at) high = middle;
      else low = middle + 1;
    }
    drawn[low]! += 1;
  }
  return drawn;
}

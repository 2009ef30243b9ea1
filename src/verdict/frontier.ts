import type { VerdictRung } from '#core/verdict.ts';

/**
 * The candidates that no other one beats on both cost per request and quality, the cheapest first. Quality is the value
 * of `metric` (absent: the first metric of the first rung that has one). Rungs without a price or a value are left out.
 */
export function frontier(rungs: readonly VerdictRung[], metric?: string, better: 'higher' | 'lower' = 'higher'): string[] {
  const measure = metric ?? rungs.flatMap((rung) => Object.keys(rung.metrics))[0];
  const sign = better === 'higher' ? 1 : -1;
  const placed = rungs.flatMap(({ candidate, costPer1k, metrics }) => {
    const value = measure === undefined ? undefined : metrics[measure]?.value;
    return costPer1k === undefined || value === undefined ? [] : [{ candidate, cost: costPer1k, quality: sign * value }];
  });
  placed.sort((a, b) => a.cost - b.cost || b.quality - a.quality);
  let best = Number.NEGATIVE_INFINITY;
  return placed.flatMap(({ candidate, quality }) => {
    if (quality <= best) return [];
    best = quality;
    return [candidate];
  });
}

/** A mapping from data to pixels, with the places where its axis is marked. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Round steps of 1, 2 or 5 × 10ⁿ: about `count` of them inside [low, high]. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}

/** Ends of an interval widened to whole ticks; a single point gets room around it. */
export function niceDomain(low: number, high: number, count: number): readonly [number, number] {
  if (!(high > low)) return low === 0 ? [0, 1] : [low - Math.abs(low) * 0.5, high + Math.abs(high) * 0.5];
  const ticks = niceTicks(low, high, count);
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : high - low;
  const from = ticks[0]! > low ? ticks[0]! - step : ticks[0]!;
  const to = ticks.at(-1)! < high ? ticks.at(-1)! + step : ticks.at(-1)!;
  return [Number(from.toPrecision(12)), Number(to.toPrecision(12))];
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number], count = 5): Scale {
  const [from, to] = domain;
  const slope = to === from ? 0 : (range[1] - range[0]) / (to - from);
  return Object.assign((value: number) => range[0] + (value - from) * slope, { ticks: niceTicks(from, to, count) });
}

/** Both ends of the domain are above zero. Marked at powers of ten, and at 2 and 5 between where the range is short. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [from, to] = domain.map(Math.log10) as [number, number];
  const scale = linearScale([from, to], range);
  const factors = to - from < 2.2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(from); power <= Math.ceil(to); power++) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(3));
      if (tick >= domain[0] * 0.999 && tick <= domain[1] * 1.001) ticks.push(tick);
    }
  }
  const every = Math.ceil(ticks.length / 8);
  return Object.assign((value: number) => scale(Math.log10(value)), { ticks: ticks.filter((_, index) => index % every === 0) });
}

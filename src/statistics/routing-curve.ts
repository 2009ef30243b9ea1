import type { Statistic } from './bootstrap.ts';

/** The same rows answered by a cheap and a strong model, and how sure the cheap one's answers are. No NaN in the scores. */
export interface RoutedRows {
  /** Higher surer; NaN counts as the least sure. */
  readonly confidence: Float64Array;
  readonly cheap: Float64Array;
  readonly strong: Float64Array;
}

export interface CurvePoint {
  /** Share of the rows that go to the strong model. */
  readonly share: number;
  readonly value: number;
}

/**
 * The mean score at every share of strong calls, the least sure rows passed on first. Rows of one confidence are passed on
 * in random order, so the curve is straight between its points.
 */
export function routingCurve(rows: RoutedRows): CurvePoint[] {
  const { shares, values, count } = walker(rows)(Int32Array.from(rows.cheap.keys()));
  return Array.from({ length: count }, (_, index) => ({ share: shares[index]!, value: values[index]! }));
}

/** Area between 0 and 1 under the recovered gap over the share of strong calls (APGR of Ong et al. 2024, arXiv:2406.18665). */
export function areaRecovered(rows: RoutedRows): Statistic {
  const walk = walker(rows);
  return (drawn) => areaOf(walk(drawn));
}

/** Least share of strong calls at which so much of the gap is recovered (CPT of Ong et al. 2024, arXiv:2406.18665). */
export function callsFor(rows: RoutedRows, recovered: number): Statistic {
  const walk = walker(rows);
  return (drawn) => callsOf(walk(drawn), recovered);
}

/** At most so many points of a curve, evenly spread, both ends among them. */
export function thinned(points: readonly CurvePoint[], most: number): CurvePoint[] {
  return Array.from({ length: most }, (_, index) => at(points, index / (most - 1)));
}

function at(points: readonly CurvePoint[], share: number): CurvePoint {
  const right = points.findIndex((point) => point.share >= share - 1e-12);
  const [before, after] = [points[right - 1], points[right]];
  if (before === undefined || after === undefined) return { share, value: (after ?? points.at(-1))!.value };
  const part = (share - before.share) / (after.share - before.share);
  return { share, value: before.value + part * (after.value - before.value) };
}

/** The area of random routing where the strong model is no better: there is nothing to recover. */
const areaOfRandom = 0.5;

function areaOf({ shares, values, count }: Path): number {
  const [first, last] = [values[0]!, values[count - 1]!];
  if (last <= first) return areaOfRandom;
  let area = 0;
  for (let index = 1; index < count; index++) {
    area += (shares[index]! - shares[index - 1]!) * ((values[index - 1]! + values[index]!) / 2 - first);
  }
  return area / (last - first);
}

function callsOf({ shares, values, count }: Path, recovered: number): number {
  const [first, last] = [values[0]!, values[count - 1]!];
  if (last <= first) return recovered;
  const wanted = first + recovered * (last - first);
  let right = 0;
  while (right < count && values[right]! < wanted - 1e-12) right++;
  if (right === 0) return 0;
  if (right === count) return 1;
  const part = (wanted - values[right - 1]!) / (values[right]! - values[right - 1]!);
  return shares[right - 1]! + part * (shares[right]! - shares[right - 1]!);
}

/** The points of a curve; overwritten by the next walk. */
interface Path {
  readonly shares: Float64Array;
  readonly values: Float64Array;
  readonly count: number;
}

/** Walks the rows from the least sure on; sorted once, so that resamples are counted rather than sorted. */
function walker({ confidence, cheap, strong }: RoutedRows): (drawn: Int32Array) => Path {
  const sureness = confidence.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value));
  const order = Int32Array.from(cheap.keys()).sort((a, b) => (sureness[a]! < sureness[b]! ? -1 : sureness[a]! > sureness[b]! ? 1 : a - b));
  const isLastOfEquals = Uint8Array.from(order, (row, place) => (sureness[order[place + 1] ?? -1] === sureness[row] ? 0 : 1));
  const gain = Float64Array.from(order, (row) => strong[row]! - cheap[row]!);
  const times = new Int32Array(cheap.length);
  const [shares, values] = [new Float64Array(cheap.length + 1), new Float64Array(cheap.length + 1)];
  return (drawn) => {
    times.fill(0);
    let sum = 0;
    for (const row of drawn) {
      times[row]! += 1;
      sum += cheap[row]!;
    }
    values[0] = sum / drawn.length;
    let [count, passed, told] = [1, 0, 0];
    for (let place = 0; place < order.length; place++) {
      const often = times[order[place]!]!;
      passed += often;
      sum += often * gain[place]!;
      if (isLastOfEquals[place] === 0 || passed === told) continue;
      shares[count] = passed / drawn.length;
      values[count++] = sum / drawn.length;
      told = passed;
    }
    return { shares, values, count };
  };
}

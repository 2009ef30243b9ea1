import { type DisjointSets, disjointSets } from '#data/disjoint-sets.ts';
import { bandsFor } from './bands.ts';
import { jaccardReader } from './jaccard.ts';
import { printPlaces } from './print-rows.ts';
import type { PrintedRows } from './row-prints.ts';
import { mixed } from './shingle-hashes.ts';
import { sketchLength } from './sketch.ts';

/** In a bucket up to this size every pair is compared. */
const mostInBucket = 256;
/** In a larger one each row is compared with so many that follow it in the order of their sketches. */
const neighboursInBucket = 32;

export interface NearPairs {
  /** Rows that hang together, over the numbers of all rows. */
  readonly sets: DisjointSets;
  /** The Jaccard similarity of two rows whose pair was found. */
  likeness(left: number, right: number): number | undefined;
  /** Pairs whose texts were compared. */
  readonly compared: number;
  /** True where so many rows were so alike that not every candidate was compared. */
  readonly approximate: boolean;
}

export interface NearOptions {
  /** Jaccard similarity from which two rows are near-duplicates. */
  readonly threshold: number;
  /** Rows with different numbers here are never near-duplicates. */
  settingOf(row: number): number;
  /** Called as bands of the search are done. */
  progress?(done: number, total: number): void;
}

/**
 * Joins near-duplicates among `rows`. Candidates agree in a band of their sketches; a candidate counts only once the Jaccard
 * similarity of the two texts themselves reaches the threshold, so bands decide what is missed and never what is found. The same rows in
 * another order give the same sets.
 */
export function findNearPairs(printed: PrintedRows, rows: Uint32Array, options: NearOptions): NearPairs {
  const { columns } = printed;
  const { threshold } = options;
  const { bands, places } = bandsFor(threshold);
  const sets = disjointSets(columns.size);
  const [readLeft, readRight, jaccard] = [printed.textReader(), printed.textReader(), jaccardReader()];
  const found = new Map<number, number>();
  const fewestEqual = leastEqual(threshold);
  // The bands in whose large buckets a row lay: pairs of those may not have been compared.
  const large = new Map<number, number>();
  let [compared, approximate] = [0, false];

  const agrees = (left: number, right: number, band: number): boolean => {
    const [a, b] = [columns.sketch(left), columns.sketch(right)];
    for (let place = band * places; place < (band + 1) * places; place += 1)
      if (a.bytes[a.start + place] !== b.bytes[b.start + place]) return false;
    return true;
  };
  const wasCompared = (left: number, right: number, band: number): boolean => {
    const inLarge = large.get(left) ?? 0;
    for (let earlier = 0; earlier < band; earlier += 1) {
      if (((inLarge / 2 ** earlier) & 1) === 0 && agrees(left, right, earlier)) return true;
    }
    return false;
  };
  const compare = (left: number, right: number, band: number): void => {
    if (sets.find(left) === sets.find(right) || wasCompared(left, right, band)) return;
    const shorter = columns.number(left, printPlaces.length);
    if (shorter === 0 || columns.number(right, printPlaces.length) === 0) return;
    const [a, b] = [columns.sketch(left), columns.sketch(right)];
    if (equalPlaces(a.bytes, a.start, b.bytes, b.start) < fewestEqual) return;
    compared += 1;
    const likeness = jaccard(readLeft(left), readRight(right));
    if (likeness < threshold) return;
    sets.join(left, right);
    found.set(pairKey(left, right), likeness);
  };
  const compareBucket = (bucket: number[], band: number): void => {
    if (bucket.length <= mostInBucket) {
      for (let right = 1; right < bucket.length; right += 1)
        for (let left = 0; left < right; left += 1) compare(bucket[left]!, bucket[right]!, band);
      return;
    }
    approximate = true;
    bucket.sort((left, right) => bySketch(printed, left, right, band * places));
    for (let left = 0; left < bucket.length; left += 1) {
      const last = Math.min(bucket.length - 1, left + neighboursInBucket);
      for (let right = left + 1; right <= last; right += 1) compare(bucket[left]!, bucket[right]!, band);
    }
    for (const row of bucket) large.set(row, (large.get(row) ?? 0) + 2 ** band);
  };

  const order = new BigUint64Array(rows.length);
  const words = new Uint32Array(order.buffer);
  for (let band = 0; band < bands; band += 1) {
    rows.forEach((row, index) => {
      const { bytes, start } = columns.sketch(row);
      let key = options.settingOf(row) ^ band;
      for (let place = band * places; place < (band + 1) * places; place += 1) key = Math.imul(key ^ bytes[start + place]!, 0x01000193);
      words[2 * index] = row;
      words[2 * index + 1] = mixed(key);
    });
    order.sort();
    let begin = 0;
    for (let end = 1; end <= rows.length; end += 1) {
      if (end < rows.length && words[2 * end + 1] === words[2 * begin + 1]) continue;
      if (end - begin > 1) {
        const bucket: number[] = [];
        for (let at = begin; at < end; at += 1) bucket.push(words[2 * at]!);
        for (const group of splitBySetting(bucket, options.settingOf)) compareBucket(group, band);
      }
      begin = end;
    }
    options.progress?.(band + 1, bands);
  }
  return { sets, likeness: (left, right) => found.get(pairKey(left, right)), compared, approximate };
}

/** Almost always one group: keys of different settings fall together by accident only. */
function splitBySetting(bucket: number[], settingOf: NearOptions['settingOf']): Iterable<number[]> {
  const first = settingOf(bucket[0]!);
  if (bucket.every((row) => settingOf(row) === first)) return [bucket];
  return Map.groupBy(bucket, settingOf).values();
}

/** Five standard deviations below what two rows at the threshold share of their sketches: about one true pair in three million is lost. */
function leastEqual(threshold: number): number {
  return sketchLength * threshold - 5 * Math.sqrt(sketchLength * threshold * (1 - threshold));
}

function equalPlaces(left: Uint8Array, leftStart: number, right: Uint8Array, rightStart: number): number {
  let equal = 0;
  for (let place = 0; place < sketchLength; place += 1) if (left[leftStart + place] === right[rightStart + place]) equal += 1;
  return equal;
}

/** Rows in the order of their sketches read from a place on and round, ties by their hashes: the same whatever their order in the file. */
function bySketch({ columns }: PrintedRows, left: number, right: number, from: number): number {
  const [a, b] = [columns.sketch(left), columns.sketch(right)];
  for (let step = 0; step < sketchLength; step += 1) {
    const place = (from + step) % sketchLength;
    const difference = a.bytes[a.start + place]! - b.bytes[b.start + place]!;
    if (difference !== 0) return difference;
  }
  const high = columns.number(left, printPlaces.exactHigh) - columns.number(right, printPlaces.exactHigh);
  return high === 0 ? columns.number(left, printPlaces.exactLow) - columns.number(right, printPlaces.exactLow) : high;
}

function pairKey(left: number, right: number): number {
  return Math.min(left, right) * 2 ** 26 + Math.max(left, right);
}

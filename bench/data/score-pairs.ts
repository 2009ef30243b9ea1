// How well a tool found the planted duplicates: judged by the sets of five-character shingles themselves, without hashes or sketches.
import { comparableText } from '../../src/data/shingles.ts';
import { chatTurns, plantedAt } from './chat-rows.ts';

/** A row that goes, and the row that stays for it. */
export type FoundPair = readonly [number, number];

interface Share {
  hits: number;
  of: number;
}

export interface PairScore {
  /** Of the pairs told (at most 2,000 of them, evenly spread), how many reach a Jaccard similarity of 0.8. */
  readonly precision: Share;
  /** Of the planted pairs that reach it (at most 20,000, evenly spread), how many do not both stay. */
  readonly recall: { readonly all: Share; readonly bins: readonly (Share & { readonly from: number })[] };
}

const threshold = 0.8;
const mostTold = 2000;
const mostPlanted = 20_000;

export function scorePairs(pairs: readonly FoundPair[], rows: number, seed: number): PairScore {
  const gone = new Set(pairs.map(([row]) => row));
  const told = evenly(pairs, mostTold);
  const precision = { hits: told.filter(([left, right]) => jaccardOf(left, right, seed) >= threshold).length, of: told.length };
  const all: Share = { hits: 0, of: 0 };
  const bins = [0.8, 0.85, 0.9, 0.95, 1].map((from) => ({ from, hits: 0, of: 0 }));
  const planted: FoundPair[] = [];
  for (let row = 0; row < rows; row += 1) {
    const plan = plantedAt(row, seed);
    if (plan !== undefined) planted.push([row, plan.of]);
  }
  for (const [row, of] of evenly(planted, mostPlanted)) {
    const likeness = jaccardOf(row, of, seed);
    if (likeness < threshold) continue;
    for (const share of [all, bins.findLast(({ from }) => likeness >= from)!]) {
      share.of += 1;
      if (gone.has(row) || gone.has(of)) share.hits += 1;
    }
  }
  return { precision, recall: { all, bins } };
}

function evenly<T>(list: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, list.length / most);
  return Array.from({ length: Math.min(list.length, most) }, (_, index) => list[Math.floor(index * step)]!);
}

function jaccardOf(left: number, right: number, seed: number): number {
  const [first, second] = [shingles(left, seed), shingles(right, seed)];
  const common = first.intersection(second).size;
  return common / (first.size + second.size - common);
}

function shingles(row: number, seed: number): Set<string> {
  const { user, assistant } = chatTurns(row, seed);
  const text = comparableText(`${user} ${assistant}`);
  return new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, at) => text.slice(at, at + 5)));
}

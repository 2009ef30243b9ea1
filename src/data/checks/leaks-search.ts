import { findNearPairs } from '#data/deduplicate/near-pairs.ts';
import { printPlaces } from '#data/deduplicate/print-rows.ts';
import { findSemanticPairs, semanticThresholds, vectorTable } from '#data/deduplicate/semantic-pairs.ts';
import { rowsSharingGrams } from '#data/deduplicate/shared-grams.ts';
import { wordVector } from '#data/deduplicate/word-vector.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import type { SidedRows } from './leaks-sides.ts';

/** A row of the file that a guarded row knows already. */
export interface Leak {
  readonly row: number;
  /** A row on a higher side. */
  readonly of: number;
}

export interface Leaks {
  readonly exact: readonly Leak[];
  readonly near: readonly Leak[];
  readonly words: readonly Leak[];
  readonly questions: readonly Leak[];
  readonly grams: readonly number[];
  readonly groups: readonly Leak[];
  readonly approximate: boolean;
  readonly gramsSampled: boolean;
  readonly wordsCompared: boolean;
}

/** With more rows the search by words would take longer than all else. */
const mostByWords = 20_000;
const ownSides = 3;

/** What of the file's rows is on a higher side too, each row under the plainest of the kinds that fit. */
export function findLeaks(sided: SidedRows): Leaks {
  const { printed, size } = sided;
  const { columns } = printed;
  const all = Array.from({ length: size }, (_, row) => row);
  const seen = new Set<number>();
  const fresh = (leaks: readonly Leak[]): Leak[] => {
    const kept = leaks.filter(({ row }) => !seen.has(row));
    for (const { row } of kept) seen.add(row);
    return kept;
  };
  const exactKey = (row: number): number =>
    (columns.number(row, printPlaces.exactHigh) & 0x1f_ffff) * 2 ** 32 + columns.number(row, printPlaces.exactLow);
  const first = new Map<number, number>();
  for (const row of all) if (!first.has(exactKey(row))) first.set(exactKey(row), row);
  const exact = fresh(across(sided, all, (row) => first.get(exactKey(row))!));
  const pairs = findNearPairs(printed, Uint32Array.from(first.values()), { threshold: nearDuplicateThreshold, settingOf: () => 0 });
  const near = fresh(across(sided, all, (row) => pairs.sets.find(first.get(exactKey(row))!)));
  const questions = fresh(
    across(
      sided,
      all.filter((row) => sided.question(row) !== 0),
      sided.question,
    ),
  );
  const isGuarded = (row: number) => sided.side(row) > 0;
  const { rows: grams, sampled } = rowsSharingGrams(
    printed,
    all.filter(isGuarded),
    all.filter((row) => !isGuarded(row) && !seen.has(row)),
  );
  for (const row of grams) seen.add(row);
  const wordsCompared = size <= mostByWords;
  return {
    exact,
    near,
    questions,
    grams,
    words: wordsCompared ? fresh(leaksByWords(sided, all)) : [],
    groups: across(
      sided,
      all.filter((row) => sided.group(row) !== 0),
      sided.group,
    ),
    approximate: pairs.approximate,
    gramsSampled: sampled,
    wordsCompared,
  };
}

/** Rows of the file whose set holds a row of a higher side. */
function across(sided: SidedRows, rows: readonly number[], setOf: (row: number) => number): Leak[] {
  const highest = new Map<number, number>();
  for (const row of rows) {
    const known = highest.get(setOf(row));
    if (known === undefined || sided.side(row) > sided.side(known)) highest.set(setOf(row), row);
  }
  return rows.flatMap((row) => {
    const of = highest.get(setOf(row))!;
    return sided.side(row) < ownSides && sided.side(of) > sided.side(row) ? [{ row, of }] : [];
  });
}

function leaksByWords(sided: SidedRows, rows: readonly number[]): Leak[] {
  const vectors = vectorTable(rows.length);
  const read = sided.printed.textReader();
  for (const row of rows) vectors.add(wordVector(read(row)));
  const leaks = new Map<number, Leak>();
  findSemanticPairs(vectors, { settingOf: () => 0, compare: (left, right) => left - right }, ({ left, right, cosine }) => {
    if (cosine < semanticThresholds.drop || sided.side(left) === sided.side(right)) return;
    const [row, of] = sided.side(left) < sided.side(right) ? [left, right] : [right, left];
    if (sided.side(row) < ownSides) leaks.set(row, { row, of });
  });
  return [...leaks.values()];
}

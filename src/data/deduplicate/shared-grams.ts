import { gramSet } from './gram-set.ts';
import type { PrintedRows } from './row-prints.ts';
import { wordGrams } from './word-grams.ts';

/** Grams of the guarded rows that are held; of more, a sample by their hashes. */
const mostGrams = 4_000_000;
/** A run of words that stands in more rows than this is a common phrase and no copy (a rule of thumb of ours). */
const mostRows = 10;

/** Rows of `others` that share a run of thirteen words with a row of `guarded`; `sampled` where only a part of the runs was held. */
export function rowsSharingGrams(
  printed: PrintedRows,
  guarded: readonly number[],
  others: readonly number[],
): { readonly rows: readonly number[]; readonly sampled: boolean } {
  const read = printed.textReader();
  let total = 0;
  for (const row of guarded) wordGrams(read(row), () => (total += 1));
  const every = Math.ceil(total / mostGrams);
  const grams = gramSet(Math.min(total, 2 * mostGrams));
  const isHeld = (gram: number) => every <= 1 || gram % every === 0;
  for (const row of guarded) wordGrams(read(row), (gram) => isHeld(gram) && grams.add(gram));
  for (const row of others) {
    const own = new Set<number>();
    wordGrams(read(row), (gram) => grams.has(gram) && own.add(gram));
    for (const gram of own) grams.count(gram);
  }
  const rows = others.filter((row) => {
    let shares = false;
    wordGrams(read(row), (gram) => {
      shares ||= grams.has(gram) && grams.countOf(gram) <= mostRows;
    });
    return shares;
  });
  return { rows, sampled: every > 1 };
}

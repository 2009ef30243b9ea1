import { setSignatures } from './set-signature.ts';
import { type ShingleSets, shingleSets } from './shingle-sets.ts';

/** Texts at least this alike (Jaccard of their shingles) are near-duplicates: the usual bar for templated text. */
export const nearDuplicateThreshold = 0.8;
/** Pairs looked at before the search keeps to the latest entries of each shingle, so that time stays in seconds. */
const workLimit = 10_000_000;
const entriesAfterLimit = 8;

export interface NearDuplicates {
  /** True where the set was so large and so uniform that pairs may have been missed. */
  readonly approximate: boolean;
}

/**
 * Calls `found` for pairs of distinct texts whose shingles' Jaccard similarity is at least 0.8, until every such pair
 * is joined directly or through others (`joined` says so). Prefix filtering over shingles sorted by rarity, with a
 * length filter: exact up to the limit of work (Bayardo, Ma, Srikant 2007, Scaling Up All Pairs Similarity Search).
 */
export function findNearDuplicates(
  texts: readonly string[],
  joined: (left: number, right: number) => boolean,
  found: (left: number, right: number) => void,
): NearDuplicates {
  const sets = shingleSets(texts);
  const { ranks, starts } = sets;
  const lengths = Int32Array.from(texts, (_, index) => starts[index + 1]! - starts[index]!);
  const prefixes = lengths.map((length) => length - Math.ceil(nearDuplicateThreshold * length) + 1);
  const order = Int32Array.from(texts.keys()).sort((a, b) => lengths[a]! - lengths[b]! || compare(texts[a]!, texts[b]!));
  const signatures = setSignatures(sets);
  // For each shingle a chain of the texts that lead with it, the latest and so the longest first.
  const latest = new Int32Array(sets.distinct).fill(-1);
  const earlier = new Int32Array(prefixes.reduce((sum, length) => sum + length, 0));
  const textOfEntry = new Int32Array(earlier.length);
  const seen = new Int32Array(texts.length).fill(-1);
  let entries = 0;
  let looks = 0;
  let approximate = false;
  for (const current of order) {
    const shortest = nearDuplicateThreshold * lengths[current]!;
    for (let position = 0; position < prefixes[current]!; position += 1) {
      const shingle = ranks[starts[current]! + position]!;
      let left = looks < workLimit ? Number.POSITIVE_INFINITY : entriesAfterLimit;
      for (let entry = latest[shingle]!; entry !== -1; entry = earlier[entry]!) {
        const other = textOfEntry[entry]!;
        if (lengths[other]! < shortest) break;
        if (left === 0) {
          approximate = true;
          break;
        }
        left -= 1;
        looks += 1;
        if (seen[other] === current) continue;
        seen[other] = current;
        const allowed = differenceAllowed(lengths[other]! + lengths[current]!);
        if (signatures.leastDifference(other, current) > allowed || joined(other, current)) continue;
        if (isAlike(sets, other, current)) found(other, current);
      }
      textOfEntry[entries] = current;
      earlier[entries] = latest[shingle]!;
      latest[shingle] = entries;
      entries += 1;
    }
  }
  return { approximate };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

// From the bound on the Jaccard similarity: of sets with so many elements together, so many may be in one only.
function differenceAllowed(together: number): number {
  return ((1 - nearDuplicateThreshold) / (1 + nearDuplicateThreshold)) * together + 1e-9;
}

/** True where the Jaccard similarity of two texts' shingles reaches the threshold. */
function isAlike({ ranks, starts }: ShingleSets, left: number, right: number): boolean {
  const [leftEnd, rightEnd] = [starts[left + 1]!, starts[right + 1]!];
  let [a, b] = [starts[left]!, starts[right]!];
  const together = leftEnd - a + rightEnd - b;
  const needed = Math.ceil((together - differenceAllowed(together)) / 2);
  let common = 0;
  while (a < leftEnd && b < rightEnd) {
    if (common + Math.min(leftEnd - a, rightEnd - b) < needed) return false;
    const difference = ranks[a]! - ranks[b]!;
    if (difference === 0) common += 1;
    if (difference <= 0) a += 1;
    if (difference >= 0) b += 1;
  }
  return common >= needed;
}

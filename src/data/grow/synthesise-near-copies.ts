import type { Input } from '#core/example.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import { comparableText, shinglesOf } from '#data/shingles.ts';

interface NearCopy {
  /** What was given with the text that it is a copy of. */
  readonly of: string;
  /** Jaccard similarity of their shingles. */
  readonly likeness: number;
}

export interface NearCopies {
  add(input: Input, name: string): void;
  /** The text that is most like it, where one is a near-copy. */
  find(input: Input): NearCopy | undefined;
}

/**
 * Finds near-copies as they come, by the likeness and the bar of `rung data dedupe`. A text that is alike shares so many shingles that one
 * of the rarest of the new text must be among them, so only those lists are gone through (prefix filter: Bayardo, Ma, Srikant 2007).
 */
export function openNearCopies(): NearCopies {
  const texts: { readonly shingles: Uint32Array; readonly name: string }[] = [];
  const holders = new Map<number, number[]>();
  const shinglesFor = (input: Input) => shinglesOf(comparableText(input));
  return {
    add(input, name) {
      const shingles = shinglesFor(input);
      for (const shingle of shingles) {
        const held = holders.get(shingle);
        if (held === undefined) holders.set(shingle, [texts.length]);
        else held.push(texts.length);
      }
      texts.push({ shingles, name });
    },
    find(input) {
      const shingles = shinglesFor(input);
      const holdersOf = (shingle: number) => holders.get(shingle) ?? [];
      const rarest = [...shingles].sort((a, b) => holdersOf(a).length - holdersOf(b).length);
      const prefix = rarest.slice(0, shingles.length - Math.ceil(nearDuplicateThreshold * shingles.length) + 1);
      let best: NearCopy | undefined;
      for (const index of new Set(prefix.flatMap(holdersOf))) {
        const { shingles: others, name } = texts[index]!;
        const likeness = jaccard(shingles, others);
        if (likeness >= nearDuplicateThreshold && likeness > (best?.likeness ?? 0)) best = { of: name, likeness };
      }
      return best;
    },
  };
}

/** Of two ascending lists without repeats, neither of them empty. */
function jaccard(left: Uint32Array, right: Uint32Array): number {
  let [a, b, common] = [0, 0, 0];
  while (a < left.length && b < right.length) {
    const difference = left[a]! - right[b]!;
    if (difference === 0) common++;
    if (difference <= 0) a++;
    if (difference >= 0) b++;
  }
  return common / (left.length + right.length - common);
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findNearDuplicates } from './near-duplicates.ts';

function pairsOf(texts: readonly string[]): string[] {
  const pairs: string[] = [];
  const { approximate } = findNearDuplicates(
    texts,
    () => false,
    (left, right) => pairs.push([left, right].sort((a, b) => a - b).join('-')),
  );
  expect(approximate).toBe(false);
  return pairs.sort();
}

function pieces(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, start) => text.slice(start, start + 5)));
}

// Stretches of one text, so that similarities on both sides of 0.8, and just at it, are common.
const whole = 'the quick amber otter jumps over a lazy quartz raven and drifts along some flint grove';
const stretch = fc
  .tuple(fc.nat(15), fc.nat(40), fc.constantFrom('', ' x', 'yz'))
  .map(([start, cut, end]) => whole.slice(start, whole.length - cut) + end);
const texts = fc.uniqueArray(stretch, { minLength: 2, maxLength: 40 });

test('finds exactly the pairs that the definition of the Jaccard similarity gives', () => {
  let found = 0;
  fc.assert(
    fc.property(texts, (list) => {
      const sets = list.map(pieces);
      const wanted = list.flatMap((_, right) =>
        list.slice(0, right).flatMap((_, left) => {
          const common = sets[left]!.intersection(sets[right]!).size;
          return common * 5 >= 4 * (sets[left]!.size + sets[right]!.size - common) ? [`${left}-${right}`] : [];
        }),
      );
      found += wanted.length;
      expect(pairsOf(list)).toEqual(wanted.sort());
    }),
    { numRuns: 150 },
  );
  expect(found).toBeGreaterThan(50);
});

test('a pair at the bar itself counts', () => {
  // Eight shared pieces of ten.
  expect(pairsOf(['abcdefghijklm', 'abcdefghijklz'])).toEqual(['0-1']);
  expect(pairsOf(['abcdefghijkl', 'abcdefghijkz'])).toEqual([]);
});

test('long texts are compared by a sample that sees a small change and a large one', () => {
  const long = Array.from({ length: 6000 }, (_, index) => `w${(index * 7919) % 100_003}`).join(' ');
  const other = Array.from({ length: 6000 }, (_, index) => `w${(index * 104_729) % 100_003}`).join(' ');
  expect(pairsOf([long, `${long} and a last word`, other])).toEqual(['0-1']);
});

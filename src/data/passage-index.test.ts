import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Passage } from './chunks.ts';
import { openPassageIndex } from './passage-index.ts';
import { fuseRankings } from './passage-index-fusion.ts';

const passages: readonly Passage[] = [
  { id: 'opening.md/1', title: 'Opening', text: 'The house is open from nine to five.' },
  { id: 'fees.md/1', title: 'Fees', text: 'A month costs twelve.' },
  { id: 'damage.md/1', title: 'Damage', text: 'Whoever breaks a thing tells the desk about repairs.' },
  { id: 'pets.md/1', title: 'Pets', text: 'Dogs wait outside.' },
];
const ids = (found: readonly Passage[]) => found.map(({ id }) => id);

describe('looking up', () => {
  it.each(['bm25', 'fused'] as const)('finds by words of text and title (%s)', (search) => {
    const index = openPassageIndex(passages, search);
    expect(index.find('when is the house open', 1)[0]?.id).toBe('opening.md/1');
    expect(index.find('FEES', 2)[0]?.id).toBe('fees.md/1');
  });

  it('finds other forms of a word by its pieces, where words alone find nothing', () => {
    expect(openPassageIndex(passages, 'bm25').find('repairing', 3)).toEqual([]);
    expect(ids(openPassageIndex(passages, 'fused').find('repairing', 1))).toEqual(['damage.md/1']);
    expect(ids(openPassageIndex(passages, 'fused').find('my dog', 1))).toEqual(['pets.md/1']);
  });

  it('finds nothing for a question that shares nothing, and nothing among nothing', () => {
    expect(openPassageIndex(passages, 'fused').find('🚀 漢字', 3)).toEqual([]);
    expect(openPassageIndex([], 'fused').find('house', 3)).toEqual([]);
    expect(openPassageIndex([{ id: 'a.md/1', title: '', text: '***' }], 'fused').find('***', 3)).toEqual([]);
  });

  it('gives each passage at most once, never more than asked for, the same every time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.integer({ min: 1, max: 6 }), (question, count) => {
        const found = ids(openPassageIndex(passages, 'fused').find(question, count));
        expect(found.length).toBeLessThanOrEqual(count);
        expect(new Set(found).size).toBe(found.length);
        expect(ids(openPassageIndex(passages, 'fused').find(question, count))).toEqual(found);
      }),
    );
  });
});

describe('reciprocal rank fusion', () => {
  it('adds 1 / (60 + rank)', () => {
    // 3: 1/61 + 1/62; 7: 1/62 + 1/61, the same; 5: 1/63; 1: 1/63, the same as 5
    expect(
      fuseRankings([
        [3, 7, 5],
        [7, 3, 1],
      ]),
    ).toEqual([3, 7, 1, 5]);
    // first in one list, 1/61 = 0.01639, against third in both, 2/63 = 0.03175
    expect(
      fuseRankings([
        [1, 8, 2],
        [4, 9, 2],
      ])[0],
    ).toBe(2);
  });

  it('leaves a single ranking as it is', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(100)), (ranking) => {
        expect(fuseRankings([ranking])).toEqual(ranking);
      }),
    );
  });
});

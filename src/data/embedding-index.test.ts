import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEmbeddingIndex, readVectors, writeVectors } from './embedding-index.ts';
import { openPassageIndex } from './passage-index.ts';

const vectors = (length: number) =>
  fc.array(fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 8 });

describe('vectors', () => {
  it('come back from text with their direction, at length 1', () => {
    fc.assert(
      fc.property(vectors(5), (some) => {
        const back = readVectors(writeVectors(some));
        expect(back).toHaveLength(some.length);
        for (const [index, vector] of back.entries()) {
          const length = Math.hypot(...vector);
          if (some[index]!.every((number) => Math.abs(number) < 1e-6)) continue;
          expect(length).toBeCloseTo(1, 5);
          const own = Math.hypot(...some[index]!);
          vector.forEach((number, at) => {
            expect(number * own).toBeCloseTo(some[index]![at]!, 3);
          });
        }
        // what was written once stays as it is, so that a candidate's artefact is the same wherever it is made
        expect(writeVectors(readVectors(writeVectors(back)))).toBe(writeVectors(back));
      }),
    );
  });

  it.each([[Float32Array.of(1, Number.NaN)], [Float32Array.of(Number.POSITIVE_INFINITY)], [new Float32Array(0)]])(
    'of %j are refused',
    (bad) => {
      expect(() => writeVectors([bad])).toThrow(expect.objectContaining({ code: 'embedding-unusable' }));
    },
  );
});

it('refuses more vectors than can be kept, and says what to do', () => {
  const one = new Float32Array(2 ** 20);
  expect(() => writeVectors(Array.from({ length: 65 }, () => one))).toThrow(
    expect.objectContaining({
      code: 'vectors-too-large',
      exitCode: 2,
      message: 'The vectors of 65 texts take 260 MiB; at most 256 MiB are kept.',
    }),
  );
});

describe('nearness', () => {
  it('is the cosine: length does not matter, opposite is last, ties go by order', () => {
    const rank = openEmbeddingIndex([Float32Array.of(-1, 0), Float32Array.of(1, 1), Float32Array.of(9, 0), Float32Array.of(5, 5)]);
    expect(rank(Float32Array.of(2, 0))).toEqual([2, 1, 3, 0]);
  });

  it('ranks everything once, a vector first that is asked for itself', () => {
    fc.assert(
      fc.property(vectors(4), (some) => {
        const rank = openEmbeddingIndex(some);
        const order = rank(some[0]!);
        expect([...order].sort((a, b) => a - b)).toEqual([...some.keys()]);
      }),
    );
  });

  it('is not told between vectors of two models', () => {
    expect(() => openEmbeddingIndex([Float32Array.of(1, 0)])(Float32Array.of(1))).toThrow('cannot be compared');
  });
});

describe('passages by meaning', () => {
  const passages = ['The desk opens at nine.', 'A month costs twelve.', 'Dogs wait.'].map((text, index) => ({
    id: `${index}`,
    title: '',
    text,
  }));
  const own = [Float32Array.of(1, 0, 0), Float32Array.of(0, 1, 0), Float32Array.of(0, 0, 1)];
  const ids = (search: 'meaning' | 'both', question: string, vector?: Float32Array) =>
    openPassageIndex(passages, search, own)
      .find(question, 3, vector)
      .map(({ id }) => id);

  it('are found without a shared word; joined with words both count', () => {
    expect(ids('meaning', 'canine', Float32Array.of(0, 0.1, 1))).toEqual(['2', '1', '0']);
    // words rank only passage 0; meaning ranks 2, 1, 0: 1/61 + 1/63 for 0, 1/61 for 2, 1/62 for 1
    expect(ids('both', 'desk', Float32Array.of(0, 0.1, 1))).toEqual(['0', '2', '1']);
  });

  it('are not guessed where the question has no vector', () => {
    expect(ids('meaning', 'desk')).toEqual([]);
    expect(ids('both', 'desk')).toEqual(['0']);
    expect(() => openPassageIndex(passages, 'meaning')).toThrow('0 vectors for 3 passages');
  });
});

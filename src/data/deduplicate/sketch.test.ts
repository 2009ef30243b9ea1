import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparableText } from '#data/shingles.ts';
import { seededRandom } from '#statistics/random.ts';
import { bandRecall, bandsFor } from './bands.ts';
import { comparableReader } from './comparable-units.ts';
import { jaccardReader } from './jaccard.ts';
import { maskedHashReader } from './masked-text.ts';
import { mixed, shingleReader } from './shingle-hashes.ts';
import { sketchLength, sketchWriter } from './sketch.ts';
import { exactHashReader } from './text-hash.ts';
import { unitsText } from './units-text.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

describe('comparable texts', () => {
  it('are those of the split, for any text', () => {
    const read = comparableReader();
    fc.assert(
      fc.property(anyText, (text) => {
        expect(unitsText(read(text))).toBe(comparableText(text));
      }),
    );
  });
});

describe('the Jaccard similarity', () => {
  it('is that of the sets of pieces of five characters', () => {
    const [readLeft, readRight, jaccard] = [comparableReader(), comparableReader(), jaccardReader()];
    const pieces = (text: string) => new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, at) => text.slice(at, at + 5)));
    const words = fc.array(fc.constantFrom('aa', 'bab', 'a', 'bbb', 'abab'), { maxLength: 40 }).map((list) => list.join(' '));
    fc.assert(
      fc.property(words, words, (left, right) => {
        const [first, second] = [pieces(left), pieces(right)];
        const common = first.intersection(second).size;
        expect(jaccard(readLeft(left), readRight(right))).toBeCloseTo(common / (first.size + second.size - common), 12);
      }),
    );
  });
});

describe('sketches', () => {
  it.each([
    [6, 0.5],
    [40, 0.8],
    [400, 0.8],
    [1200, 0.3],
  ])('of sets of about %i elements agree as often as the sets are alike (%f)', (size, likeness) => {
    const random = seededRandom(size);
    const write = sketchWriter();
    const common = Math.round((2 * size * likeness) / (1 + likeness));
    let [equal, places] = [0, 0];
    for (let trial = 0; trial < 100; trial += 1) {
      const elements = Uint32Array.from({ length: 2 * size - common }, () => mixed(Math.floor(random() * 2 ** 32)));
      const into = new Uint8Array(2 * sketchLength);
      write(elements.subarray(0, size), size, into, 0);
      write(elements.slice(size - common), size, into, sketchLength);
      for (let place = 0; place < sketchLength; place += 1) if (into[place] === into[sketchLength + place]) equal += 1;
      places += sketchLength;
    }
    const exact = common / (2 * size - common);
    // eight bits agree by accident once in 256; places of one small set depend on each other
    const expected = exact + (1 - exact) / 256;
    expect(Math.abs(equal / places - expected)).toBeLessThan(5 * Math.sqrt(0.25 / (100 * Math.min(size, sketchLength))));
  });

  it('do not depend on the order of elements or on how often they come', () => {
    const write = sketchWriter();
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 32 - 1), { minLength: 1, maxLength: 60 }), (elements) => {
        const into = new Uint8Array(2 * sketchLength);
        const again = [...elements, ...elements].toReversed();
        write(Uint32Array.from(elements), elements.length, into, 0);
        write(Uint32Array.from(again), again.length, into, sketchLength);
        expect(into.subarray(0, sketchLength)).toEqual(into.subarray(sketchLength));
      }),
    );
  });
});

describe('bands', () => {
  it('find as often as the table of Mining of Massive Datasets says (figure 3.9: 20 bands of 5)', () => {
    const cut = { bands: 20, places: 5 };
    const table = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((likeness) => bandRecall(likeness, cut).toFixed(3));
    expect(table).toEqual(['0.006', '0.047', '0.186', '0.470', '0.802', '0.975', '1.000']);
  });

  it.each([0.5, 0.6, 0.7, 0.8, 0.9, 0.95])('at %f miss at most one pair in a hundred', (threshold) => {
    const cut = bandsFor(threshold);
    expect(cut.bands * cut.places).toBeLessThanOrEqual(sketchLength);
    expect(bandRecall(threshold, cut)).toBeGreaterThanOrEqual(0.99);
  });
});

describe('hashes', () => {
  it('of exact texts are blind to spacing and to how accents are composed, and to nothing else', () => {
    const exact = exactHashReader();
    expect(exact('\u0002a  b\n c \u0003 d')).toEqual(exact(' \u0002 a b c\u0003d'));
    expect(exact('cafe\u0301')).toEqual(exact('caf\u00e9'));
    for (const other of ['a b C', 'a, b c', 'ab c', 'a b c d', '']) expect(exact(other)).not.toEqual(exact('a b c'));
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A', ' ', '\n', '.', 'é', '水'), maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, (left, right) => {
        const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
        expect(JSON.stringify(exact(left)) === JSON.stringify(exact(right))).toBe(plain(left) === plain(right));
      }),
    );
  });

  it('of masked texts are blind to numbers and names, in any script', () => {
    const masked = maskedHashReader();
    const text = (name: string, day: string) => `Please tell ${name} that the parcel comes on day ${day} at the door.`;
    const first = masked(text('Anna', '12'));
    expect(first).toBeDefined();
    for (const [name, day] of [
      ['Zoë', '3'],
      ['Anna Berg', '3rd'],
      ['Łukasz', '٣'],
    ] as const)
      expect(masked(text(name, day))).toEqual(first);
    expect(masked(text('Anna', '12').replace('parcel', 'letter'))).not.toEqual(first);
    expect(masked('Anna 12')).toBeUndefined();
    expect(masked('nothing at all is masked in here')).toBeUndefined();
  });

  it('roll over texts of any length', () => {
    const [read, shingles] = [comparableReader(), shingleReader()];
    const hashesOf = (text: string) => {
      const { hashes, count } = shingles(read(text));
      return Array.from(hashes.subarray(0, count));
    };
    expect(hashesOf('abcdefg').slice(1)).toEqual(hashesOf('bcdefg'));
    expect(hashesOf('abc')).toHaveLength(1);
    expect(hashesOf('')).toHaveLength(1);
    expect(new Set(hashesOf('abcdefghij')).size).toBe(6);
  });
});

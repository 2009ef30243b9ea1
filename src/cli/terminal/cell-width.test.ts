import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellWidth, fitWidth, padCells, wrapWords } from './cell-width.ts';

describe('widths in a terminal', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['한국', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['ｆｕｌｌ', 8],
    ['✓ 94.2 %', 8],
    ['', 0],
  ])('%j takes %i', (text, width) => expect(cellWidth(text)).toBe(width));

  it('cuts and pads to the column', () => {
    expect(fitWidth('日本語', 4)).toBe('日…');
    expect(fitWidth('abc', 3)).toBe('abc');
    expect(padCells('日本', 6)).toBe('日本  ');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(30), (text, columns) => {
        expect(cellWidth(fitWidth(text, columns))).toBeLessThanOrEqual(columns);
        if (cellWidth(text) <= columns) expect(cellWidth(padCells(text, columns))).toBe(columns);
      }),
    );
  });

  it('keeps a per-cent sign on the line of its number', () => {
    expect(wrapWords('from 94.1–100 %) of rows', 14)).toEqual(['from', '94.1–100 %) of', 'rows']);
  });

  it('wraps between words and loses none', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 30 }), fc.integer({ min: 12, max: 60 }), (words, columns) => {
        const lines = wrapWords(words.join(' '), columns);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(lines.every((line) => cellWidth(line) <= columns)).toBe(true);
      }),
    );
  });
});

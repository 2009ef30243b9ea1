import { describe, expect, test } from 'vitest';
import { characters } from './characters.ts';

const input = { file: 'rows.jsonl', options: {}, seed: 1 };

function rowOf(text: string) {
  return { line: 1, turns: [{ role: 'user' as const, content: text }] };
}

function rules(text: string): readonly string[] {
  const pass = characters.begin(input);
  pass.row(rowOf(text));
  return (pass.end() as Exclude<ReturnType<typeof pass.end>, Promise<unknown>>).map(({ rule }) => rule);
}

describe('odd characters', () => {
  test.each([
    ['invisible-character', 'par\u200Bcel'],
    ['invisible-character', '\uFEFFparcel'],
    ['invisible-character', 'co\u00ADoperate'],
    ['invisible-character', 'hello\u{E0068}\u{E0069}'],
    ['bidirectional-control', 'if (admin\u202E) {'],
    ['mixed-scripts', 'p\u0430rcel'],
    ['mixed-scripts', '\u0420aypal'],
    ['private-use-character', '\uF0B7 first'],
  ])('%s in %j', (rule, text) => {
    expect(rules(text)).toEqual([rule]);
  });

  test.each([
    'می\u200Cخواهم',
    'क्\u200Dष',
    '👨\u200D👩\u200D👧',
    '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
    'ภาษา\u200Bไทย',
    'שלום\u200F (world)',
    'Ελλάδα and Греция',
    'the α-level, 5 µm, Δt',
    'naïve café, 5 €, “quoted”…',
  ])('leaves alone: %j', (text) => {
    expect(rules(text)).toEqual([]);
  });

  test('are taken out where nothing that is read changes, and only there', () => {
    const pass = characters.begin(input);
    const fix = pass.mend?.(rowOf('\uFEFFpar\u200Bcel\u202E p\u0430id می\u200Cخ'));
    // the text has letters from right to left, so the override may be meant
    expect(fix?.row?.turns[0]?.content).toBe('parcel\u202E p\u0430id می\u200Cخ');
    expect(fix?.what).toBe('taken out: 2 invisible-characters');
    expect(pass.mend?.(rowOf('a parcel'))).toBeUndefined();
    expect(pass.mend?.(rowOf(fix?.row?.turns[0]?.content as string))).toBeUndefined();
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HeldOutTexts } from '#core/data-check.ts';
import { representative } from './representative.ts';
import { coverageOf } from './representative-coverage.ts';
import { missedRegions } from './representative-regions.ts';
import { tellingWords, wordsOf } from './representative-words.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-representative-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const words = 'parcel van depot label driver street door bell box tape stamp weight customs form truck night'.split(' ');
const strange = 'password login username profile settings captcha token session'.split(' ');

function question(index: number, list: readonly string[]): string {
  return [3, 5, 7].map((step) => list[(index * step + Math.floor(index / step)) % list.length]).join(' ');
}

async function check(traffic: readonly string[], heldOut?: (set: HeldOutTexts) => Promise<Float32Array>) {
  const file = join(folder, 'traffic.jsonl');
  await writeFile(file, traffic.map((input) => `${JSON.stringify({ input })}\n`).join(''));
  const pass = representative.begin({ file: 'rows.jsonl', options: { traffic: file }, seed: 1, ...(heldOut && { heldOut }) });
  for (let index = 0; index < 100; index += 1) pass.row({ line: index + 1, turns: [{ role: 'user', content: question(index, words) }] });
  return { findings: await pass.end(), pass };
}

const coin = async ({ texts }: HeldOutTexts) => new Float32Array(2 * texts.length).fill(0.5);
const knowing = async ({ texts }: HeldOutTexts) =>
  Float32Array.from(texts.flatMap((text) => (strange.some((word) => text.includes(word)) ? [0.1, 0.9] : [0.6, 0.4])));

describe('against traffic', () => {
  test('nothing is found in traffic of the same kind', async () => {
    const { findings, pass } = await check(
      Array.from({ length: 80 }, (_, index) => question(index + 500, words)),
      coin,
    );
    expect(findings).toEqual([]);
    const score = pass.score?.();
    expect(score).toMatchObject({ value: 1, high: 1, n: 160 });
    expect(score?.low).toBeGreaterThan(0.8);
  });

  test('words, missed regions and the overlap tell what the data lacks', async () => {
    const asked = Array.from({ length: 80 }, (_, index) => question(index, index % 2 === 0 ? words : strange));
    const { findings, pass } = await check(asked, knowing);
    expect(findings.map(({ rule }) => rule)).toEqual(['differs-from-traffic', 'traffic-not-covered']);
    expect(findings[0]?.message).toContain('in 75.0 % (67.8 % to 81.1 %, n 160)');
    // half of the traffic has a source of its own: an overlap of one half
    expect(pass.score?.()).toMatchObject({ value: 0.5, n: 160 });
    expect(findings[1]?.count).toBe(40);
    const figures = pass.figures?.() as { regions: { word: string }[] };
    expect(figures.regions.length).toBeGreaterThan(0);
    for (const { word } of figures.regions) expect(strange).toContain(word);
  });

  test('without a classifier there is no score; with few questions it says so', async () => {
    const { findings, pass } = await check(Array.from({ length: 10 }, (_, index) => question(index, words)));
    expect(findings.map(({ rule }) => rule)).toEqual(['traffic-too-few']);
    expect(pass.score?.()).toBeUndefined();
    const silent = representative.begin({ file: 'rows.jsonl', options: {}, seed: 1 });
    silent.row({ line: 1, turns: [{ role: 'user', content: 'a' }] });
    expect(await silent.end()).toEqual([]);
  });
});

test('telling words are the commoner ones of each side, strongest first', () => {
  const side = (word: string, count: number) =>
    Array.from({ length: 100 }, (_, index) => wordsOf(index < count ? `the ${word}` : 'the end'));
  const [first, second] = tellingWords(side('parcel', 60), side('invoice', 30));
  expect([first?.word, second?.word]).toEqual(['parcel', 'end']);
  expect(first?.z).toBeLessThan(-4);
  expect(first).toMatchObject({ data: 0.6, traffic: 0 });
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (left, right) => {
      for (const { z } of tellingWords(left.map(wordsOf), right.map(wordsOf))) expect(Number.isFinite(z)).toBe(true);
    }),
  );
});

describe('coverage', () => {
  const text = fc.array(fc.constantFrom(...words), { maxLength: 4 }).map((list) => wordsOf(list.join(' ')));

  test('a copy of the traffic covers all of it; data of other words nothing', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 7, maxLength: 25 }), (traffic) => {
        const worded = traffic.filter((one) => one.size > 0);
        if (worded.length < 7) return;
        expect(coverageOf(worded, worded).missed).toEqual([]);
        expect(coverageOf([wordsOf('captcha session')], worded).missed).toHaveLength(worded.length);
      }),
    );
  });

  test('is what chance says where both sides are one source', () => {
    // 1 − (k of the k nearest of 2n − 1 others are of the n − 1): about 1 − 2⁻⁵
    expect(
      coverageOf(
        Array.from({ length: 1000 }, () => wordsOf('a')),
        Array.from({ length: 1000 }, () => wordsOf('a')),
      ).expected,
    ).toBeCloseTo(1 - 2 ** -5, 2);
  });
});

test('regions are named by the words that stand out among the missed', () => {
  const traffic = Array.from({ length: 40 }, (_, index) =>
    wordsOf(index < 10 ? `reset the login ${index}` : `where is the parcel ${index}`),
  );
  expect(missedRegions(traffic, [0, 1, 2, 3, 4])).toEqual([{ word: 'login', texts: [0, 1, 2, 3, 4] }]);
  expect(missedRegions(traffic, [0])).toEqual([]);
});

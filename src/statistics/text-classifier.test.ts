import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import { decodeClassifier, encodeClassifier, largestOf, rowTable, scoresInto, softmaxInPlace } from './text-classifier.ts';
import { fitAbstention, fitTemperature, type ScoredRow } from './text-classifier-calibration.ts';
import { trainClassifier } from './text-classifier-training.ts';
import { defaultFeatures, featuresOf } from './text-features.ts';

const text = fc.string({ maxLength: 60 });

describe('features', () => {
  test('are of length 1, in order, within the buckets', () => {
    fc.assert(
      fc.property(text, (input) => {
        const { columns, values } = featuresOf(input, defaultFeatures);
        expect(columns.length).toBe(values.length);
        if (input.trim() === '') return;
        expect(Math.hypot(...values)).toBeCloseTo(1, 5);
        for (let at = 1; at < columns.length; at++) expect(columns[at]!).toBeGreaterThan(columns[at - 1]!);
        expect(columns.at(-1)!).toBeLessThan(defaultFeatures.buckets);
      }),
    );
  });

  test('do not hang on case or white space', () => {
    expect(featuresOf('  Where is\n my PARCEL? ', defaultFeatures)).toEqual(featuresOf('where is my parcel?', defaultFeatures));
    expect(featuresOf('where is my parcel', defaultFeatures)).not.toEqual(featuresOf('where is my invoice', defaultFeatures));
    expect(featuresOf(' \n ', defaultFeatures).columns).toHaveLength(0);
  });

  test('are every run of the text and nothing else', () => {
    // " ab ": runs of 3 and 4 characters (" ab", "ab ", " ab "), and the word "ab".
    expect(featuresOf('ab', defaultFeatures).columns).toHaveLength(4);
    const { values } = featuresOf('aaaa', { buckets: 2 ** 18, characters: [3, 3], words: [1, 1] });
    // " aa" once, "aaa" twice, "aa " once, the word once, damped: 1, 1 + ln 2, 1, 1.
    const length = Math.hypot(1, 1, 1, 1 + Math.LN2);
    expect([...values].sort().map((value) => value.toFixed(6))).toEqual(
      [1, 1, 1, 1 + Math.LN2].map((value) => (value / length).toFixed(6)),
    );
  });
});

const scoreList = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 8 });

describe('the classifier', () => {
  test('gives probabilities that sum to 1 and keep the order, at any temperature', () => {
    fc.assert(
      fc.property(scoreList, fc.double({ min: 0.05, max: 20, noNaN: true }), (list, temperature) => {
        const scores = Float64Array.from(list);
        const best = largestOf(scores);
        softmaxInPlace(scores, temperature);
        expect(scores.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
        expect(scores[best]).toBe(Math.max(...scores));
      }),
    );
  });

  test('is the same after it was written and read', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.uniqueArray(fc.nat(5000), { maxLength: 20 }),
        fc.array(float, { minLength: 84, maxLength: 84 }),
        (labels, chosen, floats) => {
          const take = (count: number) => Float32Array.from(floats.slice(0, count));
          const buckets = Uint32Array.from(chosen).sort();
          const classifier = { labels, buckets, bias: take(labels), weights: take(labels * buckets.length) };
          const bytes = encodeClassifier(classifier);
          expect(decodeClassifier(bytes)).toEqual(classifier);
          expect(decodeClassifier(bytes.subarray(0, bytes.length - 1))).toBeUndefined();
          expect(decodeClassifier(Uint8Array.from(bytes, (byte, at) => (at === 0 ? byte ^ 1 : byte)))).toBeUndefined();
        },
      ),
    );
  });

  test('learns to tell texts apart, and to the same bytes for the same seed', async () => {
    const texts = [
      ['the parcel is late', 0],
      ['where is my parcel', 0],
      ['the bill is wrong', 1],
      ['why is my bill so high', 1],
      ['i send this back', 2],
      ['how can i send it back', 2],
    ] as const;
    const set = {
      rows: texts.map(([row]) => featuresOf(row, defaultFeatures)),
      labels: texts.map(([, label]) => label),
      labelCount: 3,
      buckets: defaultFeatures.buckets,
    };
    const { signal } = new AbortController();
    const classifier = await trainClassifier(set, { seed: 1, signal });
    const table = rowTable(classifier.buckets, defaultFeatures.buckets);
    const scores = new Float64Array(3);
    const predict = (row: string) => {
      scoresInto(scores, featuresOf(row, defaultFeatures), classifier, table);
      return largestOf(scores);
    };
    expect(['My parcel!', 'this bill', 'send back'].map(predict)).toEqual([0, 1, 2]);
    expect(encodeClassifier(await trainClassifier(set, { seed: 1, signal }))).toEqual(encodeClassifier(classifier));
    await expect(trainClassifier(set, { seed: 1, signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
  });
});

describe('calibration', () => {
  function drawRows(temperature: number, count: number): ScoredRow[] {
    const random = seededRandom(11);
    return Array.from({ length: count }, () => {
      const scores = Float64Array.from({ length: 4 }, () => 8 * random() - 4);
      const probabilities = Float64Array.from(scores);
      softmaxInPlace(probabilities, temperature);
      let rest = random();
      const label = probabilities.findIndex((probability) => {
        rest -= probability;
        return rest < 0;
      });
      return { scores, label: label < 0 ? 3 : label };
    });
  }

  // The temperature that the labels were drawn with is the one that fits them.
  test.each([0.5, 1, 3])('finds temperature %d again', (temperature) => {
    const fitted = fitTemperature(drawRows(temperature, 6000));
    expect(Math.abs(Math.log(fitted / temperature))).toBeLessThan(0.08);
  });

  test('does not ask for certainty where every validation row is right', () => {
    const rows = Array.from({ length: 20 }, () => ({ scores: Float64Array.of(3, 0), label: 0 }));
    const probabilities = Float64Array.of(3, 0);
    softmaxInPlace(probabilities, fitTemperature(rows));
    // Platt's target for 20 of 20: 21/22
    expect(probabilities[0]).toBeCloseTo(21 / 22, 4);
    expect(fitTemperature([])).toBe(1);
  });

  test('the threshold keeps the promised precision with as many rows as possible', () => {
    // tenths, since two scores that differ in the last bit are one confidence to the check below and two to the code
    const row = fc.record({ top: fc.integer({ min: 1, max: 60 }).map((tenths) => tenths / 10), label: fc.constantFrom(0, 0, 0, 1) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.constantFrom(0.6, 0.8, 0.95, 1), (drawn, precision) => {
        const rows = drawn.map(({ top, label }) => ({ scores: Float64Array.of(top, 0), label }));
        const confidences = rows.map(({ scores }) => 1 / (1 + Math.exp(-(scores[0] ?? 0))));
        const { threshold, coverage } = fitAbstention(rows, 1, precision);
        const precisionFrom = (limit: number) => {
          const kept = rows.filter((_, index) => (confidences[index] ?? 0) >= limit - 1e-12);
          return { share: kept.filter(({ label }) => label === 0).length / kept.length, coverage: kept.length / rows.length };
        };
        if (threshold <= 1) expect(precisionFrom(threshold).share).toBeGreaterThanOrEqual(precision);
        const possible = confidences.map(precisionFrom).filter(({ share }) => share >= precision);
        expect(coverage).toBeCloseTo(Math.max(0, ...possible.map((other) => other.coverage)), 10);
      }),
    );
  });
});

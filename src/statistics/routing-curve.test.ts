import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaRecovered, callsFor, type RoutedRows, routingCurve, thinned } from './routing-curve.ts';

const all = ({ cheap }: RoutedRows) => Int32Array.from(cheap.keys());
const rowsOf = (confidence: number[], cheap: number[], strong: number[]): RoutedRows => ({
  confidence: Float64Array.from(confidence),
  cheap: Float64Array.from(cheap),
  strong: Float64Array.from(strong),
});
/** Half of the cheap answers are wrong; the strong model is always right. */
const half = (confidence: number[]) => rowsOf(confidence, [0, 1, 0, 1], [1, 1, 1, 1]);

describe('the curve of a cascade', () => {
  test('passes the least sure on first', () => {
    expect(routingCurve(half([0.1, 0.9, 0.2, 0.8]))).toEqual([
      { share: 0, value: 0.5 },
      { share: 0.25, value: 0.75 },
      { share: 0.5, value: 1 },
      { share: 0.75, value: 1 },
      { share: 1, value: 1 },
    ]);
  });

  test('a perfect signal recovers all that can be, a constant one as much as chance, a contrary one less', () => {
    const area = (rows: RoutedRows) => areaRecovered(rows)(all(rows));
    expect(area(half([0, 1, 0, 1]))).toBeCloseTo(0.75);
    expect(area(half([5, 5, 5, 5]))).toBeCloseTo(0.5);
    expect(area(half([1, 0, 1, 0]))).toBeCloseTo(0.25);
    // an answer of no known confidence is passed on before all others
    expect(area(half([Number.NaN, 0.9, Number.NaN, 0.8]))).toBeCloseTo(0.75);
  });

  test('says how many strong calls a part of the gap takes, between rows of one confidence too', () => {
    const calls = (rows: RoutedRows, recovered: number) => callsFor(rows, recovered)(all(rows));
    const perfect = half([0, 1, 0, 1]);
    expect(calls(perfect, 0.5)).toBeCloseTo(0.25);
    expect(calls(perfect, 0.8)).toBeCloseTo(0.4);
    expect(calls(half([5, 5, 5, 5]), 0.8)).toBeCloseTo(0.8);
  });

  test('without a gap it is as random routing', () => {
    const none = rowsOf([1, 2], [1, 1], [0, 1]);
    expect(areaRecovered(none)(all(none))).toBe(0.5);
    expect(callsFor(none, 0.8)(all(none))).toBe(0.8);
  });

  const anyRows = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 1,
      maxLength: 40,
    })
    .map((rows) =>
      rowsOf(
        rows.map(([sure]) => sure),
        rows.map(([, cheap]) => cheap),
        rows.map(([, , strong]) => strong),
      ),
    );

  test('runs from the cheap to the strong mean, and a resample is the curve of its rows', () => {
    fc.assert(
      fc.property(anyRows, fc.infiniteStream(fc.nat()), (rows, picks) => {
        const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
        const curve = routingCurve(rows);
        expect(curve[0]).toEqual({ share: 0, value: mean(rows.cheap) });
        expect(curve.at(-1)!.share).toBe(1);
        expect(curve.at(-1)!.value).toBeCloseTo(mean(rows.strong));
        expect(thinned(curve, 5).map(({ share }) => share)).toEqual([0, 0.25, 0.5, 0.75, 1]);
        const drawn = Int32Array.from(rows.cheap, () => picks.next().value! % rows.cheap.length);
        const copied = rowsOf(
          ...((['confidence', 'cheap', 'strong'] as const).map((name) => [...drawn].map((row) => rows[name][row]!)) as [
            number[],
            number[],
            number[],
          ]),
        );
        expect(areaRecovered(rows)(drawn)).toBeCloseTo(areaRecovered(copied)(all(copied)));
        expect(callsFor(rows, 0.5)(drawn)).toBeCloseTo(callsFor(copied, 0.5)(all(copied)));
      }),
    );
  });
});

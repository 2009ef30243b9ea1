import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.ts';
import { wilsonInterval } from './proportion.ts';
import references from './references/statistics.json' with { type: 'json' };

/** Two columns of scores on both sides of 0.5 that fall into a table of yes and no as told. */
function columns(table: readonly (readonly number[])[], times = 1): [Float64Array, Float64Array] {
  const rows = table.flatMap((line, one) => line.flatMap((count, other) => Array.from({ length: count * times }, () => [one, other])));
  const column = (side: number) => Float64Array.from(rows, (row) => 0.3 + 0.4 * row[side]!);
  return [column(0), column(1)];
}

const plain = { confidence: 0.95, cuts: [0.5, 0.5] as const };

describe('agreement of two columns', () => {
  it.each(references.kappa.filter(({ table }) => table.length === 2))(
    "has statsmodels' kappa with its interval for $table",
    ({ table, confidence, value, low, high }) => {
      const { raw, kappa } = agreementOf(...columns(table), { ...plain, confidence })!;
      const [[yes = 0, a = 0] = [], [b = 0, no = 0] = []] = table;
      expect(raw).toMatchObject({ value: (yes + no) / (yes + a + b + no), method: 'wilson' });
      expect(kappa!.value).toBeCloseTo(value, 10);
      expect(kappa!.low).toBeCloseTo(low, 8);
      expect(kappa!.high).toBeCloseTo(high, 8);
    },
  );

  it('is over the rows where both are numbers, a score on the cut being a yes', () => {
    const one = Float64Array.of(0.5, 0.9, Number.NaN, 0.1, 0.2);
    const other = Float64Array.of(1, Number.NaN, 0, 0.4999, 0.7);
    const { raw, kappa } = agreementOf(one, other, plain)!;
    expect(raw).toMatchObject({ value: 2 / 3, n: 3, ...wilsonInterval(2, 3, 0.95) });
    expect(kappa?.n).toBe(3);
    expect(agreementOf(one, other, { ...plain, cuts: [0.1, 0.7] })!.raw.value).toBeCloseTo(2 / 3, 12);
    expect(agreementOf(one, new Float64Array(5).fill(Number.NaN), plain)).toBeUndefined();
  });

  it('has no kappa where both only ever give one and the same mark', () => {
    const always = new Float64Array(10).fill(1);
    expect(agreementOf(always, always, plain)).toMatchObject({ raw: { value: 1 }, kappa: undefined });
  });

  it('is as sure of rows that are copies of each other as of one of them', () => {
    const table = [
      [40, 6],
      [9, 45],
    ];
    const single = agreementOf(...columns(table), plain)!;
    const [one, other] = columns(table, 4);
    const clusters = Int32Array.from(one, (_, row) => Math.floor(row / 4));
    const { raw, kappa } = agreementOf(one, other, { ...plain, clusters })!;
    expect(kappa!.value).toBeCloseTo(single.kappa!.value, 12);
    // G/(G − 1) of the cluster-robust variance
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    expect(width(kappa!)).toBeCloseTo(width(single.kappa!) * Math.sqrt(100 / 99), 10);
    expect(width(raw)).toBeGreaterThan(0.95 * width(single.raw));
    expect(kappa!.method).toBe('cohen kappa, 100 clusters');
  });

  it('knows little of copies that all agree, and nothing of a single group', () => {
    const scores = Float64Array.from({ length: 40 }, (_, row) => (row < 20 ? 0.1 : 0.9));
    const pairs = agreementOf(scores, scores, { ...plain, clusters: Int32Array.from(scores, (_, row) => Math.floor(row / 10)) })!;
    expect(pairs.kappa).toMatchObject({ value: 1, high: 1 });
    expect(pairs.kappa!.low).toBeLessThan(agreementOf(scores, scores, plain)!.kappa!.low);
    const other = scores.map((score, row) => (row % 5 === 0 ? 1 - score : score));
    expect(agreementOf(scores, other, { ...plain, clusters: new Int32Array(40) })!.kappa).toMatchObject({ low: -1, high: 1 });
  });

  it('stays in its bounds, whatever the columns', () => {
    const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN));
    const row = fc.tuple(score, score, fc.nat(4));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.boolean(), (rows, grouped) => {
        const clusters = grouped ? Int32Array.from(rows, ([, , cluster]) => cluster) : undefined;
        const agreement = agreementOf(
          Float64Array.from(rows, ([one]) => one),
          Float64Array.from(rows, ([, other]) => other),
          { ...plain, clusters },
        );
        for (const { value, low, high } of [agreement?.raw, agreement?.kappa].filter((estimate) => estimate !== undefined)) {
          expect(low).toBeLessThanOrEqual(value + 1e-12);
          expect(high).toBeGreaterThanOrEqual(value - 1e-12);
          expect(low).toBeGreaterThanOrEqual(-1);
          expect(high).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

import { asymptoticInterval } from '#statistics/asymptotic-sequence.ts';
import {
  bettingInterval,
  pairedBettingInterval,
  pairedSurelyAbove,
  quantileSurelyAbove,
  quantileSurelyAtMost,
  surelyAbove,
  surelyBelow,
} from '#statistics/betting.ts';
import { normalQuantile } from '#statistics/distributions.ts';
import { type LiveDifference, liveDifference } from '#statistics/msprt.ts';
import { wilsonInterval } from '#statistics/proportion.ts';
import { type CoverageCase, holds } from './coverage.ts';
import type { Draws } from './draws.ts';
import { drawSample, groupsOfRows, rightColumn, type Sample, scoreColumn, skewedColumn } from './samples.ts';

const nominal = 0.95;
/** Of each side. */
const error = (1 - nominal) / 2;
const sizes = [200, 2000] as const;

const later = 'a part of the error is kept for the rows still to come';
const sizesKnown = `${later}; a group counts as one bet, weighted by its size over the largest`;

interface Shape {
  readonly name: string;
  draw(draws: Draws): Sample;
}

const alone: Shape = { name: 'rows alone', draw: (draws) => drawSample(draws, sizes) };
const grouped: Shape = { name: 'rows in groups of 2 to 10', draw: (draws) => drawSample(draws, sizes, groupsOfRows) };

/** Every interval that may be looked at at any time, and one that may not. */
export const sequences: readonly CoverageCase[] = [
  ...[alone, grouped].flatMap((shape): CoverageCase[] => [
    {
      method: 'betting',
      setting: `true share 50–98 %, ${shape.name}, n 200–2,000, at the end`,
      nominal,
      atLeast: true,
      effort: 0.25,
      why: shape === alone ? later : sizesKnown,
      covers(draws) {
        const sample = shape.draw(draws);
        const { values, truth } = rightColumn(sample, draws.between(0.5, 0.98));
        const estimate = bettingInterval(values, { confidence: nominal, clusters: sample.clusters });
        return estimate === undefined ? undefined : holds({ ...estimate, truth });
      },
    },
    {
      method: 'betting',
      setting: `true share 50–98 %, ${shape.name}, up to 200–2,000 rows, after every row`,
      nominal,
      atLeast: true,
      effort: 1,
      why: shape === alone ? later : sizesKnown,
      covers(draws) {
        const { clusters, ...sample } = shape.draw(draws);
        const { values, truth } = rightColumn({ clusters, ...sample }, draws.between(0.5, 0.98));
        return !surelyAbove(values, truth, error, clusters) && !surelyBelow(values, truth, error, clusters);
      },
    },
    {
      method: 'betting',
      setting: `mean score, five steps, ${shape.name}, up to 200–2,000 rows, after every row`,
      nominal,
      atLeast: true,
      effort: 1,
      why: shape === alone ? later : sizesKnown,
      covers(draws) {
        const sample = shape.draw(draws);
        const { values, truth } = scoreColumn(sample, draws.between(0, 1.5));
        return !surelyAbove(values, truth, error, sample.clusters) && !surelyBelow(values, truth, error, sample.clusters);
      },
    },
    {
      method: 'paired betting',
      setting: `difference of two shares, ${shape.name}, n 200–2,000, at the end`,
      nominal,
      atLeast: true,
      effort: 0.25,
      why: shape === alone ? later : sizesKnown,
      covers(draws) {
        const sample = shape.draw(draws);
        const [first, second] = pairOfShares(sample, draws);
        const estimate = pairedBettingInterval(first.values, second.values, { confidence: nominal, clusters: sample.clusters });
        return estimate === undefined ? undefined : holds({ ...estimate, truth: first.truth - second.truth });
      },
    },
    {
      method: 'paired betting',
      setting: `difference of two shares, ${shape.name}, up to 200–2,000 rows, after every row`,
      nominal,
      atLeast: true,
      effort: 1,
      why: shape === alone ? later : sizesKnown,
      covers(draws) {
        const sample = shape.draw(draws);
        const [first, second] = pairOfShares(sample, draws);
        const difference = first.truth - second.truth;
        return (
          !pairedSurelyAbove(first.values, second.values, difference, error, sample.clusters) &&
          !pairedSurelyAbove(second.values, first.values, -difference, error, sample.clusters)
        );
      },
    },
    {
      method: 'betting on a quantile',
      setting: `95th percentile of a log-normal latency, ${shape.name}, up to 200–2,000 rows, after every row`,
      nominal,
      atLeast: true,
      effort: 1,
      why: shape === alone ? later : sizesKnown,
      covers(draws) {
        const sample = shape.draw(draws);
        const spread = draws.between(0.1, 0.8);
        const { values } = skewedColumn(sample, spread);
        const truth = Math.exp(spread * normalQuantile(0.95) - spread ** 2 / 2);
        return (
          !quantileSurelyAtMost(values, 0.95, truth * (1 - 1e-9), error, sample.clusters) &&
          !quantileSurelyAbove(values, 0.95, truth, error, sample.clusters)
        );
      },
    },
  ]),
];

/** Rows after which a sequence is looked at where a look takes long: each at least 1 % after the one before. */
function looksFrom(first: number, rows: number): number[] {
  const looks: number[] = [];
  for (let row = first; row <= rows; row = Math.ceil(row * 1.01 + 1e-9)) looks.push(row);
  return looks;
}

/** Rows at which a climb first looks. */
const firstLook = 100;

/** Sequences that rest on many rows: their promise is kept only roughly while rows are few. */
export const asymptoticSequences: readonly CoverageCase[] = [
  ...[2, firstLook].flatMap((first) =>
    [alone, grouped].map(
      (shape): CoverageCase => ({
        method: 'asymptotic sequence',
        setting: `mean cost, log-normal, ${shape.name}, up to 200–2,000 rows, after every 1 % more from row ${first} on`,
        nominal,
        atLeast: true,
        effort: 0.1,
        ...(first === firstLook
          ? { why: later }
          : { contrast: true, why: 'for comparison: it rests on many rows, and a climb first looks after 100' }),
        covers(draws) {
          const sample = shape.draw(draws);
          const { values, truth } = skewedColumn(sample, draws.between(0.1, 0.8));
          return looksFrom(first, sample.rows).every((rows) => {
            const estimate = asymptoticInterval(values.subarray(0, rows), {
              confidence: nominal,
              clusters: sample.clusters?.subarray(0, rows),
            });
            return estimate === undefined || holds({ ...estimate, truth });
          });
        },
      }),
    ),
  ),
  {
    method: 'live test (mSPRT)',
    setting: 'difference of two arms, true shares 50–98 %, up to 2,000 requests each, after every request',
    nominal,
    atLeast: true,
    effort: 0.5,
    why: later,
    covers(draws) {
      const rows = 2000;
      const arms = [0, 1].map(() => {
        const share = draws.between(0.5, 0.98);
        return { share, sum: 0 };
      });
      const [first, second] = [arms[0]!, arms[1]!];
      let previous: LiveDifference | undefined;
      for (let n = 1; n <= rows; n++) {
        for (const arm of arms) if (draws.chance(arm.share)) arm.sum++;
        const totals = arms.map(({ sum }) => ({ n, sum, squares: sum }));
        previous = liveDifference(totals[0]!, totals[1]!, { confidence: nominal, priorDeviation: 0.1, previous });
        if (!holds({ ...previous, truth: first.share - second.share })) return false;
      }
      return true;
    },
  },
];

/** What peeking does to an interval that is not made for it. */
export const peekedAt: readonly CoverageCase[] = [
  {
    method: 'Wilson, not made for it',
    contrast: true,
    setting: 'true share 50–98 %, rows alone, up to 1,000 rows, after every row from the 20th on',
    nominal,
    effort: 0.25,
    why: 'for comparison: an interval of a fixed sample, looked at all the time',
    covers(draws) {
      const sample = drawSample(draws, [1000, 1000]);
      const { values, truth } = rightColumn(sample, draws.between(0.5, 0.98));
      let right = 0;
      for (const [row, value] of values.entries()) {
        right += value;
        if (row >= 19 && !holds({ ...wilsonInterval(right, row + 1, nominal), truth })) return false;
      }
      return true;
    },
  },
];

function pairOfShares(sample: Sample, draws: Draws) {
  const correlation = draws.between(0.2, 0.9);
  return [rightColumn(sample, draws.between(0.5, 0.98), correlation), rightColumn(sample, draws.between(0.5, 0.98), correlation)] as const;
}

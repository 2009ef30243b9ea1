import { normalQuantile } from '#statistics/distributions.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { pairedShares } from '#statistics/paired-proportions.ts';
import { betaEstimate, shareEstimate } from '#statistics/proportion.ts';
import { quantileOfRows } from '#statistics/quantile.ts';
import { pairedScores, scoreEstimate } from '#statistics/scores.ts';
import { type CoverageCase, holds } from './coverage.ts';
import type { Draws } from './draws.ts';
import { drawSample, groupsOfRows, rightColumn, type Sample, scoreColumn, skewedColumn } from './samples.ts';

const nominal = 0.95;

interface Shape {
  readonly name: string;
  draw(draws: Draws, sizes: readonly [number, number]): Sample;
}

const alone: Shape = { name: 'rows alone', draw: (draws, sizes) => drawSample(draws, sizes) };
const grouped: Shape = { name: 'rows in groups of 2 to 10', draw: (draws, sizes) => drawSample(draws, sizes, groupsOfRows) };

const usualSizes = [200, 2000] as const;
const smallSizes = [30, 100] as const;
/** Resampling takes time: these are the sizes at which it is simulated. */
const bootstrapSizes = [100, 400] as const;

const onePoint =
  'counts are whole numbers: at one true share an interval of counts lies above or below its level, only its average can be near it';
const fewGroups = '5 to 17 groups hardly show how alike their rows are, and the interval allows for that';
const fewResampled = 'resampling 17 to 70 whole groups is a little too sure of itself';
const wholeRows = 'its ends are rows: the next row inwards would give less than stated';

/** Every interval of a fixed sample, on rows alone and in groups. */
export const fixedIntervals: readonly CoverageCase[] = [
  ...shares('Wilson', shareEstimate),
  ...shares('Jeffreys', betaEstimate),
  ...[alone, grouped].flatMap((shape): CoverageCase[] => [
    {
      method: 't',
      setting: `mean cost, log-normal, ${shape.name}, n 200–2,000`,
      nominal,
      effort: 1,
      ...(shape === alone ? {} : { why: 'costs are skewed, and the mean of few groups with them' }),
      covers(draws) {
        const sample = shape.draw(draws, usualSizes);
        const { values, truth } = skewedColumn(sample, draws.between(0.1, 0.8));
        const estimate = meanEstimate(values, nominal, sample.clusters);
        return estimate === undefined ? undefined : holds({ ...estimate, truth });
      },
    },
    {
      method: 'BCa bootstrap',
      setting: `mean score, five steps, ${shape.name}, n 100–400`,
      nominal,
      effort: 0.5,
      ...(shape === alone ? {} : { why: fewResampled }),
      covers(draws, seed) {
        const sample = shape.draw(draws, bootstrapSizes);
        const { values, truth } = scoreColumn(sample, draws.between(0, 1.5));
        const estimate = scoreEstimate(values, { confidence: nominal, seed, clusters: sample.clusters });
        return estimate === undefined ? undefined : holds({ ...estimate, truth });
      },
    },
    {
      method: 'paired bootstrap',
      setting: `difference of mean scores, ${shape.name}, n 100–400`,
      nominal,
      effort: 0.5,
      ...(shape === alone ? {} : { why: fewResampled }),
      covers(draws, seed) {
        const sample = shape.draw(draws, bootstrapSizes);
        const correlation = draws.between(0.2, 0.9);
        const first = scoreColumn(sample, draws.between(0, 1.5), correlation);
        const second = scoreColumn(sample, draws.between(0, 1.5), correlation);
        const estimate = pairedScores(first.values, second.values, { confidence: nominal, seed, clusters: sample.clusters });
        return estimate === undefined ? undefined : holds({ ...estimate, truth: first.truth - second.truth });
      },
    },
    {
      method: 'Newcombe paired',
      setting: `difference of two shares, ${shape.name}, n 200–2,000`,
      nominal,
      effort: 1,
      ...(shape === alone ? {} : { why: 'the uncertainty of how alike the rows of a group are is allowed for' }),
      covers(draws) {
        const sample = shape.draw(draws, usualSizes);
        const correlation = draws.between(0.2, 0.9);
        const first = rightColumn(sample, draws.between(0.5, 0.98), correlation);
        const second = rightColumn(sample, draws.between(0.5, 0.98), correlation);
        const estimate = pairedShares(first.values, second.values, { confidence: nominal, clusters: sample.clusters });
        return estimate === undefined ? undefined : holds({ ...estimate, truth: first.truth - second.truth });
      },
    },
    ...[0.5, 0.95].map(
      (probability): CoverageCase => ({
        method: probability === 0.5 ? 'quantile, median' : 'quantile, 95th percentile',
        setting: `latency, log-normal, ${shape.name}, n 200–2,000`,
        nominal,
        effort: 1,
        why: shape === alone ? wholeRows : `${wholeRows}; and the groups' own uncertainty is allowed for`,
        covers(draws) {
          const sample = shape.draw(draws, usualSizes);
          const spread = draws.between(0.1, 0.8);
          const { values } = skewedColumn(sample, spread);
          const estimate = quantileOfRows(values, probability, { confidence: nominal, clusters: sample.clusters });
          const truth = Math.exp(spread * normalQuantile(probability) - spread ** 2 / 2);
          return estimate === undefined ? undefined : holds({ low: estimate.low, high: estimate.high, truth });
        },
      }),
    ),
  ]),
];

function shares(method: string, estimateOf: typeof shareEstimate): CoverageCase[] {
  const line = (
    shape: Shape,
    sizes: readonly [number, number],
    range: readonly [number, number],
    setting: string,
    why?: string,
  ): CoverageCase => ({
    ...(why === undefined ? {} : { why }),
    method,
    setting,
    nominal,
    effort: 1,
    covers(draws) {
      const sample = shape.draw(draws, sizes);
      const { values, truth } = rightColumn(sample, draws.between(...range));
      const estimate = estimateOf(values, { confidence: nominal, clusters: sample.clusters });
      return estimate === undefined ? undefined : holds({ ...estimate, truth });
    },
  });
  return [
    line(alone, usualSizes, [0.5, 0.98], 'true share 50–98 %, rows alone, n 200–2,000'),
    line(alone, smallSizes, [0.5, 0.98], 'true share 50–98 %, rows alone, n 30–100'),
    line(alone, [100, 100], [0.97, 0.97], 'true share 97 %, rows alone, n 100: one point, not an average', onePoint),
    line(grouped, usualSizes, [0.5, 0.98], 'true share 50–98 %, rows in groups of 2 to 10, n 200–2,000'),
    line(grouped, smallSizes, [0.5, 0.98], 'true share 50–98 %, rows in groups of 2 to 10, n 30–100', fewGroups),
  ];
}

import { calibrationCounts, correctedDifference, correctedRate } from '#statistics/judge.ts';
import { pairedShares } from '#statistics/paired-proportions.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { type CoverageCase, holds } from './coverage.ts';
import type { Draws } from './draws.ts';
import { drawSample, rightColumn } from './samples.ts';

const nominal = 0.95;

interface Judge {
  readonly sensitivity: number;
  readonly specificity: number;
}

/** A rate and a difference that a judge with known faults saw, corrected by answers that people marked too. */
export const judgeIntervals: readonly CoverageCase[] = [
  {
    method: 'corrected judge rate',
    setting: 'true share 50–98 %, 200–2,000 rows judged, 150–600 of calibration',
    nominal,
    effort: 1,
    covers(draws) {
      const judge = drawJudge(draws);
      const sample = drawSample(draws, [200, 2000]);
      const { values, truth } = rightColumn(sample, draws.between(0.5, 0.98));
      const right = judgedColumn(values, judge, draws).reduce((sum, mark) => sum + mark, 0);
      const calibration = calibrationOf(truth, judge, draws);
      const estimate = correctedRate({ judged: { right, n: values.length }, calibration }, nominal);
      return estimate === undefined ? undefined : holds({ ...estimate, truth });
    },
  },
  {
    method: 'judge rate as judged',
    contrast: true,
    setting: 'the same, without the correction',
    nominal,
    effort: 0.25,
    why: 'for comparison: a judge’s faults taken for the rung’s',
    covers(draws) {
      const judge = drawJudge(draws);
      const sample = drawSample(draws, [200, 2000]);
      const { values, truth } = rightColumn(sample, draws.between(0.5, 0.98));
      const right = judgedColumn(values, judge, draws).reduce((sum, mark) => sum + mark, 0);
      const estimate = proportionEstimate(right, values.length, nominal);
      return estimate === undefined ? undefined : holds({ ...estimate, truth });
    },
  },
  {
    method: 'corrected judge difference',
    setting: 'difference of two shares, 200–2,000 rows judged, 150–600 of calibration',
    nominal,
    effort: 1,
    covers(draws) {
      const judge = drawJudge(draws);
      const sample = drawSample(draws, [200, 2000]);
      const correlation = draws.between(0.2, 0.9);
      const first = rightColumn(sample, draws.between(0.5, 0.98), correlation);
      const second = rightColumn(sample, draws.between(0.5, 0.98), correlation);
      const judged = pairedShares(judgedColumn(first.values, judge, draws), judgedColumn(second.values, judge, draws), {
        confidence: nominal,
      });
      if (judged === undefined) return undefined;
      const calibration = calibrationOf((first.truth + second.truth) / 2, judge, draws);
      const estimate = correctedDifference({ judged, calibration }, nominal);
      return estimate === undefined ? undefined : holds({ ...estimate, truth: first.truth - second.truth });
    },
  },
];

function drawJudge(draws: Draws): Judge {
  return { sensitivity: draws.between(0.85, 0.99), specificity: draws.between(0.75, 0.97) };
}

function markOf(right: boolean, { sensitivity, specificity }: Judge, draws: Draws): 0 | 1 {
  return draws.chance(right ? sensitivity : 1 - specificity) ? 1 : 0;
}

function judgedColumn(values: Float64Array, judge: Judge, draws: Draws): Float64Array {
  return values.map((value) => markOf(value === 1, judge, draws));
}

function calibrationOf(share: number, judge: Judge, draws: Draws) {
  return calibrationCounts(
    Array.from({ length: draws.integer(150, 600) }, () => {
      const right = draws.chance(share);
      return { judge: markOf(right, judge, draws), human: right ? 1 : 0 } as const;
    }),
  );
}

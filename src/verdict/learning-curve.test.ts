import { describe, expect, it } from 'vitest';
import type { LearningCurveEvidence, StoredForecast } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import { forecastToStore, learningCurveLines, learningCurveOf } from './learning-curve.ts';
import { madeEvidence, madeTask } from './verdict.fixture.ts';

const noise = [-0.01, 0, 0.01];

function made(
  error: (rows: number) => number,
  { sizes = [20, 40, 80, 160, 320], earlier = [] as readonly StoredForecast[], n = 400, better = 'higher' as 'higher' | 'lower' } = {},
): LearningCurveEvidence {
  const value = (rows: number, off: number) => (better === 'higher' ? 1 - error(rows) : error(rows)) + off;
  const points = sizes.flatMap((rows) => noise.map((off, seed) => ({ rows, seed, value: value(rows, off), n })));
  return { rung: 'distilled', metric: 'accuracy', better, points, earlier };
}

function curveOf(evidence: LearningCurveEvidence, goals: Record<string, string> = {}, changes: Partial<Task> = {}) {
  const curve = learningCurveOf(madeEvidence([], { learningCurves: [evidence] }), madeTask(goals, changes));
  if (curve === null) throw new Error('no curve');
  return curve;
}

const falling = (rows: number) => 0.05 + 2 * rows ** -0.6;

describe('learningCurveOf', () => {
  it('is nothing where no curve was measured', () => {
    expect(learningCurveOf(madeEvidence([]), madeTask())).toBeNull();
    expect(learningCurveOf(madeEvidence([], { learningCurves: [{ ...made(falling), points: [] }] }), madeTask())).toBeNull();
  });

  it('gives each size with its seeds, its interval and its n, and the forecast at 1.5 to 4 times', () => {
    const curve = curveOf(made(falling));
    expect(curve).toMatchObject({ rung: 'distilled', metric: 'accuracy', law: 'power', scored: [] });
    expect(curve.points.map(({ rows, seeds, n }) => [rows, seeds, n])).toEqual([20, 40, 80, 160, 320].map((rows) => [rows, 3, 400]));
    expect(curve.forecast.map(({ rows }) => rows)).toEqual([480, 640, 960, 1280]);
    for (const { value, low, high } of [...curve.points, ...curve.forecast]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(curve.forecast[1]!.value).toBeCloseTo(1 - falling(640), 1);
    expect(learningCurveOf(madeEvidence([], { learningCurves: [made(falling)] }), madeTask())).toEqual(curve);
  });

  it('says what doubling the labels is forecast to bring, against the smallest gain that matters', () => {
    const doubling = /^Doubling the labels from 320 to 640 is forecast to improve accuracy by \+\d.* points \(95 % band .*, n 400\)/;
    const small = curveOf(made(falling), {}, { minimumGain: 0.2 });
    expect(small.why).toMatch(doubling);
    expect(small.why).toContain('labelling more is forecast to gain less than the 20 points that matter');
    expect(curveOf(made(falling), {}, { minimumGain: 0.001 }).why).toContain('at least the 0.1 points that matter');
    expect(curveOf(made(falling), {}, { minimumGain: 0.022 }).why).toContain('cannot be told yet');
  });

  it('says about how many labels would reach the goal, with the band', () => {
    const goal = 1 - falling(700);
    const about = /About ([\d,]+) labels would reach the goal, accuracy of at least .* band ([\d,]+) to (more than )?([\d,]+)\)\.$/.exec(
      curveOf(made(falling, { n: 20_000 }), { accuracy: `>= ${goal.toFixed(4)}` }).why,
    );
    const [labels, early, late] = [about?.[1], about?.[2], about?.[4]].map((text) => Number(text?.replace(',', '')));
    expect(labels).toBeGreaterThan(500);
    expect(labels).toBeLessThan(900);
    expect(early).toBeLessThan(labels!);
    expect(late).toBeGreaterThan(labels!);
    expect(curveOf(made(falling), { accuracy: '>= 0.999' }).why).toMatch(
      /Even 1,280 labels are not forecast to reach the goal|cannot be told\.$/,
    );
    expect(
      curveOf(
        made((rows) => 0.3 + 2 / rows, { n: 20_000 }),
        { accuracy: '>= 0.9' },
      ).why,
    ).toContain('Even 1,280 labels are not forecast');
    expect(curveOf(made(falling), { accuracy: '>= 0.5' }).why).toContain('the goal, accuracy of at least 50 %, is reached already');
    expect(curveOf(made(falling), { latencyP95Ms: '<= 800' }).why).not.toContain('goal');
  });

  it('speaks of improvement where less is better', () => {
    const curve = curveOf(made(falling, { better: 'lower', n: 20_000 }), { accuracy: `<= ${falling(700).toFixed(4)}` });
    expect(curve.why).toMatch(/improve accuracy by \+.*About \d{3} labels would reach the goal, accuracy of at most/);
    expect(curve.forecast.map(({ value }) => value)).toEqual([...curve.forecast.map(({ value }) => value)].sort((a, b) => b - a));
  });

  it('cannot tell from a curve that is flat so far', () => {
    const curve = curveOf(made(() => 0.45));
    expect(curve).toMatchObject({ law: 'none', forecast: [] });
    expect(curve.why).toMatch(/^No forecast is made: the curve is flat so far.*cannot be told\.$/);
    const good = {
      ...made(() => 0.005, { n: 4000 }),
      points: made(() => 0.005, { n: 4000 }).points.map((point) => ({ ...point, value: 0.995 })),
    };
    expect(curveOf(good).why).toMatch(/cannot be told\. At most 0\.\d points of accuracy are left to gain\.$/);
  });
});

describe('a stored forecast', () => {
  const early = made(falling, { sizes: [10, 20, 40, 80, 160] });

  it('is scored when more data has come, at its numbers of rows and between them', () => {
    const stored = forecastToStore(curveOf(early));
    expect(stored).toMatchObject({ rung: 'distilled', metric: 'accuracy', madeAt: 160 });
    expect(stored.points.map(({ rows }) => rows)).toEqual([160, 240, 320, 480, 640]);
    for (const most of [200, 320, 400, 660]) {
      const [scored] = curveOf(made(falling, { sizes: [most / 8, most / 4, most / 2, most], earlier: [stored] })).scored;
      expect(scored).toMatchObject({ madeAt: 160, rows: most, within: true });
      expect(scored!.came).toBeCloseTo(1 - falling(most), 10);
      expect(Math.abs(scored!.forecast - scored!.came)).toBeLessThan(0.02);
      expect(scored!.low).toBeLessThan(scored!.forecast);
    }
    const worse = made((rows) => falling(rows) + 0.2, { sizes: [40, 80, 160, 320], earlier: [stored] });
    expect(curveOf(worse).scored[0]!.within).toBe(false);
  });

  it('is not scored by the data it was made from, nor far beyond what it said', () => {
    const stored = forecastToStore(curveOf(early));
    for (const most of [160, 170, 720]) {
      expect(curveOf(made(falling, { sizes: [20, 40, 80, most], earlier: [stored] })).scored).toEqual([]);
    }
    const none = forecastToStore(curveOf(made(() => 0.45, { sizes: [10, 20, 40, 80, 160] })));
    expect(curveOf(made(falling, { sizes: [20, 40, 80, 320], earlier: [none] })).scored).toEqual([]);
  });
});

describe('learningCurveLines', () => {
  it('shows the sizes, the forecast, what it means and how earlier ones did', () => {
    const stored = forecastToStore(curveOf(made(falling, { sizes: [10, 20, 40, 80, 160] })));
    const lines = learningCurveLines(curveOf(made(falling, { earlier: [stored] })));
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('Learning curve of distilled, accuracy, 3 seeds each, n 400 validation rows:');
    expect(lines[1]).toMatch(/measured {2}20 rows \d.* % \(.*–.* %\), 40 rows/);
    expect(lines[2]).toMatch(/forecast {2}480 rows .*; power law$/);
    expect(lines[4]).toMatch(/At 160 rows .* was forecast for 320; .* came, within the band\.$/);
    expect(lines.join('')).not.toMatch(/NaN|Infinity|undefined/);
    expect(learningCurveLines(curveOf(made(() => 0.45)))).toHaveLength(3);
  });
});

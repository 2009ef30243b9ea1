import { expect, it } from 'vitest';
import type { RoutingVerdict } from '#core/routing.ts';
import { brokenIds, tagsOf } from './markup.fixture.ts';
import { fixtureInput } from './report.fixture.ts';
import { renderReport } from './report.ts';

const estimate = (value: number) => ({ value, low: value - 0.02, high: value + 0.02, n: 400, method: 'bca bootstrap' });
const difference = (value: number) => ({ ...estimate(value), p: 0.01 });
const routing: RoutingVerdict = {
  cheap: { part: 'p_a', rung: 'zero-shot', model: 'small<i>' },
  strong: { part: 'p_b', rung: 'zero-shot', model: 'large' },
  signal: 'predictor',
  threshold: 0.8,
  loss: 0.02,
  lossConfidence: 0.95,
  why: 'On 300 validation rows <b>nothing</b> was lost.',
  rows: 300,
  signals: [
    {
      signal: 'predictor',
      area: null,
      accepted: 0.5,
      calibration: { error: 0.03, expected: 0.04, expectedHigh: 0.06, n: 300, bins: 10, method: 'expected calibration error' },
    },
  ],
  strongShare: estimate(0.4),
  compared: {
    metric: 'accuracy',
    randomShare: 0.45,
    by: 'cost',
    randomMix: estimate(0.7),
    gainOverRandom: difference(0.1),
    beatsRandom: true,
    bestSingle: { rung: 'large', candidate: 'c_1', value: 0.9, gain: difference(-0.01) },
    lost: difference(0.01),
    gapRecovered: estimate(0.9),
    apgr: estimate(0.8),
    cpt: { '50': estimate(0.1), '80': estimate(0.3), '95': estimate(0.6) },
    curve: [0, 0.5, 1].map((share) => ({
      strongShare: share,
      value: 0.6 + 0.3 * share ** 0.5,
      random: 0.6 + 0.3 * share,
      costPer1k: share,
    })),
  },
  says: 'cascade beats random routing at the same cost: +10 points.',
};

function pageWith(changes: Partial<RoutingVerdict> = {}): string {
  const input = fixtureInput();
  const rungs = input.verdict.rungs.map((rung, index) => (index === 1 ? { ...rung, routing: { ...routing, ...changes } } : rung));
  return renderReport({ ...input, verdict: { ...input.verdict, rungs } });
}

it('draws the cost-quality curve beside random routing, and tells the figures', () => {
  const page = pageWith();
  expect(page).toContain('Cheap first, strong when unsure');
  expect(page).toContain('at random, same cost');
  expect(page).toContain('cascade beats random routing at the same cost');
  expect(page).toContain('Area recovered over all thresholds 0.80');
  expect(page).not.toMatch(/NaN|undefined|Infinity|<b>nothing/);
  expect(tagsOf(page).length).toBeGreaterThan(100);
  expect(brokenIds(page)).toEqual([]);
});

it('draws over the share of strong calls where a price is not known, and nothing where nothing was compared', () => {
  const unpriced = pageWith({
    compared: { ...routing.compared!, curve: routing.compared!.curve.map(({ costPer1k: _, ...point }) => point) },
  });
  expect(unpriced).toContain('share of strong calls →');
  const none = pageWith({ compared: null, signals: [] });
  expect(none).not.toContain('at random, same cost');
  expect(none).not.toMatch(/NaN|undefined/);
  expect(renderReport(fixtureInput())).not.toContain('Cheap first');
});

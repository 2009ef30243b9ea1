import { describe, expect, it } from 'vitest';
import type { VerdictLearningCurve } from '#core/verdict.ts';
import { learningCurveSection } from './learning-curve.ts';
import { fixtureInput } from './report.fixture.ts';
import { viewReport } from './report-view.ts';
import { renderSection } from './section.ts';

const place = (rows: number, value: number, reach: number, method: string) => ({
  rows,
  value,
  low: value - reach,
  high: value + reach,
  n: 100,
  method,
});

const curve: VerdictLearningCurve = {
  rung: 'distilled',
  metric: 'accuracy',
  points: [20, 40, 80, 160, 300].map((rows) => ({ ...place(rows, 0.9 - 3 / rows, 0.06, 'wilson over seeds'), seeds: 3 })),
  forecast: [450, 600, 900, 1200].map((rows) => place(rows, 0.91 - 3 / rows, 0.05, 'power law, bootstrap')),
  law: 'power',
  why: 'Doubling the labels from 300 to 600 is forecast to improve accuracy by +1.2 points.',
  scored: [{ madeAt: 150, rows: 300, forecast: 0.88, low: 0.85, high: 0.91, came: 0.89, within: true }],
};

function rendered(learningCurve: VerdictLearningCurve | null, goals?: Record<string, string>): string {
  const input = fixtureInput();
  const criteria = goals === undefined ? input.verdict.criteria : { ...input.verdict.criteria, goals };
  const section = learningCurveSection(viewReport({ ...input, verdict: { ...input.verdict, learningCurve, criteria } }));
  return section === null ? '' : renderSection(section).toString();
}

describe('learningCurveSection', () => {
  it('is absent where no curve was measured', () => {
    expect(rendered(null)).toBe('');
    expect(rendered({ ...curve, points: [], forecast: [] })).toBe('');
  });

  it('draws every size with its interval, the band dashed beyond them, and the goal', () => {
    const page = rendered(curve);
    expect(page.match(/class="point frontier"/g)).toHaveLength(10);
    expect(page.match(/stroke-dasharray:7 5/g)).toHaveLength(2);
    expect(page).toContain('goal 90 %');
    expect(rendered(curve, {})).not.toContain('class="goal"');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(new Set(page.match(/ id="[^"]+"/g)).size).toBe(page.match(/ id="[^"]+"/g)!.length);
  });

  it('says what it means, with a table of every number, its n and its method', () => {
    const page = rendered(curve);
    expect(page).toContain('Doubling the labels from 300 to 600');
    expect(page.match(/<tr>/g)).toHaveLength(10);
    expect(page).toContain('title="power law, bootstrap, n = 100"');
    expect(page).toContain('measured, 3 seeds');
    expect(page).toContain('was forecast for 300; 89');
  });

  it('shows a curve without a forecast, of one size, or beyond 0 to 1', () => {
    for (const made of [
      { ...curve, forecast: [], scored: [], law: 'none' },
      { ...curve, points: curve.points.slice(0, 1), forecast: [] },
      { ...curve, points: curve.points.map((point) => ({ ...point, value: 12, low: 12, high: 12 })), forecast: [] },
    ]) {
      const page = rendered(made);
      expect(page).toContain('<svg');
      expect(page).not.toMatch(/dashed|NaN|Infinity|undefined/);
    }
  });

  it('escapes what comes from outside', () => {
    const page = rendered({ ...curve, rung: '<b>"x', metric: '<i>', why: '<script>alert(1)</script>' });
    expect(page).not.toMatch(/<b>"|<script|<i>[^<]/);
    expect(page).toContain('&lt;script&gt;');
  });
});

import { describe, expect, it } from 'vitest';
import type { Estimate } from '#core/estimate.ts';
import type { ComparisonRow, Verdict, VerdictRung } from '#core/verdict.ts';
import { fixtureVerdict } from '#report/verdict.fixture.ts';
import { formatVerdict } from './format-verdict.ts';

const share = (value: number, n: number, method = 'wilson'): Estimate => ({
  value,
  low: value - 0.05,
  high: Math.min(1, value + 0.05),
  n,
  method,
});

const rows: ComparisonRow[] = [
  {
    rung: 'few-shot',
    kind: 'prompt',
    setup: { dollars: 0, seconds: 0.4 },
    latencyMs: { p50: 40, p95: 71 },
    consistency: share(0.7, 40, 'bca bootstrap, 8 clusters'),
    robustness: share(0.8, 144),
    tokens: { input: 310, output: 24 },
    costPer1k: 0.06,
    expertise: 'prompting',
  },
  { rung: 'fine-tuned\u001b[2J', kind: 'tuned', setup: { dollars: 1.5, seconds: 61 }, robustness: share(0.95, 144), expertise: 'ml' },
];

const shown = (verdict: Verdict, width: number) => formatVerdict(verdict, { color: false, width });

describe('the comparison in the terminal', () => {
  const verdict = { ...fixtureVerdict(), comparison: rows };

  it('is one table with intervals, and their n and methods below', () => {
    const text = shown(verdict, 150);
    expect(text).toMatch(/ {2}compared +kind +consistency +robustness +p95 +cost\/1k +tokens +set-up +skill\n/);
    expect(text).toMatch(
      / {2}few-shot +prompt +70\.0 % \(65\.0–75\.0 %\) +80\.0 % \(75\.0–85\.0 %\) +71 ms +\$0\.06 +310 \+ 24 +0\.4 s +prompting\n/,
    );
    expect(text).toMatch(/ {2}fine-tuned.* +tuned +- +95\.0 % \(90\.0–100\.0 %\) +- +- +- +\$1\.50, 1 min 01 s +machine learning\n/);
    expect(text).toContain('Intervals at 95 %: consistency n 40, bca bootstrap, 8 clusters; robustness n 144, wilson.');
    expect(text).not.toContain('flexibility');
    expect(text).not.toContain('\u001b');
  });

  it('drops what a narrow terminal has no room for, the least needed first', () => {
    const text = shown(verdict, 80);
    expect(text).toMatch(/ {2}compared +kind +consistency +robustness +cost\/1k\n/);
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('is left out where nothing is compared', () => {
    expect(shown(fixtureVerdict(), 150)).not.toContain('compared');
  });
});

describe('the end of the ladder', () => {
  it('shows what probes measured of the goals that name it', () => {
    const before = fixtureVerdict();
    const probe = (estimate: Estimate): NonNullable<VerdictRung['probes']>[number] => ({
      ...{ probe: 'latency', options: {}, better: { firstTokenMs: 'lower' }, units: { firstTokenMs: 'ms' }, series: [], families: [] },
      metrics: { firstTokenMs: estimate },
    });
    const rungs = before.rungs.map((rung): VerdictRung => {
      if (rung.rung !== 'few-shot') return rung;
      const found = { value: 120, low: 90, high: 150, n: 24, method: 't' };
      return { ...rung, goals: { ...rung.goals, firstTokenMs: 'met' }, probes: [probe(found)] };
    });
    const criteria = { ...before.criteria, goals: { ...before.criteria.goals, firstTokenMs: '<= 200' } };
    const text = shown({ ...before, rungs, criteria }, 140);
    expect(text).toMatch(/ {2}probed +firstTokenMs *\n/);
    expect(text).toMatch(/ {2}few-shot +✓ 120 ms \(90 ms to 150 ms, n 24\)/);
    expect(text).toMatch(/ {2}fine-tuned +not probed/);
    expect(text).toContain('firstTokenMs: t\n');
    expect(shown(before, 140)).not.toContain('probed');
  });
});

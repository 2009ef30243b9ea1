import { expect, it } from 'vitest';
import { type OptimisationData, optimisationView } from './optimisation.ts';

const method = 'wilson';
const baseline = {
  n: 0,
  parent: null,
  kind: 'baseline',
  hypothesis: 'The instructions alone.',
  change: '',
  value: { value: 0.4, low: 0.2, high: 0.6, n: 24, method },
  gain: null,
  rows: 24,
  kept: true,
  why: 'what changes are measured against',
  calls: 24,
  tokens: 60,
  latencyMs: 10,
};
const better = {
  ...baseline,
  n: 1,
  parent: 0,
  hypothesis: 'Examples <b>help</b>.',
  change: '+ 8 examples',
  value: { value: 0.7, low: 0.5, high: 0.9, n: 30, method },
  gain: { value: 0.3, low: 0.1, high: 0.5, n: 30, method: 'betting confidence sequence', p: 0.01 },
  calls: 80,
};
const dropped = { ...better, n: 2, parent: 1, kept: false, why: 'it will hardly get ahead', value: null, gain: null, calls: 100 };

function dataWith(changes: Partial<OptimisationData['history']> = {}): OptimisationData {
  const history = {
    trials: [baseline, better, dropped],
    best: 1,
    plateau: { reached: true, why: 'nothing more helped', calls: 80 },
    held: { rows: 10, winner: 1, gain: better.gain, passed: true, chosen: 1, why: 'it is better there, too' },
    front: [0, 1],
    calls: 120,
    allowed: 200,
    confidence: 0.95,
    notes: [],
  };
  return { rung: 'optimized', metric: 'accuracy', history: { ...history, ...changes } };
}

it('shows accuracy against calls with the plateau, and every trial with its reason', () => {
  const page = String(optimisationView(dataWith()));
  expect(page).toContain('plateau from 80 calls');
  expect(page).toContain('it will hardly get ahead');
  expect(page).toContain('betting confidence sequence');
  expect(page).toContain('+30.0 pts');
  expect(page).toContain('On 10 rows that were held back');
  expect(page).not.toContain('<b>help');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

it('says where no plateau was reached, and shows nothing where nothing was measured', () => {
  const open = String(optimisationView(dataWith({ plateau: { reached: false, why: 'the calls were spent', calls: null }, held: null })));
  expect(open).toContain('It ended before a plateau: the calls were spent.');
  expect(open).not.toContain('plateau from');
  expect(optimisationView(dataWith({ trials: [dropped] }))).toBeNull();
});

it('draws metrics of any range', () => {
  const below = { ...baseline, value: { value: -3, low: -4, high: -2, n: 24, method: 't' } };
  expect(String(optimisationView(dataWith({ trials: [below] })))).not.toMatch(/NaN|Infinity/);
});

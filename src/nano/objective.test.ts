import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, type Objective } from './objective.ts';

const loss = fc.double({ min: 0, max: 60, noNaN: true });
const pairs = fc.array(fc.tuple(loss, loss, fc.double({ min: -40, max: 40, noNaN: true })), { minLength: 1, maxLength: 6 });
const betas = fc.double({ min: 0.01, max: 2, noNaN: true });

const objectiveOf = (beta: number, items: readonly (readonly [number, number, number])[]): Objective => ({
  type: 'preference',
  beta,
  references: items.map(([, , reference]) => reference),
});

test('a preference is worth −ln σ(β · margin), and its slopes are those of that value', () => {
  fc.assert(
    fc.property(pairs, betas, (items, beta) => {
      const objective = objectiveOf(beta, items);
      const losses = items.flatMap((item) => item.slice(0, 2));
      const { values, weights } = judge(losses, objective);
      for (const [index, [chosen, rejected, reference]] of items.entries()) {
        const plain = -Math.log(1 / (1 + Math.exp(-beta * (rejected - chosen - reference))));
        if (Number.isFinite(plain) && plain > 1e-6) expect(values[index]! / plain).toBeCloseTo(1, 6);
      }
      const step = 1e-5;
      const total = (changed: readonly number[]) => judge(changed, objective).values.reduce((sum, value) => sum + value, 0);
      for (const [row, weight] of weights.entries()) {
        const moved = (by: number) => total(losses.map((value, other) => (other === row ? value + by : value)));
        expect(weight).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 4);
      }
    }),
  );
});

test('where nothing has changed the value is ln 2, and margins of any size stay finite', () => {
  expect(judge([3, 5], { type: 'preference', beta: 0.1, references: [2] }).values[0]).toBeCloseTo(Math.LN2, 12);
  for (const margin of [1e5, -1e5]) {
    const { values, weights } = judge([0, margin], { type: 'preference', beta: 1, references: [0] });
    expect([...values, ...weights].every(Number.isFinite)).toBe(true);
    expect(values[0]).toBeCloseTo(Math.max(-margin, 0), 6);
  }
});

test('a likelihood is its losses, each with weight one', () => {
  expect(judge([1.5, 0], { type: 'likelihood' })).toEqual({ values: [1.5, 0], weights: [1, 1] });
});

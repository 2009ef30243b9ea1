import { expect, it } from 'vitest';
import { simulatedRows, simulateLabelling } from './label-simulation.fixture.ts';

it('the informative order teaches a classifier more than a random one with the same labels', async () => {
  const heldOut = simulatedRows(200, 99);
  const means = { informative: 0, random: 0 };
  for (const seed of [1, 2]) {
    const rows = simulatedRows(300, seed);
    for (const order of ['informative', 'random'] as const) {
      const [share = 0] = await simulateLabelling(rows, heldOut, { order, seed, checks: [80] });
      means[order] += share / 2;
    }
  }
  expect(means.informative).toBeGreaterThan(means.random + 0.05);
});

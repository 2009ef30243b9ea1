import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Progress, successiveHalving } from './successive-halving.ts';

/** Runs whose metric grows towards their quality, and how many evaluations each was given. */
function field(qualities: readonly number[], length = 16) {
  const given = new Map<number, number>();
  const run = async (index: number, evaluations: number): Promise<Progress> => {
    const upTo = Math.min(evaluations, length);
    given.set(index, upTo);
    return { metric: qualities[index]! * (1 - 0.5 ** upTo), validationLoss: 1, ended: upTo === length };
  };
  return { given, run, configurations: qualities.map((_, index) => index) };
}

it('ends with the best, having spent the most on it', async () => {
  const { given, run, configurations } = field([0.3, 0.9, 0.5, 0.7, 0.1, 0.2, 0.6, 0.4]);
  const rounds: number[] = [];
  const standings = await successiveHalving(configurations, { first: 1, run, onRound: (_round, left) => rounds.push(left.length) });
  expect(standings.map(({ configuration }) => configuration)).toEqual([1, 3, 6, 2, 7, 0, 5, 4]);
  expect(rounds).toEqual([8, 4, 2, 1]);
  expect([...given.values()].sort((a, b) => a - b)).toEqual([1, 1, 1, 1, 2, 2, 4, 16]);
  expect(standings.map(({ dropped }) => dropped)).toEqual([undefined, 3, 2, 2, 1, 1, 1, 1]);
});

it('lets the validation loss decide where the metric is even, and the order where both are', async () => {
  const loss = [0.5, 0.4, 0.4];
  const run = async (index: number): Promise<Progress> => ({ metric: 0.5, validationLoss: loss[index], ended: false });
  const standings = await successiveHalving([0, 1, 2], { first: 1, run });
  expect(standings.map(({ configuration }) => configuration)).toEqual([1, 2, 0]);
});

it('gives every configuration back once, whatever happens to it', async () => {
  const progress = fc.record({ metric: fc.option(fc.double({ noNaN: true }), { nil: undefined }), ended: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(progress, { maxLength: 12 }), async (fates) => {
      const configurations = fates.map((_, index) => index);
      const standings = await successiveHalving(configurations, { first: 1, run: async (index) => fates[index]! });
      expect(standings.map(({ configuration }) => configuration).sort((a, b) => a - b)).toEqual(configurations);
    }),
  );
});

import type { Estimate } from '#core/estimate.ts';
import { ratioOf, shareOf } from './figure.ts';
import type { Trial } from './simulate.ts';

/** Rungs that truly lie so far from the bar. */
export interface DistanceLine {
  readonly name: string;
  readonly rungs: number;
  /** Of all rows of all rungs, those that belong to these. */
  readonly ofRows: number;
  /** Rows that the early stop asked for. */
  readonly asked: Estimate | undefined;
  readonly decidedAllRows: Estimate | undefined;
  readonly decidedEarlyStop: Estimate | undefined;
}

const distances: readonly (readonly [string, number, number])[] = [
  ['under 1 point', 0, 0.01],
  ['1 to 3 points', 0.01, 0.03],
  ['3 to 6 points', 0.03, 0.06],
  ['6 to 12 points', 0.06, 0.12],
  ['over 12 points', 0.12, 1],
];

export function distanceLines(trials: readonly Trial[], seed: number): DistanceLine[] {
  const all = trials.flatMap(({ world, allRows, earlyStop }) =>
    world.rungs.flatMap(({ accuracy }, place) =>
      earlyStop.map((outcome, time) => ({
        world,
        distance: Math.abs(accuracy - world.bar),
        part: outcome.rungs[place]!.rows,
        whole: world.rows,
        early: outcome.rungs[place]!.status,
        late: allRows[time]!.rungs[place]!.status,
      })),
    ),
  );
  const rows = all.reduce((sum, { whole }) => sum + whole, 0);
  return distances.map(([name, from, to]) => {
    const these = all.filter(({ distance }) => distance >= from && distance < to);
    return {
      name,
      rungs: these.length,
      ofRows: these.reduce((sum, { whole }) => sum + whole, 0) / rows,
      asked: ratioOf(these, seed),
      decidedAllRows: shareOf(
        these,
        ({ late }) => late !== 'undecided',
        ({ world }) => world,
      ),
      decidedEarlyStop: shareOf(
        these,
        ({ early }) => early !== 'undecided',
        ({ world }) => world,
      ),
    };
  });
}

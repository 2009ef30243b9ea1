import { isSufficient, type Outcome } from './outcome.ts';
import type { FollowUp, Trial } from './simulate.ts';
import type { World } from './world.ts';

/** One decision beside the truth of its world. */
export interface Decision {
  readonly world: World;
  readonly outcome: Outcome;
  /** The same on all rows: what those go by who do not stop early. */
  readonly whole: Outcome;
  readonly followUp?: FollowUp | undefined;
}

/** How a set of decisions is cut: each cut is one line of a table. */
export interface Cut {
  readonly name: string;
  readonly holds: (world: World) => boolean;
}

export const cuts: readonly Cut[] = [
  { name: 'all', holds: () => true },
  { name: 'usual', holds: ({ family }) => family === 'usual' },
  { name: 'near the bar', holds: ({ family }) => family === 'near the bar' },
  { name: 'every rung above the bar', holds: ({ family }) => family === 'all above' },
  { name: 'every rung under the bar', holds: ({ family }) => family === 'all below' },
  { name: 'every rung below the floor', holds: ({ family }) => family === 'below the floor' },
  { name: 'rows in groups', holds: ({ clusters }) => clusters !== undefined },
  { name: 'scored by a judge', holds: ({ judge }) => judge !== undefined },
];

/** Every measurement of every world is one decision. */
export function decisionsOf(trials: readonly Trial[], how: 'allRows' | 'earlyStop'): Decision[] {
  return trials.flatMap(({ world, allRows, followUps, [how]: outcomes }) =>
    outcomes.map((outcome, time) => ({ world, outcome, whole: allRows[time]!, followUp: followUps[time] })),
  );
}

export function callsWrongSufficient({ world, outcome }: Decision): boolean {
  return outcome.chosen !== undefined && !isSufficient(world, outcome.chosen);
}

export function anyWronglyMet({ world, outcome }: Decision): boolean {
  return outcome.rungs.some(({ status }, place) => status === 'met' && !isSufficient(world, place));
}

export function anyWronglyMissed({ world, outcome }: Decision): boolean {
  return outcome.rungs.some(({ status }, place) => status === 'not-met' && isSufficient(world, place));
}

/** The verdict says that no rung will do, and one would. */
export function missesSufficient({ world, outcome }: Decision): boolean {
  return outcome.status === 'not-met' && hasSufficient(world);
}

export function isUndecided({ outcome }: Decision): boolean {
  return outcome.status === 'undecided';
}

export function hasSufficient(world: World): boolean {
  return world.rungs.some((_, place) => isSufficient(world, place));
}

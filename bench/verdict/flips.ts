import type { Estimate } from '#core/estimate.ts';
import { shareOf } from './figure.ts';
import type { Trial } from './simulate.ts';

/** What two climbs of one world, on fresh rows each, say of each other. */
export interface Flips {
  readonly pairs: number;
  /** One says that a rung will do, the other that none will. */
  readonly contradict: Estimate | undefined;
  /** One calls a rung good enough that the other calls not good enough. */
  readonly rungContradicts: Estimate | undefined;
  /** One chose a rung that the other calls not good enough. */
  readonly chosenContradicted: Estimate | undefined;
  /** Both chose, and not the same rung; of the pairs in which both chose. */
  readonly otherChosen: Estimate | undefined;
  /** One is undecided and the other is not. */
  readonly oneUndecided: Estimate | undefined;
}

export function flipsOf(trials: readonly Trial[], how: 'allRows' | 'earlyStop'): Flips {
  const pairs = trials.map((trial) => trial[how]);
  const bothChose = pairs.filter(([first, second]) => first.chosen !== undefined && second.chosen !== undefined);
  return {
    pairs: pairs.length,
    contradict: shareOf(pairs, ([first, second]) => opposed(first.status, second.status)),
    rungContradicts: shareOf(pairs, ([first, second]) =>
      first.rungs.some(({ status }, place) => opposed(status, second.rungs[place]!.status)),
    ),
    chosenContradicted: shareOf(
      pairs,
      ([first, second]) =>
        (first.chosen !== undefined && second.rungs[first.chosen]!.status === 'not-met') ||
        (second.chosen !== undefined && first.rungs[second.chosen]!.status === 'not-met'),
    ),
    otherChosen: shareOf(bothChose, ([first, second]) => first.chosen !== second.chosen),
    oneUndecided: shareOf(pairs, ([first, second]) => (first.status === 'undecided') !== (second.status === 'undecided')),
  };
}

function opposed(one: string, other: string): boolean {
  return (one === 'met' && other === 'not-met') || (one === 'not-met' && other === 'met');
}

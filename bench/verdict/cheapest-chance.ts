import type { Estimate } from '#core/estimate.ts';
import type { Decision } from './decisions.ts';
import { shareOf } from './figure.ts';
import { cheapestSufficient } from './policies.ts';

/** Verdicts that give such a chance, and how often it came true. */
export interface ChanceLine {
  readonly name: string;
  readonly verdicts: number;
  /** Mean of the chances given. */
  readonly said: number;
  readonly came: Estimate | undefined;
}

const ranges: readonly (readonly [string, number, number])[] = [
  ['under 50 %', 0, 0.5],
  ['50 to 80 %', 0.5, 0.8],
  ['80 to 95 %', 0.8, 0.95],
  ['95 % or more', 0.95, 1.01],
];

/** Whether the chance that the chosen rung is the cheapest of those that will do is what it says. */
export function chanceLines(decisions: readonly Decision[]): ChanceLine[] {
  return ranges.map(([name, from, to]) => {
    const these = decisions.filter(({ outcome: { chance } }) => chance !== undefined && chance >= from && chance < to);
    return {
      name,
      verdicts: these.length,
      said: these.reduce((sum, { outcome }) => sum + outcome.chance!, 0) / Math.max(1, these.length),
      came: shareOf(
        these,
        ({ world, outcome }) => outcome.chosen === cheapestSufficient(world),
        ({ world }) => world,
      ),
    };
  });
}

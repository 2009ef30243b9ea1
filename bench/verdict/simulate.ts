import { measureWorld } from './measure.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { drawWorld, type World, type WorldFamily } from './world.ts';

/** One world, measured twice with fresh rows, decided both ways each time. */
export interface Trial {
  readonly world: World;
  readonly allRows: readonly [Outcome, Outcome];
  readonly earlyStop: readonly [Outcome, Outcome];
  /** What came of asking for the rows that an undecided verdict named; absent where it was not, or they cost too much. */
  readonly followUps: readonly [FollowUp | undefined, FollowUp | undefined];
}

export interface FollowUp {
  readonly outcome: Outcome;
  /** US dollars. */
  readonly price: number;
}

/** US dollars for one more labelled row. */
export const labelPrice = 1;
/** More rows are asked for where they cost at most this part of what lies between the dearest and the cheapest rung that may do. */
export const followUpShare = 0.1;
const mostRows = 10_000;

export function trials(worlds: number, seed: number, family?: WorldFamily): Trial[] {
  return Array.from({ length: worlds }, (_, index) => {
    const world = drawWorld(seed, index, family);
    const [first, second] = [measureWorld(world, 1), measureWorld(world, 2)];
    const earlyStop = [outcomeOf(first, 'early stop'), outcomeOf(second, 'early stop')] as const;
    return {
      world,
      allRows: [outcomeOf(first, 'all rows'), outcomeOf(second, 'all rows')],
      earlyStop,
      followUps: family === undefined ? [followUp(world, earlyStop[0], 3), followUp(world, earlyStop[1], 4)] : [undefined, undefined],
    };
  });
}

/** The whole test split anew, as large as the undecided verdict asks for: every row of it is new, and paid for. */
function followUp(world: World, { moreRows, rungs }: Outcome, repetition: number): FollowUp | undefined {
  if (moreRows === undefined) return undefined;
  const rows = world.rows + moreRows;
  const costs = rungs.filter(({ status }) => status !== 'not-met').map(({ horizonCost }) => horizonCost);
  const price = rows * (labelPrice + world.rungs.reduce((sum, { perRequest }) => sum + perRequest, 0));
  if (rows > mostRows || price > followUpShare * (Math.max(...costs) - Math.min(...costs))) return undefined;
  return { outcome: outcomeOf(measureWorld({ ...world, rows }, repetition), 'early stop'), price };
}

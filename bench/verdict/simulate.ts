import { measureWorld } from './measure.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { drawWorld, type World, type WorldFamily } from './world.ts';

/** One world, measured twice with fresh rows, decided both ways each time. */
export interface Trial {
  readonly world: World;
  readonly allRows: readonly [Outcome, Outcome];
  readonly earlyStop: readonly [Outcome, Outcome];
}

export function trials(worlds: number, seed: number, family?: WorldFamily): Trial[] {
  return Array.from({ length: worlds }, (_, index) => {
    const world = drawWorld(seed, index, family);
    const [first, second] = [measureWorld(world, 1), measureWorld(world, 2)];
    return {
      world,
      allRows: [outcomeOf(first, 'all rows'), outcomeOf(second, 'all rows')],
      earlyStop: [outcomeOf(first, 'early stop'), outcomeOf(second, 'early stop')],
    };
  });
}

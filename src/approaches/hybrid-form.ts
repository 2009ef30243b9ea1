import type { Approach } from '#core/approach.ts';

/** One way of tuning and prompting together: all of a rung but its name and how it answers. Options come without `form`. */
export type HybridForm = Pick<
  Approach,
  'usesKnowledge' | 'usesPrompts' | 'usesFiles' | 'otherModels' | 'checkOptions' | 'skip' | 'prepare'
> &
  Required<Pick<Approach, 'forecast'>>;

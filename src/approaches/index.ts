import type { Approach } from '#core/approach.ts';
import { cascade } from './cascade.ts';
import { hybrid } from './hybrid.ts';
import { partRungs } from './part-rungs.ts';

/** Every rung that comes with Rung. */
export const approaches: readonly Approach[] = [cascade, hybrid, ...partRungs];

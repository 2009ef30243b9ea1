import type { Guard } from '#core/guard.ts';

/** Every guard that comes with Rung, one sorted line each. */
export const guards: readonly Guard[] = [];

import type { Guard } from '#core/guard.ts';
import { forgetting } from './forgetting.ts';
import { format } from './format.ts';
import { memorisation } from './memorisation.ts';
import { overRefusal } from './over-refusal.ts';
import { parity } from './parity.ts';
import { persona } from './persona.ts';
import { quality } from './quality.ts';
import { safety } from './safety.ts';

/** Every guard that comes with Rung, one sorted line each. */
export const guards: readonly Guard[] = [forgetting, format, memorisation, overRefusal, parity, persona, quality, safety];

import type { Probe } from '#core/probe.ts';
import { drift } from './drift.ts';
import { forgetting } from './forgetting.ts';
import { format } from './format.ts';
import { jailbreak } from './jailbreak.ts';
import { latency } from './latency.ts';
import { leak } from './leak.ts';
import { memorisation } from './memorisation.ts';
import { overlay } from './overlay.ts';

/** Every probe that `rung probe` may name; one line each, sorted. */
export const probes: readonly Probe[] = [drift, forgetting, format, jailbreak, latency, leak, memorisation, overlay];

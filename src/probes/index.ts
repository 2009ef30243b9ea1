import type { Probe } from '#core/probe.ts';
import { drift } from './drift.ts';
import { format } from './format.ts';
import { jailbreak } from './jailbreak.ts';
import { latency } from './latency.ts';
import { leak } from './leak.ts';
import { overlay } from './overlay.ts';

/** Every probe that `rung probe` may name; one line each, sorted. */
export const probes: readonly Probe[] = [drift, format, jailbreak, latency, leak, overlay];

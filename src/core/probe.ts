import type { Candidate } from './candidate.ts';
import type { Estimate } from './estimate.ts';
import type { JsonObject } from './json.ts';
import type { TaskBrief } from './task-brief.ts';

export interface ProbeCase {
  readonly id: string;
  readonly family?: string;
  readonly passed: boolean;
  readonly reason: string;
}

export interface ProbeResult {
  readonly probe: string;
  readonly candidate: string;
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** `x` is a turn or a number of tokens. */
  readonly series: readonly ({ readonly x: number } & Estimate)[];
  readonly cases: readonly ProbeCase[];
}

/** A test of behaviour that makes its own conversations. */
export interface Probe {
  readonly id: string;
  readonly summary: string;
  run(
    candidate: Candidate,
    input: { task: TaskBrief; options: JsonObject; seed: number },
    options: { signal: AbortSignal },
  ): Promise<ProbeResult>;
}

export function defineProbe(probe: Probe): Probe {
  return probe;
}

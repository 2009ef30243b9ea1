import type { Approach } from './approach.ts';
import type { Goal } from './goal.ts';
import type { JsonObject } from './json.ts';
import type { Metric } from './metric.ts';
import type { Price } from './money.ts';
import type { TaskBrief } from './task-brief.ts';

export interface Traffic {
  readonly requestsPerMonth: number;
  readonly turns: number;
  readonly requirementChangesPerMonth: number;
  readonly horizonMonths: number;
  readonly publicFacing: boolean;
}

/** One rung to climb. `approach` is an id, or the value itself for a user's own. */
export interface LadderEntry {
  readonly approach: string | Approach;
  /** Unique within the ladder. */
  readonly name: string;
  /** A role of `models:` or a model name. */
  readonly model: string;
  readonly options: JsonObject;
}

/** What is asked of the model, complete and checked. Plain data but for values that users pass in `task.ts`. */
export interface Task extends TaskBrief {
  readonly folder: string;
  /** The file it was read from, for messages. */
  readonly file: string;
  /** Path of the examples file, inside the task folder. */
  readonly examplesFile: string;
  /** Path of the file with abilities that a tune must not lose; absent where there is none. */
  readonly generalFile?: string;
  /** Role → model name, or a model value that a provider can adopt. `base` is always there. */
  readonly models: Readonly<Record<string, string | object>>;
  readonly providers: Readonly<Record<string, ProviderEntry>>;
  readonly metrics: readonly (string | Metric)[];
  readonly goals: readonly Goal[];
  readonly confidence: number;
  readonly traffic: Traffic;
  /** Model name → price that takes the place of the published one. */
  readonly prices: Readonly<Record<string, Price>>;
  readonly ladder: readonly LadderEntry[];
  /** Smallest gain that matters, in the first metric's units. */
  readonly minimumGain: number;
  /** Below this the message is that something is wrong with the task, the model or the metric. */
  readonly floor: number;
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
  readonly seed: number;
}

export interface ProviderEntry {
  readonly kind: string;
  readonly price?: Price;
  readonly settings: JsonObject;
}

import type { Approach } from './approach.ts';
import type { CalibrationRow } from './calibration.ts';
import type { Goal } from './goal.ts';
import type { JsonObject } from './json.ts';
import type { Metric } from './metric.ts';
import type { Price } from './money.ts';
import type { Situation } from './situation.ts';
import type { TaskBrief } from './task-brief.ts';

export interface Traffic {
  readonly requestsPerMonth: number;
  readonly turns: number;
  readonly requirementChangesPerMonth: number;
  readonly horizonMonths: number;
  readonly publicFacing: boolean;
}

/** What a rung costs besides its tokens and its training, in US dollars and hours. */
export interface RungCosts {
  readonly engineeringHours: number;
  /** Hosting that runs while idle. */
  readonly hostingPerMonth: number;
  readonly maintenanceHoursPerMonth: number;
  /** Work at every change of requirements, besides setting a tuned rung up again. */
  readonly engineeringHoursPerChange: number;
}

/** What things cost that no model service bills, in US dollars. */
export interface Costs {
  /** Of a wrong answer: 1 minus the mean of the first metric is the share that is wrong. */
  readonly wrongAnswer: number;
  /** Of labelling one training row; counted for rungs that train. */
  readonly label: number;
  readonly engineeringHour: number;
  /** Name of a ladder entry → its own costs. */
  readonly rungs: Readonly<Record<string, RungCosts>>;
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
  /** Path of the folder with documents for retrieval; absent where there is none. */
  readonly knowledgeFolder?: string;
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
  readonly costs: Costs;
  /** Most answers to one row; 1 asks every row once. */
  readonly repeats: number;
  /** What rules of thumb should know and nothing measures. */
  readonly situation: Situation;
  /** Probe → its options: what a climb probes every rung with. */
  readonly probes: Readonly<Record<string, JsonObject>>;
  /** Trainer → its settings. */
  readonly trainers: Readonly<Record<string, JsonObject>>;
  /** Guard → its options; false where it is not to run. */
  readonly guards: Readonly<Record<string, JsonObject | false>>;
  /** Metric id → answers that people marked too: the metric is a judge whose rate is then corrected. */
  readonly calibration: Readonly<Record<string, readonly CalibrationRow[]>>;
}

export interface ProviderEntry {
  readonly kind: string;
  readonly price?: Price;
  readonly settings: JsonObject;
}

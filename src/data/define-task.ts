import type { Approach } from '#core/approach.ts';
import type { JsonObject } from '#core/json.ts';
import type { Metric } from '#core/metric.ts';
import type { Price } from '#core/money.ts';
import type { Situation } from '#core/situation.ts';
import type { Costs, RungCosts, Traffic } from '#core/task.ts';
import type { Persona, PersonaBoundary } from '#core/task-brief.ts';

/** A ladder entry: everything besides the three names goes to the approach as its options. */
export interface LadderEntryDefinition {
  rung: string | Approach;
  model?: string;
  name?: string;
  [option: string]: unknown;
}

export type PersonaDefinition = Partial<Omit<Persona, 'name' | 'vocabulary' | 'boundaries' | 'promptLength'>> & {
  name: string;
  vocabulary?: Partial<Persona['vocabulary']>;
  /** What it will not do or talk about, with what it says instead where there is such an answer. */
  boundaries?: readonly (string | PersonaBoundary)[];
};

/** What a task file says: the names of task.yaml, and values where a program has them. */
export interface TaskDefinition {
  /** The folder's name where absent. */
  name?: string;
  instructions: string;
  prompt?: { role?: string; context?: string; constraints?: string[] };
  output: { labels: string[] } | { schema: string | JsonObject } | { text: true };
  examples?: string;
  general?: string;
  /** Folder with documents for retrieval; `knowledge` where it exists. */
  knowledge?: string;
  persona?: string | PersonaDefinition;
  /** Role → model name or model value (any AI SDK model). `base` is `nano` where absent. */
  models?: Record<string, string | object>;
  providers?: Record<string, { kind?: string; price?: Price; [setting: string]: unknown }>;
  metrics?: (string | Metric)[];
  /** Measure → `">= 0.9"` or `"<= 800"`. */
  goals?: Record<string, string>;
  confidence?: number;
  traffic?: Partial<Traffic>;
  prices?: Record<string, Price>;
  ladder?: (string | Approach | LadderEntryDefinition)[];
  minimumGain?: number;
  floor?: number;
  split?: { train: number; validation: number; test: number };
  /** US dollars and hours that no model service bills. */
  costs?: Partial<Omit<Costs, 'rungs'>> & { rungs?: Record<string, Partial<RungCosts>> };
  /** Most answers to one row. */
  repeats?: number;
  /** What rules of thumb should know and nothing measures. */
  situation?: Omit<
    Situation,
    'requestsPerMonth' | 'labelledExamples' | 'requirementChangesPerMonth' | 'publicFacing' | 'accuracyNeeded' | 'promptingPlateaued'
  >;
  /** Metric → JSONL file of `{"judge": 0 | 1, "human": 0 | 1}`: the metric is a judge whose rate is corrected by them. */
  calibration?: Record<string, string>;
  /** Probe → its options: what a climb probes every rung with. */
  probes?: Record<string, JsonObject>;
  /** Trainer → its settings. */
  trainers?: Record<string, JsonObject>;
  /** Guard → its options, or false where it is not to run. */
  guards?: Record<string, JsonObject | false>;
  seed?: number;
  /** Longest row of the examples file, in bytes. */
  maximumRowBytes?: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What `task.ts` exports by default: the definition, or a function of the environment that gives it. */
export type TaskModule = TaskDefinition | ((environment: Environment) => TaskDefinition | Promise<TaskDefinition>);

/** Gives the definition back unchanged; it is there for its types. */
export function defineTask<T extends TaskModule>(definition: T): T {
  return definition;
}

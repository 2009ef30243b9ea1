import type { Approach, OptionFiles } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import type { Example, SplitName } from '#core/example.ts';
import type { Guard } from '#core/guard.ts';
import { contentHash, type JsonObject } from '#core/json.ts';
import type { KnowledgeDocument } from '#core/knowledge.ts';
import type { Metric } from '#core/metric.ts';
import type { Plugins } from '#core/plugins.ts';
import { pluginById } from '#core/plugins.ts';
import type { Probe } from '#core/probe.ts';
import type { PromptLibrary } from '#core/prompt.ts';
import type { Task } from '#core/task.ts';

/** The examples of a task in their three frozen parts. */
interface Splits {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
  /** Hash over ids, contents and sides. */
  readonly hash: string;
}

export interface PlannedRung {
  readonly name: string;
  readonly approach: Approach;
  readonly model: string;
  readonly options: JsonObject;
}

/** A probe that every rung is put to, and its options. */
export interface PlannedProbe {
  readonly probe: Probe;
  readonly options: JsonObject;
}

/** A guard that every tuned rung is held against, and its options. */
export interface PlannedGuard {
  readonly guard: Guard;
  readonly options: JsonObject;
}

/** What a climb will do, decided before the first answer. */
export interface Plan {
  readonly task: Task;
  readonly rungs: readonly PlannedRung[];
  readonly metrics: readonly Metric[];
  /** Those that the task names, and those that its goals are measured by. */
  readonly probes: readonly PlannedProbe[];
  /** All that there are but for those that the task switches off. */
  readonly guards: readonly PlannedGuard[];
  /** The task's examples of abilities that a tune must not lose; empty where it has none. */
  readonly general: readonly Example[];
  readonly splits: Splits;
  /** The split that the evidence is measured on. */
  readonly evidenceSplit: SplitName;
  readonly knowledge: readonly KnowledgeDocument[];
  readonly prompts: PromptLibrary;
  /** What stands in the files that options of the ladder name. */
  readonly files?: OptionFiles;
  readonly criteriaHash: string;
  readonly seed: number;
}

export interface PlanOptions {
  readonly task: Task;
  readonly splits: Splits;
  readonly plugins: Plugins;
  readonly seed?: number;
  readonly knowledge?: readonly KnowledgeDocument[];
  readonly prompts?: PromptLibrary;
  readonly general?: readonly Example[];
  /** Only these rungs of the ladder, by name. */
  readonly only?: readonly string[];
  /** A rung that something else is asked of; checked to be on the ladder. */
  readonly named?: string;
}

/** Resolves names to plug-ins and checks their options. Throws usage errors; asks no model. */
export function makePlan(options: PlanOptions): Plan {
  const { task, splits, plugins, seed, knowledge = [], prompts = { versions: [], overlays: [] }, general = [], only, named } = options;
  const metrics = task.metrics.map((metric) =>
    typeof metric === 'string' ? pluginById('metric', plugins.metrics, metric, task.file) : metric,
  );
  const unknown = [...(only ?? []), ...(named === undefined ? [] : [named])].find(
    (name) => !task.ladder.some((entry) => entry.name === name),
  );
  if (unknown !== undefined) {
    throw inputError({
      code: 'unknown-rung',
      message: `The ladder has no rung named ${JSON.stringify(unknown)}.`,
      hint: `It has: ${task.ladder.map((entry) => entry.name).join(', ')}.`,
      place: { file: task.file },
    });
  }
  const rungs = task.ladder
    .filter((entry) => only?.includes(entry.name) ?? true)
    .map((entry): PlannedRung => {
      const approach =
        typeof entry.approach === 'string' ? pluginById('rung', plugins.approaches, entry.approach, task.file) : entry.approach;
      approach.checkOptions(entry.options);
      const { trainer } = entry.options;
      if (approach.trains && typeof trainer === 'string') pluginById('trainer', plugins.trainers, trainer, task.file);
      return { name: entry.name, approach, model: entry.model, options: entry.options };
    });
  const evidenceSplit = splits.test.length > 0 ? 'test' : 'validation';
  if (splits[evidenceSplit].length === 0) {
    throw inputError({
      code: 'nothing-to-measure',
      message: 'No example is left to measure on.',
      hint: 'Add examples, or mark some with "split": "test".',
      place: { file: task.examplesFile },
    });
  }
  for (const name of Object.keys(task.trainers)) pluginById('trainer', plugins.trainers, name, task.file);
  const probes = plannedProbes(task, plugins.probes);
  const guards = plannedGuards(task, plugins.guards);
  const criteriaHash = contentHash({
    metrics: metrics.map((metric) => metric.id),
    goals: task.goals,
    confidence: task.confidence,
    minimumGain: task.minimumGain,
    output: task.output,
    // absent without probes, so that tasks that never had any keep what they registered
    ...(probes.length === 0 ? {} : { probes: Object.fromEntries(probes.map(({ probe, options }) => [probe.id, options])) }),
    ...(Object.keys(task.guards).length === 0 ? {} : { guards: task.guards }),
  });
  const measured = { ...splits, [evidenceSplit]: groupsTogether(splits[evidenceSplit]) };
  return {
    task,
    rungs,
    metrics,
    probes,
    guards,
    general,
    splits: measured,
    evidenceSplit,
    knowledge,
    prompts,
    criteriaHash,
    seed: seed ?? task.seed,
  };
}

/** A probe that only a goal names runs with its defaults. Throws a usage error for an unknown probe or option. */
function plannedProbes(task: Task, known: readonly Probe[]): PlannedProbe[] {
  const ofGoals = task.goals.flatMap(({ probe }) => (probe === undefined ? [] : [[probe, {}] as const]));
  const options = { ...Object.fromEntries(ofGoals), ...task.probes };
  return Object.keys(options)
    .sort()
    .map((id) => {
      const probe = pluginById('probe', known, id, task.file);
      const own = options[id] ?? {};
      probe.checkOptions(own);
      return { probe, options: own };
    });
}

/** Every guard with the options of the task. Throws a usage error for an unknown guard or option. */
function plannedGuards(task: Task, known: readonly Guard[]): PlannedGuard[] {
  for (const id of Object.keys(task.guards)) pluginById('guard', known, id, task.file);
  return known.flatMap((guard) => {
    const options = task.guards[guard.id] ?? {};
    if (options === false) return [];
    guard.checkOptions(options);
    return [{ guard, options }];
  });
}

/** The rows that probes draw questions from: the validation split, so that the test split stays unseen; else the measured one. */
export function probedExamples({ splits, evidenceSplit }: Pick<Plan, 'splits' | 'evidenceSplit'>): readonly Example[] {
  return splits.validation.length > 0 ? splits.validation : splits[evidenceSplit];
}

/** The same order, but each group whole where its first example stands: a look at some of the rows then sees whole groups. */
function groupsTogether(examples: readonly Example[]): readonly Example[] {
  const groups = new Map<string | Example, Example[]>();
  for (const example of examples) {
    const key = example.group ?? example;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [example]);
    else group.push(example);
  }
  return [...groups.values()].flat();
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rungConflicts } from '#approaches/overlay-base.ts';
import type { ArtefactStore, OptionFiles } from '#core/approach.ts';
import type { EvidenceSet } from '#core/evidence.ts';
import type { Example } from '#core/example.ts';
import type { Plugins } from '#core/plugins.ts';
import type { Store } from '#core/store.ts';
import type { Task } from '#core/task.ts';
import { readKnowledge, unknownDocuments } from '#data/knowledge.ts';
import { type OptionFile, readOptionRows, readOptionTexts } from '#data/option-files.ts';
import { checkPersona } from '#data/persona-contradictions.ts';
import { readPromptLibrary } from '#data/prompt-library.ts';
import { type ReadExamples, readExamples, readExamplesFile } from '#data/read-examples.ts';
import { splitExamples } from '#data/split-examples.ts';
import { loadTask } from '#data/task-file.ts';
import { climb, defaultConcurrency } from '#engine/climb.ts';
import { type DryRun, dryRun } from '#engine/dry-run.ts';
import { openRun } from '#engine/open-run.ts';
import { makePlan, type Plan } from '#engine/plan.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { type DetailedVerdict, decide } from '#verdict/decide.ts';
import { earlyStop } from '#verdict/early-stop.ts';
import { forecastToStore } from '#verdict/learning-curve.ts';
import type { TaskRunOptions } from './task-run.ts';
import { stateFolder, withTaskState } from './task-state.ts';
import { versions } from './versions.ts';

export interface SessionOptions {
  /** A task folder or file. */
  readonly task: string;
  readonly plugins: Plugins;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly seed?: number;
  /** Only these rungs, by name. */
  readonly only?: readonly string[];
  /** The rung whose learning curve will be asked for. */
  readonly learningCurve?: string;
}

/** A task that was read and planned; nothing was asked or written yet. */
export interface PlannedTask {
  readonly task: Task;
  readonly plan: Plan;
  readonly warnings: readonly string[];
  /** Where the persona is written; absent where there is none. */
  readonly personaFile?: string;
}

/** Reads a task and its examples, splits them and resolves the ladder. Throws usage errors; writes nothing. */
export async function planTask(options: SessionOptions): Promise<PlannedTask> {
  const loaded = await loadTask(options.task, { environment: options.environment, probes: options.plugins.probes });
  const task = options.seed === undefined ? loaded : { ...loaded, seed: options.seed };
  const ofPersona = loaded.personaSource && task.persona ? checkPersona(task.persona, loaded.personaSource) : [];
  const { examples, warnings } = await readExamples(task);
  const { documents: knowledge, warnings: ofKnowledge } = await readKnowledge(task);
  const prompts = await readPromptLibrary(task);
  const { examples: general, warnings: ofGeneral } = await readGeneral(task);
  const splits = splitExamples(examples, { ...task, file: task.examplesFile });
  const planned = makePlan({
    task,
    splits,
    plugins: options.plugins,
    knowledge,
    prompts,
    general,
    only: options.only,
    named: options.learningCurve,
  });
  const plan = { ...planned, files: await readFiles(planned) };
  const personaFile = loaded.personaSource?.file;
  return {
    task,
    plan,
    ...(personaFile === undefined ? {} : { personaFile }),
    warnings: [
      ...warnings,
      ...ofPersona,
      ...ofKnowledge,
      ...ofGeneral,
      ...unknownDocuments(examples, knowledge),
      ...overlayWarnings(plan, personaFile),
      ...splits.warnings,
    ],
  };
}

/** The examples of `general.jsonl`, whose answers need not fit the task's output. */
function readGeneral({ generalFile }: Task): ReturnType<typeof readExamplesFile> | ReadExamples {
  return generalFile === undefined ? { examples: [], warnings: [], lines: new Map() } : readExamplesFile(generalFile);
}

/** What stands in the files that options of the ladder name. Throws a usage error for one that cannot be read. */
async function readFiles({ rungs, task }: Pick<Plan, 'rungs' | 'task'>): Promise<OptionFiles> {
  const named = rungs.flatMap(({ approach, options }) => approach.usesFiles?.(options) ?? []);
  const read = async <Read>(paths: readonly string[], reader: (option: OptionFile) => Promise<Read>) => {
    const entries = [...new Set(paths)].map(async (path) => [path, await reader({ path, ...task })] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  return {
    rows: await read(
      named.flatMap(({ rows = [] }) => rows),
      readOptionRows,
    ),
    documents: await read(
      named.flatMap(({ documents = [] }) => documents),
      readOptionTexts,
    ),
  };
}

/** Conflicts between the prompts of the ladder and their overlays, each once. */
function overlayWarnings({ task, rungs, prompts }: Plan, personaFile: string | undefined): readonly string[] {
  const about = { task, file: task.file, prompts, ...(personaFile === undefined ? {} : { personaFile }) };
  const conflicts = rungs.flatMap(({ approach, options }) => rungConflicts({ approach: approach.id, options }, about));
  return [...new Set(conflicts.map(({ message }) => message))];
}

export interface ClimbTaskOptions extends TaskRunOptions {
  /** Forgets answers and candidates of earlier runs. */
  readonly fresh?: boolean;
  /** Takes changed criteria as the new ones instead of reporting the change. */
  readonly register?: boolean;
  /** Asks every row of every rung instead of ending where a rung has told enough. */
  readonly all?: boolean;
  /** A rung whose learning curve is measured though it asks a model. */
  readonly learningCurve?: string;
}

export interface ClimbResult {
  readonly verdict: DetailedVerdict;
  readonly evidence: EvidenceSet;
  readonly examples: readonly Example[];
}

/** What a climb of a planned task would ask and cost; with `rows` of every rung in place of those that it measures. Writes nothing, asks nothing. */
export async function dryRunTask(
  { task, plan }: Pick<PlannedTask, 'task' | 'plan'>,
  options: Pick<ClimbTaskOptions, 'plugins' | 'environment' | 'concurrency'> & { readonly rows?: number },
): Promise<DryRun> {
  const store = await openSqliteStore(':memory:');
  try {
    const { models } = openRun({ ...options, plan, store, artefacts: openArtefacts(stateFolder(task)) });
    try {
      return await dryRun(plan, models, { concurrency: options.concurrency ?? defaultConcurrency, rows: options.rows });
    } finally {
      await models.close();
    }
  } finally {
    await store.close();
  }
}

/** Climbs a planned task's ladder, resuming what was interrupted, and decides. `then` runs while the store is open. */
export async function climbTask<T>(
  { task, plan, warnings }: PlannedTask,
  options: ClimbTaskOptions,
  then: (result: ClimbResult, open: { store: Store; artefacts: ArtefactStore }) => Promise<T>,
): Promise<T> {
  return withTaskState(task, async ({ store, artefacts }) => {
    if (options.fresh) {
      await store.clear();
      for (const name of ['scratch', 'jobs']) await rm(join(stateFolder(task), name), { recursive: true, force: true });
    }
    const never = new AbortController().signal;
    const evidence = await climb({
      plan,
      plugins: options.plugins,
      store,
      artefacts,
      environment: options.environment,
      progress: options.progress ?? (() => {}),
      budget: options.budget,
      maxCalls: options.maxCalls,
      concurrency: options.concurrency,
      register: options.register,
      earlyStop: options.all ? undefined : (rungs) => earlyStop(task, plan.metrics, rungs),
      learningCurve: options.learningCurve,
      stopping: options.stopping ?? never,
      abort: options.abort ?? never,
      clock: options.clock,
      retryPolicy: options.retryPolicy,
    });
    const verdict = decide(task, { ...evidence, warnings: [...warnings, ...evidence.warnings] }, { metrics: plan.metrics, versions });
    if (verdict.learningCurve !== null) await store.recordForecast(forecastToStore(verdict.learningCurve));
    return then({ verdict, evidence, examples: plan.splits[plan.evidenceSplit] }, { store, artefacts });
  });
}

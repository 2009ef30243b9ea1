import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inputError, messageOf, RungError } from '#core/errors.ts';
import type { Output } from '#core/output.ts';
import type { Probe } from '#core/probe.ts';
import type { Task } from '#core/task.ts';
import type { Persona } from '#core/task-brief.ts';
import { checkShape } from './check-shape.ts';
import type { CheckedTask } from './checked-task.ts';
import type { Environment } from './define-task.ts';
import { taskFileOf } from './find-task.ts';
import { findInside, resolveInside } from './inside-folder.ts';
import { readLadder } from './ladder.ts';
import { readPersona } from './persona-source.ts';
import { readCalibration } from './read-calibration.ts';
import { readYaml, type SourceDocument, valueDocument } from './source-document.ts';
import { readCosts, readGoals, readOutput, readProbes, readProviders } from './task-parts.ts';
import { taskSchema } from './task-schema.ts';

export interface LoadTaskOptions {
  /** Given to a `task.ts` that exports a function. */
  readonly environment: Environment;
  /** The probes that goals and `probes:` may name; none where absent. */
  readonly probes?: readonly Probe[];
}

/** A task, and the limit that its examples file is read with. */
export interface LoadedTask extends Task {
  /** Longest row of the examples file, in bytes. */
  readonly maximumRowBytes: number;
  /** The document that says the persona, where there is one. */
  readonly personaSource?: SourceDocument;
}

/**
 * Reads and checks a task folder, or one task file, and fills in what it leaves out. Values that `task.ts` passes
 * (models, metrics, approaches) are handed on as they are. Throws a usage error with file and line for anything that
 * does not fit; running `task.ts` is running the user's own program.
 */
export async function loadTask(folderOrFile: string, { environment, probes = [] }: LoadTaskOptions): Promise<LoadedTask> {
  const file = await taskFileOf(folderOrFile);
  const folder = dirname(file);
  const document = isYaml(file) ? await readYaml(file) : await importTask(file, environment);
  const shape = checkShape(taskSchema, document);
  const checked: CheckedTask = { folder, document, shape };
  const output = await readOutput(checked);
  const { persona, source: personaSource } = (await readPersona(checked)) ?? {};
  const metrics = shape.metrics ?? defaultMetrics(output, persona);
  const metricIds = metrics.map((metric) => (typeof metric === 'string' ? metric : metric.id));
  const generalFile =
    shape.general === undefined
      ? await findInside(folder, 'general.jsonl', { file })
      : await resolveInside(folder, shape.general, 'file of general abilities', document.placeOf(['general']));
  const knowledgeFolder = await findKnowledgeFolder(checked);
  return {
    name: shape.name ?? basename(folder),
    instructions: shape.instructions,
    prompt: shape.prompt,
    output,
    ...(persona === undefined ? {} : { persona, personaSource }),
    folder,
    file,
    examplesFile: await resolveInside(folder, shape.examples, 'examples file', document.placeOf(['examples'])),
    ...(knowledgeFolder === undefined ? {} : { knowledgeFolder }),
    ...(generalFile === undefined ? {} : { generalFile }),
    models: { base: 'nano', ...shape.models } as Task['models'],
    providers: readProviders(checked),
    metrics,
    goals: readGoals(checked, metricIds, probes),
    confidence: shape.confidence,
    traffic: shape.traffic,
    prices: shape.prices,
    ladder: readLadder(checked),
    minimumGain: shape.minimumGain,
    floor: shape.floor,
    split: shape.split,
    seed: shape.seed,
    costs: readCosts(checked),
    repeats: shape.repeats,
    situation: shape.situation,
    probes: readProbes(checked, probes),
    trainers: shape.trainers,
    guards: shape.guards,
    calibration: await readCalibration(checked, metricIds),
    maximumRowBytes: shape.maximumRowBytes,
  };
}

/** The folder that `knowledge:` names, or `knowledge/` where it lies in the task folder. */
async function findKnowledgeFolder({ folder, document, shape }: CheckedTask): Promise<string | undefined> {
  const place = document.placeOf(['knowledge']);
  const found =
    shape.knowledge === undefined
      ? await findInside(folder, 'knowledge', place)
      : await resolveInside(folder, shape.knowledge, 'knowledge folder', place);
  if (found === undefined || (await stat(found)).isDirectory()) return found;
  throw inputError({
    code: 'knowledge-not-a-folder',
    message: `The knowledge ${JSON.stringify(shape.knowledge ?? 'knowledge')} is a file.`,
    hint: 'Put it into a folder, and name that folder.',
    place,
  });
}

function isYaml(file: string): boolean {
  return ['.yaml', '.yml'].includes(extname(file));
}

async function importTask(file: string, environment: Environment): Promise<SourceDocument> {
  try {
    // The version makes a program that stays up read a file again that was edited meanwhile.
    const version = (await stat(file)).mtimeMs;
    const module: { default?: unknown } = await import(/* @vite-ignore */ `${pathToFileURL(file).href}?version=${version}`);
    const exported = module.default;
    const value: unknown = typeof exported === 'function' ? await exported(environment) : exported;
    if (value !== undefined) return valueDocument(file, value);
  } catch (error) {
    if (RungError.is(error)) throw error;
    throw inputError({
      code: 'task-unreadable',
      message: `The task file cannot be run: ${messageOf(error).split('\n', 1)[0]}`,
      hint: 'Correct it; --debug shows the stack.',
      place: { file },
      cause: error,
    });
  }
  throw inputError({
    code: 'task-unreadable',
    message: 'The task file has no default export.',
    hint: 'Write export default defineTask({ … }).',
    place: { file },
  });
}

function defaultMetrics(output: Output, persona: Persona | undefined): string[] {
  const byKind: Record<Output['kind'], string[]> = {
    labels: ['accuracy', 'macroF1', 'format'],
    json: ['accuracy', 'fieldAccuracy', 'format'],
    text: [persona === undefined ? 'exact' : 'persona'],
  };
  return byKind[output.kind];
}

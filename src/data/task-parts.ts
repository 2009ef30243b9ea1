import { readFile } from 'node:fs/promises';
import { inputError, messageOf, type Place, RungError } from '#core/errors.ts';
import { type Goal, parseGoals, serviceGoals } from '#core/goal.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import type { Probe } from '#core/probe.ts';
import type { Costs, ProviderEntry } from '#core/task.ts';
import type { CheckedTask } from './checked-task.ts';
import { resolveInside } from './inside-folder.ts';
import { compileSchema } from './json-schema.ts';
import { readLadder } from './ladder.ts';
import { quoted, suggestName } from './nearest.ts';
import { without } from './task-schema.ts';

/** Reads `output:`, with the schema's file where it names one. */
export async function readOutput({ folder, document, shape }: CheckedTask): Promise<Output> {
  const { labels, schema, text } = shape.output;
  if ([labels, schema, text].filter((kind) => kind !== undefined).length !== 1) {
    throw inputError({
      code: 'output-unclear',
      message: 'The output must be exactly one of labels, schema and text.',
      hint: 'Write output: { labels: [a, b] }, output: { schema: file.json } or output: { text: true }.',
      place: document.placeOf(['output']),
    });
  }
  if (labels !== undefined) {
    const repeated = labels.findIndex((label, index) => labels.indexOf(label) !== index);
    if (repeated === -1) return { kind: 'labels', labels };
    throw inputError({
      code: 'label-repeated',
      message: `The label ${quoted(labels[repeated])} is listed twice.`,
      hint: 'Remove one of them.',
      place: document.placeOf(['output', 'labels', repeated]),
    });
  }
  if (schema === undefined) return { kind: 'text' };
  const place = document.placeOf(['output', 'schema']);
  if (typeof schema !== 'string') {
    compileSchema(schema, place);
    return { kind: 'json', schema };
  }
  const file = await resolveInside(folder, schema, 'schema file', place);
  const read = await readSchemaFile(file);
  compileSchema(read, { file });
  return { kind: 'json', schema: read };
}

async function readSchemaFile(file: string): Promise<JsonObject> {
  let value: unknown;
  try {
    value = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw inputError({
      code: 'schema-unreadable',
      message: `The schema file is not JSON: ${messageOf(error)}.`,
      hint: 'Correct it at that position.',
      place: { file },
    });
  }
  if (isJsonObject(value)) return value as JsonObject;
  throw inputError({
    code: 'schema-unreadable',
    message: 'The schema file holds no JSON object.',
    hint: 'Write a JSON schema.',
    place: { file },
  });
}

/** Reads `costs:`. Its `rungs:` must be entries of the ladder. */
export function readCosts(checked: CheckedTask): Costs {
  const { costs } = checked.shape;
  const names = readLadder(checked).map((entry) => entry.name);
  const unknown = Object.keys(costs.rungs).find((name) => !names.includes(name));
  if (unknown === undefined) return costs;
  throw inputError({
    code: 'costs-unknown-rung',
    message: `The costs name the rung ${quoted(unknown)}, which is not on the ladder.`,
    hint: suggestName(unknown, names),
    place: checked.document.placeOf(['costs', 'rungs', unknown]),
  });
}

/**
 * Reads `goals:`. Every goal must be about a metric of the task, a measure of a probe or the service, and able to be met;
 * where a metric and a probe's measure share a name, the metric is meant.
 */
export function readGoals({ document, shape }: CheckedTask, metricIds: readonly string[], probes: readonly Probe[]): Goal[] {
  const measures = new Map(
    probes.flatMap(({ id, measures }) => measures.map((measure) => [measure.id, { probe: id, ...unitOf(measure) }] as const)),
  );
  return Object.entries(shape.goals).flatMap(([measure, text]) => {
    const place = document.placeOf(['goals', measure]);
    const known = [...metricIds, ...serviceGoals];
    const probed = known.includes(measure) ? undefined : measures.get(measure);
    if (probed === undefined && !known.includes(measure)) {
      throw inputError({
        code: 'goal-unknown',
        message: `The goal ${quoted(measure)} is about nothing that this task measures.`,
        hint: `${suggestName(measure, [...known, ...measures.keys()])} Other metrics must be named in metrics:.`,
        place,
      });
    }
    const isShare = metricIds.includes(measure) || (probed !== undefined && probed.unit === undefined);
    return atPlace(place, () => checkGoals(parseGoals(measure, text, document.file), isShare)).map((goal) => ({ ...goal, ...probed }));
  });
}

function unitOf({ unit }: Probe['measures'][number]): Pick<Goal, 'unit'> {
  return unit === undefined ? {} : { unit };
}

/** Refuses bounds that nothing can satisfy: a share above 1, a negative time, a range turned round. */
function checkGoals(goals: readonly Goal[], isShare: boolean): readonly Goal[] {
  for (const { measure, operator, bound } of goals) {
    const isAboveAll = isShare && operator === '>=' && bound > 1;
    if (!isAboveAll && !(operator === '<=' && bound < 0)) continue;
    throw inputError({
      code: 'goal-impossible',
      message: `The goal ${measure} ${operator} ${bound} can never be met.`,
      hint: isAboveAll
        ? `Scores go from 0 to 1: for ${bound} of 100 write ">= ${bound / 100}" or ">= ${bound} %".`
        : 'Give a bound of 0 or more.',
    });
  }
  const lowest = Math.max(...goals.map(({ operator, bound }) => (operator === '>=' ? bound : Number.NEGATIVE_INFINITY)));
  const highest = Math.min(...goals.map(({ operator, bound }) => (operator === '<=' ? bound : Number.POSITIVE_INFINITY)));
  if (lowest <= highest) return goals;
  throw inputError({
    code: 'goals-contradict',
    message: `The goals for ${goals[0]?.measure} contradict each other: at least ${lowest} and at most ${highest}.`,
    hint: 'Nothing can be both: correct one of the bounds.',
  });
}

/** Reads `probes:`: every one must be known, and take the options that it is given. */
export function readProbes({ document, shape }: CheckedTask, probes: readonly Probe[]): Record<string, JsonObject> {
  for (const [id, options] of Object.entries(shape.probes)) {
    const place = document.placeOf(['probes', id]);
    const probe = probes.find((each) => each.id === id);
    if (probe === undefined) {
      throw inputError({
        code: 'unknown-probe',
        message: `There is no probe named ${quoted(id)}.`,
        hint: suggestName(
          id,
          probes.map((each) => each.id),
        ),
        place,
      });
    }
    atPlace(place, () => probe.checkOptions(options));
  }
  return shape.probes;
}

function atPlace<T>(place: Place, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!RungError.is(error)) throw error;
    throw inputError({ code: error.code, message: error.message, hint: error.hint, place });
  }
}

// Names under which people write keys down; a key in the task file would end up in version control and in records.
const secretName = /^(api[-_]?key|secret([-_]?key)?|access[-_]?token|token|password|authorization)$/i;

/** Reads `providers:`. An entry's kind is its own name where it gives none. */
export function readProviders({ document, shape }: CheckedTask): Record<string, ProviderEntry> {
  return Object.fromEntries(
    Object.entries(shape.providers).map(([name, entry]) => {
      const settings = without(entry, 'kind', 'price');
      const secret = secretIn(settings);
      if (secret !== undefined) {
        throw inputError({
          code: 'secret-in-task',
          message: `The provider ${quoted(name)} has ${quoted(secret.join('.'))}: keys are not written into a task file.`,
          hint: "Remove it, and set the provider's environment variable or write it into .env.",
          place: document.placeOf(['providers', name, ...secret]),
        });
      }
      return [name, { kind: entry.kind ?? name, ...(entry.price === undefined ? {} : { price: entry.price }), settings }];
    }),
  );
}

function secretIn(settings: unknown): string[] | undefined {
  if (!isJsonObject(settings)) return undefined;
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value === 'string' && secretName.test(key)) return [key];
    const inner = secretIn(value);
    if (inner !== undefined) return [key, ...inner];
  }
  return undefined;
}

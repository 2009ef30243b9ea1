import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ApproachContext, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { type Example, expectedText } from '#core/example.ts';
import type { Json, JsonObject } from '#core/json.ts';
import type { Shot } from '#core/prompt.ts';
import { balancedExamples, diverseExamples, NearestExamples } from './example-selection.ts';
import { forecastRepairs } from './json-repair.ts';
import { plainPrompt } from './prompt.ts';
import {
  forecastPrompted,
  outputTokensFor,
  promptedCandidate,
  promptedManifest,
  readOptions,
  refuseIdleOption,
  repairOption,
} from './prompted.ts';

type Selection = 'fixed' | 'nearest' | 'balanced';

interface Variant {
  readonly selection: Selection;
  readonly shots: number;
}

const poolFile = 'examples.jsonl';
const fewest = 2;
const most = 256;
const usualShots = [4, 8];
const firstOfMany = 8;
const smallestGain = 0.01;

const optionsSchema = z.object({
  selection: z.enum(['fixed', 'nearest', 'balanced']).optional().describe('"fixed", "nearest" or "balanced"'),
  shots: z
    .union([z.int().min(fewest).max(most), z.literal('many')])
    .optional()
    .describe(`a whole number from ${fewest} to ${most}, or "many"`),
  pays: z.number().min(0).max(1).optional().describe('a number from 0 to 1: the gain that a doubling of "many" must bring'),
  repair: repairOption,
});

/** Worked examples before the question: one fixed, diverse set, one balanced over labels, or the nearest to each question. */
export const fewShot = defineApproach({
  id: 'few-shot',
  summary: 'The instructions and examples: 4 or 8 unless told, fixed or nearest, whichever does better on the validation split.',
  checkOptions(options) {
    const { shots } = readOptions('few-shot', optionsSchema, options);
    if (shots !== 'many') refuseIdleOption('few-shot', 'pays', options, 'shots: many');
  },
  skip({ train }) {
    const usable = train.filter(hasAnswer).length;
    return usable < fewest ? `It needs at least ${fewest} training examples with an expected answer; there are ${usable}.` : undefined;
  },
  forecast(input) {
    const { variants, repair = 0 } = planOf(input);
    const shots = diverseExamples(input.train.filter(hasAnswer), Math.max(...variants.map((variant) => variant.shots))).map(toShot);
    return {
      prepareCalls: variants.length === 1 ? 0 : variants.length * input.validation.length * (1 + repair),
      ...forecastRepairs(forecastPrompted(plainPrompt(input.task), shots, input), repair),
    };
  },
  async prepare(input, context) {
    const { variants, grows, pays = smallestGain } = planOf(input);
    const first = variants[0] as Variant;
    if (variants.length === 1) return manifestFor(first, input, context);
    // without rows to measure on: the largest of the usual ones, the smallest of many
    if (input.validation.length === 0) return manifestFor(grows ? first : (variants.at(-1) as Variant), input, context);
    let best: { manifest: Manifest; score: number } | undefined;
    for (const [index, variant] of variants.entries()) {
      const manifest = await manifestFor(variant, input, context);
      context.progress({ message: `trying ${variant.shots} ${variant.selection} examples`, done: index, total: variants.length });
      const score = await context.evaluate(manifest, input.validation);
      const isBetter = best === undefined || (grows ? score - best.score >= Math.max(pays, Number.EPSILON) : score > best.score);
      if (isBetter) best = { manifest, score };
      // growth ends at the first doubling that does not pay
      else if (grows) break;
    }
    return (best as { manifest: Manifest }).manifest;
  },
  async restore(manifest, context) {
    const { selection, shots } = manifest.state['variant'] as unknown as Variant;
    if (selection !== 'nearest') return promptedCandidate(manifest, context);
    const folder = await context.artefacts.path(manifest.artefacts['pool'] as string);
    const pool = (await readFile(join(folder, poolFile), 'utf8')).trimEnd().split('\n');
    const nearest = new NearestExamples(pool.map((line) => JSON.parse(line) as Example));
    return promptedCandidate(manifest, context, (input) => nearest.nearest(input, shots).map(toShot));
  },
});

/** The variants to choose from, and whether each is tried only where the one before it paid. */
function planOf({ options, train }: PrepareInput) {
  const { selection, shots, pays, repair } = readOptions('few-shot', optionsSchema, options);
  if (shots === 'many') {
    const counts = doublings(train.filter(hasAnswer).length);
    return { variants: counts.map((count): Variant => ({ selection: selection ?? 'fixed', shots: count })), grows: true, pays, repair };
  }
  const selections: readonly Selection[] = selection === undefined ? ['fixed', 'nearest'] : [selection];
  const counts = shots === undefined ? usualShots : [shots];
  const variants = selections.flatMap((each) => counts.map((count): Variant => ({ selection: each, shots: count })));
  return { variants, grows: false, pays, repair };
}

/** 8, 16, 32, … up to what there is. */
function doublings(available: number): readonly number[] {
  const counts = [Math.min(firstOfMany, available)];
  for (let count = 2 * firstOfMany; count <= Math.min(available, most); count *= 2) counts.push(count);
  return counts;
}

async function manifestFor(variant: Variant, input: PrepareInput, context: ApproachContext): Promise<Manifest> {
  const { task, train, model, name, options } = input;
  const pool = train.filter(hasAnswer);
  const shots: Readonly<Record<Selection, () => readonly Example[]>> = {
    fixed: () => diverseExamples(pool, variant.shots),
    balanced: () => balancedExamples(pool, variant.shots),
    nearest: () => [],
  };
  const lines = () => pool.map(({ id, input: asked, expected }) => `${JSON.stringify({ id, input: asked, expected })}\n`).join('');
  const artefacts: Record<string, string> =
    variant.selection === 'nearest' ? { pool: await context.artefacts.write({ [poolFile]: lines() }) } : {};
  const state = {
    prompt: plainPrompt(task),
    output: task.output,
    maxOutputTokens: outputTokensFor(task.output),
    shots: shots[variant.selection]().map(toShot),
    variant: { ...variant },
    ...repairOf(options),
  };
  return promptedManifest({ approach: 'few-shot', name, model }, state, artefacts);
}

// absent where nothing is repaired: manifests from before there was an option keep their ids
function repairOf(options: JsonObject): { readonly repair?: number } {
  const { repair = 0 } = readOptions('few-shot', optionsSchema, options);
  return repair > 0 ? { repair } : {};
}

function hasAnswer(example: Example): boolean {
  return example.expected !== undefined;
}

function toShot({ input, expected }: Pick<Example, 'input' | 'expected'>): Shot {
  return { input, answer: expectedText(expected as Json) };
}

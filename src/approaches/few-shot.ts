import { z } from 'zod';
import { defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import { balancedExamples, diverseExamples } from './example-selection.ts';
import {
  type FewShotState,
  fewShotCandidate,
  hasAnswer,
  keepPool,
  type Selection,
  toShot,
  usualSearch,
  type Variant,
} from './few-shot-candidate.ts';
import { type Growth, growExamples } from './few-shot-growth.ts';
import { forecastRepairs } from './json-repair.ts';
import { plainPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedManifest, readOptions, refuseIdleOption, repairOption } from './prompted.ts';
import { checkSearch, embeddingModels, type SearchState, searchShape, searchState } from './retrieval-search.ts';

const fewest = 2;
const most = 256;
const usualShots = [4, 8];
const firstOfMany = 8;
/** As a task's minimumGain where it names none. */
const smallestGain = 0.03;
const vectorsInOneCall = 128;

const optionsSchema = z.object({
  selection: z.enum(['fixed', 'nearest', 'balanced']).optional().describe('"fixed", "nearest" or "balanced"'),
  shots: z
    .union([z.int().min(fewest).max(most), z.literal('many')])
    .optional()
    .describe(`a whole number from ${fewest} to ${most}, or "many"`),
  pays: z.number().min(0).max(1).optional().describe('a number from 0 to 1: the gain that more examples of "many" must bring'),
  ...searchShape,
  repair: repairOption,
});

/** Worked examples before the question: one fixed, diverse set, one balanced over labels, or the nearest to each question. */
export const fewShot = defineApproach({
  id: 'few-shot',
  summary: 'The instructions and examples: 4 or 8 unless told, fixed or nearest, whichever does better on the validation split.',
  otherModels: embeddingModels,
  checkOptions(options) {
    const { shots, selection, search, embeddings } = readOptions('few-shot', optionsSchema, options);
    if (shots !== 'many') refuseIdleOption('few-shot', 'pays', options, 'shots: many');
    const isFixed = selection === 'balanced' || selection === 'fixed' || (shots === 'many' && selection === undefined);
    if (isFixed) for (const name of Object.keys(searchShape)) refuseIdleOption('few-shot', name, options, 'selection: nearest');
    checkSearch('few-shot', { search, embeddings });
  },
  skip({ train }) {
    const usable = train.filter(hasAnswer).length;
    return usable < fewest ? `It needs at least ${fewest} training examples with an expected answer; there are ${usable}.` : undefined;
  },
  forecast(input) {
    const { variants, repair = 0, search } = planOf(input);
    const vectors = search.embeddings === undefined ? 0 : 1;
    const vectorCalls = vectors * Math.ceil(input.train.length / vectorsInOneCall);
    const shots = diverseExamples(input.train.filter(hasAnswer), Math.max(...variants.map((variant) => variant.shots))).map(toShot);
    const one = forecastRepairs(forecastPrompted(plainPrompt(input.task), shots, input), repair);
    const tried = variants.length === 1 ? 0 : variants.length * input.validation.length * (1 + repair + vectors);
    return { ...one, prepareCalls: tried + vectorCalls, callsPerAnswer: one.callsPerAnswer + vectors };
  },
  async prepare(input, context) {
    const { variants, grows, pays = smallestGain, search } = planOf(input);
    const first = variants[0] as Variant;
    const pool = variants.some(({ selection }) => selection === 'nearest') ? await keepPool(input, search, context) : undefined;
    const manifestFor = (variant: Variant, growth?: Growth) => manifestOf(variant, input, { search, pool, growth });
    if (variants.length === 1) return manifestFor(first);
    // without rows to measure on: the largest of the usual ones, the smallest of many
    if (input.validation.length === 0) return manifestFor(grows ? first : (variants.at(-1) as Variant));
    if (grows) {
      const { selection } = first;
      const counts = variants.map(({ shots }) => shots);
      const growing = { counts, pays, seed: input.seed, validation: input.validation };
      const growth = await growExamples({ ...growing, manifestOf: async (shots) => manifestFor({ selection, shots }) }, context);
      return manifestFor({ selection, shots: growth.shots }, growth);
    }
    let best: { manifest: Manifest; score: number } | undefined;
    for (const [index, variant] of variants.entries()) {
      const manifest = manifestFor(variant);
      context.progress({ message: `trying ${variant.shots} ${variant.selection} examples`, done: index, total: variants.length });
      const score = await context.evaluate(manifest, input.validation);
      if (best === undefined || score > best.score) best = { manifest, score };
    }
    return (best as { manifest: Manifest }).manifest;
  },
  restore: fewShotCandidate,
});

/** The variants to choose from, and whether each is tried only where the one before it paid. */
function planOf({ options, train, roles }: PrepareInput) {
  const { selection, shots, pays, repair, ...searching } = readOptions('few-shot', optionsSchema, options);
  const search = searchState(searching, usualSearch, roles);
  if (shots === 'many') {
    const counts = doublings(train.filter(hasAnswer).length);
    return {
      variants: counts.map((count): Variant => ({ selection: selection ?? 'fixed', shots: count })),
      grows: true,
      pays,
      repair,
      search,
    };
  }
  const selections: readonly Selection[] = selection === undefined ? ['fixed', 'nearest'] : [selection];
  const counts = shots === undefined ? usualShots : [shots];
  const variants = selections.flatMap((each) => counts.map((count): Variant => ({ selection: each, shots: count })));
  return { variants, grows: false, pays, repair, search };
}

/** 8, 16, 32, … up to what there is. */
function doublings(available: number): readonly number[] {
  const counts = [Math.min(firstOfMany, available)];
  for (let count = 2 * firstOfMany; count <= Math.min(available, most); count *= 2) counts.push(count);
  return counts;
}

interface Chosen {
  readonly search: SearchState;
  /** Artefact id of the examples that the nearest are looked up in. */
  readonly pool: string | undefined;
  readonly growth: Growth | undefined;
}

function manifestOf(variant: Variant, { task, train, model, name, options }: PrepareInput, { search, pool, growth }: Chosen): Manifest {
  const usable = train.filter(hasAnswer);
  const shots: Readonly<Record<Selection, () => readonly Example[]>> = {
    fixed: () => diverseExamples(usable, variant.shots),
    balanced: () => balancedExamples(usable, variant.shots),
    nearest: () => [],
  };
  const isNearest = variant.selection === 'nearest';
  const state: FewShotState = {
    prompt: plainPrompt(task),
    output: task.output,
    maxOutputTokens: outputTokensFor(task.output),
    shots: shots[variant.selection]().map(toShot),
    variant: { ...variant },
    // absent where examples are looked up by words, and where nothing grew: manifests from before keep their ids
    ...(isNearest && search.search !== usualSearch && { search }),
    ...(growth !== undefined && { growth: growth.steps }),
    ...repairOf(options),
  };
  return promptedManifest({ approach: 'few-shot', name, model }, state, isNearest && pool !== undefined ? { pool } : {});
}

// absent where nothing is repaired: manifests from before there was an option keep their ids
function repairOf(options: JsonObject): { readonly repair?: number } {
  const { repair = 0 } = readOptions('few-shot', optionsSchema, options);
  return repair > 0 ? { repair } : {};
}

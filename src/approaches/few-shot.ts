import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApproachContext, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { inputError } from '#core/errors.ts';
import { type Example, expectedText } from '#core/example.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { diverseExamples, NearestExamples } from './example-selection.ts';
import { plainPrompt, type Shot } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest, refuseUnknownOptions } from './prompted.ts';

interface Variant {
  readonly selection: 'fixed' | 'nearest';
  readonly shots: number;
}

const poolFile = 'examples.jsonl';
const fewest = 2;
const most = 8;

/** Two to eight worked examples before the question: one fixed, diverse set, or the nearest to each question. */
export const fewShot = defineApproach({
  id: 'few-shot',
  summary: 'The instructions and 2-8 examples, fixed or nearest, whichever does better on the validation split.',
  checkOptions(options) {
    refuseUnknownOptions('few-shot', options, ['selection', 'shots']);
    const { selection, shots } = options;
    if (selection !== undefined && selection !== 'fixed' && selection !== 'nearest')
      throw optionError('selection', selection, '"fixed" or "nearest"');
    const fits = shots === undefined || (typeof shots === 'number' && Number.isInteger(shots) && shots >= fewest && shots <= most);
    if (!fits) throw optionError('shots', shots, `a whole number from ${fewest} to ${most}`);
  },
  skip({ train }) {
    const usable = train.filter(hasAnswer).length;
    return usable < fewest ? `It needs at least ${fewest} training examples with an expected answer; there are ${usable}.` : undefined;
  },
  forecast(input) {
    const variants = variantsOf(input.options);
    const shots = diverseExamples(input.train.filter(hasAnswer), most).map(toShot);
    return {
      prepareCalls: variants.length === 1 ? 0 : variants.length * input.validation.length,
      ...forecastPrompted(plainPrompt(input.task), shots, input),
    };
  },
  async prepare(input, context) {
    const variants = variantsOf(input.options);
    const manifests: Manifest[] = [];
    for (const variant of variants) manifests.push(await manifestOf(variant, input, context));
    if (manifests.length === 1 || input.validation.length === 0) return manifests.at(-1) as Manifest;
    let best: { manifest: Manifest; score: number } | undefined;
    for (const [index, manifest] of manifests.entries()) {
      context.progress({ message: `trying ${describe(variants[index] as Variant)}`, done: index, total: manifests.length });
      const score = await context.evaluate(manifest, input.validation);
      if (best === undefined || score > best.score) best = { manifest, score };
    }
    return (best as { manifest: Manifest }).manifest;
  },
  async restore(manifest, context) {
    const { selection, shots } = manifest.state['variant'] as unknown as Variant;
    if (selection === 'fixed') return promptedCandidate(manifest, context);
    const folder = await context.artefacts.path(manifest.artefacts['pool'] as string);
    const pool = (await readFile(join(folder, poolFile), 'utf8')).trimEnd().split('\n');
    const nearest = new NearestExamples(pool.map((line) => JSON.parse(line) as Example));
    return promptedCandidate(manifest, context, (input) => nearest.nearest(input, shots).map(toShot));
  },
});

function variantsOf(options: JsonObject): readonly Variant[] {
  const selections = options['selection'] === undefined ? (['fixed', 'nearest'] as const) : [options['selection'] as Variant['selection']];
  const counts = options['shots'] === undefined ? [4, most] : [options['shots'] as number];
  return selections.flatMap((selection) => counts.map((shots) => ({ selection, shots })));
}

async function manifestOf(variant: Variant, { task, train, model, name }: PrepareInput, context: ApproachContext): Promise<Manifest> {
  const pool = train.filter(hasAnswer);
  const fixed = variant.selection === 'fixed';
  const lines = pool.map(({ id, input, expected }) => `${JSON.stringify({ id, input, expected })}\n`);
  const artefacts: Record<string, string> = fixed ? {} : { pool: await context.artefacts.write({ [poolFile]: lines.join('') }) };
  const state = {
    prompt: plainPrompt(task),
    output: task.output,
    maxOutputTokens: outputTokensFor(task.output),
    shots: fixed ? diverseExamples(pool, variant.shots).map(toShot) : [],
    variant: { ...variant },
  };
  return promptedManifest({ approach: 'few-shot', name, model }, state, artefacts);
}

function hasAnswer(example: Example): boolean {
  return example.expected !== undefined;
}

function toShot({ input, expected }: Pick<Example, 'input' | 'expected'>): Shot {
  return { input, answer: expectedText(expected as Json) };
}

function describe({ selection, shots }: Variant): string {
  return selection === 'fixed' ? `${shots} fixed examples` : `the ${shots} nearest examples`;
}

function optionError(option: string, value: Json | undefined, wanted: string) {
  return inputError({
    code: 'option-unreadable',
    message: `The option ${option} of the rung few-shot is ${JSON.stringify(value)}.`,
    hint: `It must be ${wanted}.`,
  });
}

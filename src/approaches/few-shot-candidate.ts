import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApproachContext, PrepareInput, RestoreContext } from '#core/approach.ts';
import type { Candidate, Manifest } from '#core/candidate.ts';
import { type Example, expectedText, textOf } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Shot } from '#core/prompt.ts';
import { readVectors, writeVectors } from '#data/embedding-index.ts';
import { NearestExamples } from './example-selection.ts';
import type { GrowthStep } from './few-shot-growth.ts';
import { candidateOf, type PromptedState, promptedAnswerer, promptedCandidate } from './prompted.ts';
import { vectorsOf } from './retrieval-pool.ts';
import { embedQuestion, openEmbedding, type SearchState } from './retrieval-search.ts';

export type Selection = 'fixed' | 'nearest' | 'balanced';

/** How examples are chosen, and how many. */
export interface Variant {
  readonly selection: Selection;
  readonly shots: number;
}

/** What a manifest keeps. */
export interface FewShotState extends PromptedState {
  readonly variant: Variant;
  /** How the nearest are looked up; absent where by words. */
  readonly search?: SearchState;
  /** What more examples gained, number by number, with `shots: many`. */
  readonly growth?: readonly GrowthStep[];
}

/** The search where options name none. */
export const usualSearch = 'bm25';

const poolFile = 'examples.jsonl';
const vectorFile = 'vectors.txt';
/** The examples to choose from, as an artefact, and their vectors where they are searched by meaning; gives its id. */
export async function keepPool({ train }: PrepareInput, search: SearchState, context: ApproachContext): Promise<string> {
  const pool = train.filter(hasAnswer);
  const lines = pool.map(({ id, input, expected }) => `${JSON.stringify({ id, input, expected })}\n`);
  const vectors = await vectorsOf(
    pool.map(({ input }) => textOf(input)),
    search,
    context,
  );
  return context.artefacts.write({ [poolFile]: lines.join(''), ...(vectors.length > 0 && { [vectorFile]: writeVectors(vectors) }) });
}

/** Makes a candidate that shows its examples, or those nearest to each question, and asks as a prompt does. */
export async function fewShotCandidate(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  const { variant, search = { search: usualSearch } } = manifest.state as unknown as FewShotState;
  if (variant.selection !== 'nearest') return promptedCandidate(manifest, context);
  const { shots } = variant;
  const folder = await context.artefacts.path(manifest.artefacts['pool'] as string);
  const pool = (await readFile(join(folder, poolFile), 'utf8')).trimEnd().split('\n');
  const vectors = search.embeddings === undefined ? [] : readVectors(await readFile(join(folder, vectorFile), 'utf8'));
  const examples = pool.map((line) => JSON.parse(line) as Example);
  const nearest = new NearestExamples(examples, search.search, vectors);
  const embed = await openEmbedding(search, context);
  if (embed === undefined) return promptedCandidate(manifest, context, (input) => nearest.nearest(input, shots).map(toShot));
  return candidateOf(manifest, context, (state: FewShotState, model) => async (input, options) => {
    const { vector, calls } = await embedQuestion(embed, input, options.signal);
    const shown = nearest.nearest(input, shots, vector).map(toShot);
    const answer = await promptedAnswerer({ ...state, shots: shown }, model)(input, options);
    return { ...answer, calls: [...calls, ...answer.calls] };
  });
}

export function hasAnswer(example: Example): boolean {
  return example.expected !== undefined;
}

export function toShot({ input, expected }: Pick<Example, 'input' | 'expected'>): Shot {
  return { input, answer: expectedText(expected as Json) };
}

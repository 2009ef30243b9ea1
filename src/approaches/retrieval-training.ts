import type { ApproachContext, PrepareInput } from '#core/approach.ts';
import { type Input, textOf } from '#core/example.ts';
import type { Prompt } from '#core/prompt.ts';
import { passagesOf } from '#data/chunks.ts';
import { openPassageIndex } from '#data/passage-index.ts';
import { plainPrompt } from './prompt.ts';
import { keepPool, makePool, vectorsOf } from './retrieval-pool.ts';
import { withPassages } from './retrieval-prompt.ts';
import { searchState } from './retrieval-search.ts';
import { type LookUpOptions, type RetrievalState, unanswerableFor, usualSearch } from './retrieval-settings.ts';

/** Passages in the prompts of a tune: what its manifest keeps, and the prompt of each row it learns from. */
interface LookUp {
  readonly state: { readonly retrieval: RetrievalState };
  readonly artefacts: Readonly<Record<string, string>>;
  promptFor(input: Input): Prompt;
}

export async function prepareLookUp(
  options: LookUpOptions,
  input: PrepareInput,
  context: Pick<ApproachContext, 'artefacts' | 'model' | 'signal' | 'progress'>,
): Promise<LookUp> {
  const retrieval = stateOf(options, input);
  const pool = await makePool(input.knowledge, options.passageWords, retrieval, context);
  const index = openPassageIndex(pool.passages, retrieval.search, pool.vectors);
  const questions = [...new Set([...input.train, ...input.validation].map((example) => textOf(example.input)))];
  const made = await vectorsOf(questions, retrieval, context);
  const vectorOf = new Map(questions.map((question, at) => [question, made[at]]));
  const prompt = plainPrompt(input.task);
  const shownFor = (question: string) => index.find(question, retrieval.passages, vectorOf.get(question));
  return {
    state: { retrieval },
    artefacts: { passages: await keepPool(pool, context.artefacts) },
    promptFor: (question) => withPassages(prompt, shownFor(textOf(question)), retrieval),
  };
}

/** A prompt of the usual length, for the forecast: the first passages stand in for those that will be found. */
export function samplePrompt(options: LookUpOptions, input: PrepareInput): Prompt {
  const passages = passagesOf(input.knowledge, options.passageWords).slice(0, options.passages);
  return withPassages(plainPrompt(input.task), passages, stateOf(options, input));
}

// a tune learns the answers as the examples write them: they cite nothing
function stateOf({ passages, layout, unanswerable, ...options }: LookUpOptions, { task, roles }: PrepareInput): RetrievalState {
  const search = searchState(options, usualSearch, roles);
  return { passages, ...search, layout, unanswerable: unanswerableFor(task.output, unanswerable), rerank: false, cite: false };
}

import type { ArtefactStore, PrepareInput } from '#core/approach.ts';
import { type Input, textOf } from '#core/example.ts';
import type { Prompt } from '#core/prompt.ts';
import { passagesOf } from '#data/chunks.ts';
import { openPassageIndex } from '#data/passage-index.ts';
import { plainPrompt } from './prompt.ts';
import { keepPassages } from './retrieval-pool.ts';
import { withPassages } from './retrieval-prompt.ts';
import { type LookUpOptions, type RetrievalState, unanswerableFor } from './retrieval-settings.ts';

/** Passages in the prompts of a tune: what its manifest keeps, and the prompt of each row it learns from. */
interface LookUp {
  readonly state: { readonly retrieval: RetrievalState };
  readonly artefacts: Readonly<Record<string, string>>;
  promptFor(input: Input): Prompt;
}

export async function prepareLookUp(options: LookUpOptions, input: PrepareInput, store: ArtefactStore): Promise<LookUp> {
  const retrieval = stateOf(options, input);
  const index = openPassageIndex(passagesOf(input.knowledge, options.passageWords), retrieval.search);
  const prompt = plainPrompt(input.task);
  return {
    state: { retrieval },
    artefacts: { passages: await keepPassages(input.knowledge, options.passageWords, store) },
    promptFor: (question) => withPassages(prompt, index.find(textOf(question), retrieval.passages), retrieval),
  };
}

/** A prompt of the usual length, for the forecast: the first passages stand in for those that will be found. */
export function samplePrompt(options: LookUpOptions, input: PrepareInput): Prompt {
  const passages = passagesOf(input.knowledge, options.passageWords).slice(0, options.passages);
  return withPassages(plainPrompt(input.task), passages, stateOf(options, input));
}

// a tune learns the answers as the examples write them: they cite nothing
function stateOf({ passages, search, layout, unanswerable }: LookUpOptions, { task }: PrepareInput): RetrievalState {
  return { passages, search, layout, unanswerable: unanswerableFor(task.output, unanswerable), rerank: false, cite: false };
}

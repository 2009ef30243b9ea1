import type { ApproachContext, PrepareInput, RestoreContext } from '#core/approach.ts';
import { type Candidate, candidateId, type Manifest } from '#core/candidate.ts';
import { type Input, textOf } from '#core/example.ts';
import { type Passage, passagesOf, usualPassageWords } from '#data/chunks.ts';
import { openPassageIndex } from '#data/passage-index.ts';
import { type PromptedState, promptedAnswerer } from './prompted.ts';
import { keepPool, makePool, openPool } from './retrieval-pool.ts';
import { passageText } from './retrieval-prompt.ts';
import { type RetrievalState, usualSearch } from './retrieval-settings.ts';

const layout = 'numbered';

/** Passages that are shown unless told. */
export const usualPassages = 3;

/** What a prompt with `{{knowledge}}` keeps of how its passages are found: by words, as the rung retrieval finds them. */
interface KnowledgeState {
  readonly retrieval: RetrievalState;
}

export function knowledgeState(passages: number): KnowledgeState {
  return { retrieval: { passages, search: usualSearch, layout, unanswerable: null, rerank: false, cite: false } };
}

/** True where a prompt has a place for passages. */
export function showsKnowledge({ open }: Pick<PromptedState, 'open'>): boolean {
  return open?.sections.some(({ parts }) => parts.some((part) => typeof part === 'object' && part.slot === 'knowledge')) ?? false;
}

/** Keeps the passages of the task's documents; gives the artefacts of the manifest. */
export async function keepKnowledge({ knowledge }: PrepareInput, state: KnowledgeState, context: ApproachContext) {
  const pool = await makePool(knowledge, usualPassageWords, state.retrieval, context);
  return { passages: await keepPool(pool, context.artefacts) };
}

/** The prompt as it is for one question, for a look at it. */
export function withFoundPassages<State extends PromptedState>(
  state: State,
  { knowledge }: Pick<PrepareInput, 'knowledge'>,
  count: number,
  input: Input,
): State {
  if (!showsKnowledge(state)) return state;
  return fillKnowledge(state, openPassageIndex(passagesOf(knowledge), usualSearch).find(textOf(input), count));
}

/** Makes a candidate that looks passages up by the last user turn and shows them where the prompt has its place for them. */
export async function knowledgeCandidate(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  if (manifest.model === null) throw new TypeError(`The manifest of ${manifest.name} names no model.`);
  const state = manifest.state as unknown as PromptedState & KnowledgeState;
  const model = await context.model(manifest.model);
  const pool = await openPool(manifest, context.artefacts);
  return {
    id: candidateId(manifest),
    manifest,
    async answer(input, options) {
      const shown = pool.find(textOf(input), state.retrieval.passages);
      const answer = await promptedAnswerer(fillKnowledge(state, shown), model)(input, options);
      const steps = [{ name: 'passages', text: passageText(shown, layout) }, ...(answer.steps ?? [])];
      return { ...answer, retrieved: shown.map(({ id }) => id), steps };
    },
  };
}

function fillKnowledge<State extends PromptedState>(state: State, shown: readonly Passage[]): State {
  const { open, prompt } = state;
  if (open === undefined) return state;
  const found = passageText(shown, layout);
  const isFilled = ({ parts }: { readonly parts: readonly unknown[] }) => !parts.some((part) => typeof part === 'object');
  const filled = open.sections.map(({ at, parts }) => ({
    at,
    parts: parts.map((part) => (typeof part === 'object' && part.slot === 'knowledge' ? found : part)),
  }));
  const texts = new Map(filled.filter(isFilled).map(({ at, parts }) => [at, parts.join('')]));
  const sections = prompt.sections.map((section, at) => ({ ...section, text: texts.get(at) ?? section.text }));
  const left = filled.filter((section) => !isFilled(section));
  return { ...state, prompt: { ...prompt, sections }, open: { ...open, sections: left } };
}

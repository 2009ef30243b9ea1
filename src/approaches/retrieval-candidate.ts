import type { RestoreContext } from '#core/approach.ts';
import {
  type Answer,
  type AnswerOptions,
  type AnswerStep,
  type Candidate,
  candidateId,
  type Manifest,
  type ModelCall,
} from '#core/candidate.ts';
import { type Input, textOf } from '#core/example.ts';
import type { Passage } from '#data/chunks.ts';
import { renderPrompt } from './prompt.ts';
import type { PromptedState } from './prompted.ts';
import { readAnswer } from './read-answer.ts';
import { openPool } from './retrieval-pool.ts';
import { passageText, readCitations, withPassages } from './retrieval-prompt.ts';
import { rerank } from './retrieval-rerank.ts';
import type { RetrievalState } from './retrieval-settings.ts';

// enough to find what the search ranked low, few enough to be read in one call
const candidatesPerPassage = 3;

/**
 * Makes a candidate that looks passages up by the last user turn, shows them in its prompt and asks once (twice where
 * the model orders the passages). Steps of an answer: `passages`, as they were shown; `rerank` or `rerank-unreadable`;
 * `cited`, the ids that the answer cites, and `cited-unknown`, numbers of passages that were not shown;
 * `unanswerable` where the answer is that the passages do not say.
 */
export async function retrievalCandidate(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  if (manifest.model === null) throw new TypeError(`The manifest of ${manifest.name} names no model.`);
  const state = manifest.state as unknown as PromptedState & { readonly retrieval: RetrievalState };
  const { retrieval, output } = state;
  const model = await context.model(manifest.model);
  const pool = await openPool(manifest, context.artefacts);
  const schema = output.kind === 'json' && model.can.jsonSchema ? { jsonSchema: output.schema } : {};

  const lookUp = async (
    input: Input,
    options: AnswerOptions,
  ): Promise<{ shown: readonly Passage[]; steps: AnswerStep[]; calls: ModelCall[] }> => {
    const question = textOf(input);
    const wanted = retrieval.passages;
    const found = pool.find(question, retrieval.rerank ? wanted * candidatesPerPassage : wanted);
    if (!retrieval.rerank || found.length < 2) return { shown: found.slice(0, wanted), steps: [], calls: [] };
    const { passages, text, readable, call } = await rerank(question, found, model, options);
    return { shown: passages.slice(0, wanted), steps: [{ name: readable ? 'rerank' : 'rerank-unreadable', text }], calls: [call] };
  };

  return {
    id: candidateId(manifest),
    manifest,
    async answer(input, options): Promise<Answer> {
      const { signal, sample } = options;
      const { shown, steps, calls } = await lookUp(input, options);
      const messages = renderPrompt(withPassages(state.prompt, shown, retrieval), state.shots, input);
      const request = { messages, maxOutputTokens: state.maxOutputTokens, temperature: 0, ...schema, ...(sample ? { sample } : {}) };
      const { response, call } = await model.generate(request, { signal });
      const { recordedScores } = response;
      const { text, numbers } = retrieval.cite ? readCitations(response.text) : { text: response.text, numbers: [] };
      return {
        text,
        ...readAnswer(output, text),
        calls: [...calls, call],
        ...(recordedScores && { recordedScores }),
        retrieved: shown.map(({ id }) => id),
        steps: [
          ...steps,
          { name: 'passages', text: passageText(shown, retrieval.layout) },
          ...citationSteps(numbers, shown),
          ...(isUnanswerable(text, retrieval) ? [{ name: 'unanswerable', text: text.trim() }] : []),
        ],
      };
    },
  };
}

function citationSteps(numbers: readonly number[], shown: readonly Passage[]): readonly AnswerStep[] {
  const known = numbers.flatMap((number) => shown[number - 1]?.id ?? []);
  const unknown = numbers.filter((number) => shown[number - 1] === undefined);
  return [
    ...(known.length === 0 ? [] : [{ name: 'cited', text: known.join('\n') }]),
    ...(unknown.length === 0 ? [] : [{ name: 'cited-unknown', text: unknown.join(', ') }]),
  ];
}

function isUnanswerable(text: string, { unanswerable }: RetrievalState): boolean {
  const plain = (value: string) =>
    value
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return unanswerable !== null && plain(text) === plain(unanswerable);
}

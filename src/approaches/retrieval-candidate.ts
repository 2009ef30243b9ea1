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
import type { ModelResponse } from '#core/model.ts';
import type { Passage } from '#data/chunks.ts';
import { askAgainUntilUsable } from './json-repair.ts';
import { renderPrompt } from './prompt.ts';
import { type PromptedState, schemaFor } from './prompted.ts';
import { faultsOf, readAnswer } from './read-answer.ts';
import { openPool } from './retrieval-pool.ts';
import { passageText, readCitations, withPassages } from './retrieval-prompt.ts';
import { rerank } from './retrieval-rerank.ts';
import { embedQuestion, openEmbedding } from './retrieval-search.ts';
import type { RetrievalState } from './retrieval-settings.ts';

// enough to find what the search ranked low, few enough to be read in one call
const candidatesPerPassage = 3;

/**
 * Makes a candidate that looks passages up by the last user turn, shows them in its prompt and asks once (before that
 * for the question's vector where it searches by meaning and for the passages' order where the model gives it, and again
 * where `repair` allows it). Steps of an answer: `passages`, as they were shown; `rerank` or `rerank-unreadable`;
 * `cited`, the ids that the answer cites, and `cited-unknown`, numbers of passages that were not shown;
 * `unanswerable` where the answer is that the passages do not say.
 */
export async function retrievalCandidate(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  if (manifest.model === null) throw new TypeError(`The manifest of ${manifest.name} names no model.`);
  const state = manifest.state as unknown as PromptedState & { readonly retrieval: RetrievalState };
  const { retrieval, output } = state;
  const model = await context.model(manifest.model);
  const pool = await openPool(manifest, context.artefacts);
  const embed = await openEmbedding(retrieval, context);
  const schema = schemaFor(output, model);
  const { repair = 0 } = state;
  const fault = repair > 0 ? faultsOf(output) : () => undefined;
  const read = (response: ModelResponse) => {
    const { text, numbers } = retrieval.cite ? readCitations(response.text) : { text: response.text, numbers: [] };
    return { text, numbers, ...readAnswer(output, text) };
  };

  const lookUp = async (
    input: Input,
    options: AnswerOptions,
  ): Promise<{ shown: readonly Passage[]; steps: readonly AnswerStep[]; calls: readonly ModelCall[] }> => {
    const question = textOf(input);
    const wanted = retrieval.passages;
    const { vector, calls } = await embedQuestion(embed, input, options.signal);
    const found = pool.find(question, retrieval.rerank ? wanted * candidatesPerPassage : wanted, vector);
    if (!retrieval.rerank || found.length < 2) return { shown: found.slice(0, wanted), steps: [], calls };
    const { passages, text, readable, call } = await rerank(question, found, model, options);
    const step = readable
      ? { name: 'rerank', text }
      : { name: 'rerank-unreadable', text, fault: 'It is no list of the numbers of passages.' };
    return { shown: passages.slice(0, wanted), steps: [step], calls: [...calls, call] };
  };

  return {
    id: candidateId(manifest),
    manifest,
    async answer(input, options): Promise<Answer> {
      const { signal, sample } = options;
      const { shown, steps, calls } = await lookUp(input, options);
      const messages = renderPrompt(withPassages(state.prompt, shown, retrieval), state.shots, input);
      const request = { messages, maxOutputTokens: state.maxOutputTokens, temperature: 0, ...schema, ...(sample ? { sample } : {}) };
      const asked = await askAgainUntilUsable<ReturnType<typeof read>>({ model, request, signal, repair, read, fault });
      const { recordedScores } = asked.response;
      const { numbers, ...answer } = asked.reading;
      return {
        ...answer,
        calls: [...calls, ...asked.calls],
        ...(recordedScores && { recordedScores }),
        retrieved: shown.map(({ id }) => id),
        steps: [
          ...steps,
          { name: 'passages', text: passageText(shown, retrieval.layout) },
          ...asked.steps,
          ...citationSteps(numbers, shown),
          ...(isUnanswerable(answer.text, retrieval) ? [{ name: 'unanswerable', text: answer.text.trim() }] : []),
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
    ...(unknown.length === 0 ? [] : [{ name: 'cited-unknown', text: unknown.join(', '), fault: 'It cites passages that were not shown.' }]),
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

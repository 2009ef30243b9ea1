import type { Candidate } from '#core/candidate.ts';
import { type Example, messagesOf } from '#core/example.ts';
import type { GuardContext, GuardInput } from '#core/guard.ts';
import type { ProbeOutcome } from '#core/probe.ts';
import type { TrainingData } from '#core/trainer.ts';

/** What the two models of a made-up tune do: answers to inputs, scores of rows, outcomes of probes. */
export interface MadeModel {
  answer(asked: string, row: number): string | undefined;
  score?(row: number): number | null;
  outcomes?: readonly ProbeOutcome[];
  logProbability?: number;
  /** ln p of a given answer; absent where the model tells none. */
  likelihood?(asked: string, answer: string): number;
}

const conversation = (user: string, assistant: string) => ({
  messages: [
    { role: 'user' as const, content: user },
    { role: 'assistant' as const, content: assistant },
  ],
});

export function madeExamples(count: number, expected: (row: number) => string = (row) => `answer ${row}`): Example[] {
  return Array.from({ length: count }, (_, row) => ({
    id: `e${row}`,
    input: `question ${row}`,
    expected: expected(row),
    tags: ['copy'],
    source: 'human' as const,
  }));
}

function candidateOf(id: string): Candidate {
  return {
    id,
    manifest: { schema: 'rung.candidate/1', approach: 'made', name: 'made', model: { model: 'nano' }, state: {}, artefacts: {} },
    answer: async () => {
      throw new TypeError('Guards ask through their context.');
    },
  };
}

export function guardInput(over: Partial<GuardInput> = {}): GuardInput {
  const trained: TrainingData = {
    method: 'supervised',
    train: [conversation('Where is it?', 'Your parcel left our warehouse on Monday and should be there soon.')],
    validation: [],
  };
  return {
    task: { name: 'made', instructions: 'Answer.', prompt: {}, output: { kind: 'text' } },
    options: {},
    tuned: candidateOf('c_tuned'),
    base: candidateOf('c_base'),
    validation: madeExamples(300),
    train: [],
    general: madeExamples(300),
    generalSuite: [],
    trained: [trained],
    training: [],
    confidence: 0.95,
    seed: 3,
    ...over,
  };
}

/** A context in which the two models answer, and that counts what they were asked. */
export function guardContext(models: { readonly before: MadeModel; readonly after: MadeModel }): GuardContext & { asked(): number } {
  let asked = 0;
  const of = ({ id }: Candidate) => (id === 'c_tuned' ? models.after : models.before);
  return {
    asked: () => asked,
    signal: new AbortController().signal,
    progress: () => {},
    async score(candidate, input, answers) {
      const { likelihood } = of(candidate);
      const question = messagesOf(input).at(-1)!.content;
      return likelihood && answers.map((answer) => ({ logProbability: likelihood(question, answer), tokens: 4 }));
    },
    async probe(probe, candidate, options) {
      const { outcomes = [] } = of(candidate);
      asked += outcomes.length;
      return { probe, options, metrics: {}, better: {}, units: {}, series: [], families: [], cases: [], outcomes };
    },
    measure: async (candidate, examples) =>
      examples.map((example, row) => {
        asked++;
        const text = of(candidate).answer(String(example.input), row);
        const answer = text === undefined ? {} : { answer: { text, value: text, strict: true, calls: [] } };
        return { example, score: of(candidate).score?.(row) ?? null, ...answer };
      }),
    async ask(candidate, input) {
      asked++;
      const { logProbability } = of(candidate);
      const text = of(candidate).answer(messagesOf(input).at(-1)!.content, asked);
      if (text === undefined) return undefined;
      return { text, ...(logProbability === undefined ? {} : { logProbability, tokens: 4 }) };
    },
  };
}

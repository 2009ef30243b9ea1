import type { ApproachContext, MeasuredRow, PrepareInput } from '#core/approach.ts';
import type { CallableModel } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Message } from '#core/message.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { contextWith, inputFor, never } from './approach-contract.fixture.ts';
import { optimized } from './optimized.ts';

/** A model made of rules: what it is asked decides its answer. Counts its calls. */
export function ruledModel(
  answer: (system: string, question: string, messages: readonly Message[]) => string,
): CallableModel & { calls: number } {
  return {
    name: 'ruled',
    can: {},
    calls: 0,
    async generate({ messages }) {
      this.calls++;
      const system = messages.find(({ role }) => role === 'system')?.content ?? '';
      const inputTokens = messages.reduce((sum, { content }) => sum + content.split(/\s+/).length, 0);
      const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 1 };
      return {
        response: { text: answer(system, messages.at(-1)?.content ?? '', messages), finishReason: 'stop', usage },
        call: { model: 'ruled', usage, cost: 1, latencyMs: 5, cached: false },
      };
    },
  };
}

/** A context that measures as the engine does, without its store: right answers score 1. */
export function measuringContext(
  folder: string,
  model: CallableModel,
): ApproachContext & { readonly said: { message: string; done?: number; total?: number }[] } {
  const said: { message: string; done?: number; total?: number }[] = [];
  const context: ApproachContext = {
    ...contextWith(folder, model),
    progress: (update) => void said.push(update),
    async measure(manifest, examples): Promise<readonly MeasuredRow[]> {
      const candidate = await optimized.restore(manifest, context);
      return Promise.all(
        examples.map(async (example): Promise<MeasuredRow> => {
          const answer = await candidate.answer(example.input, { signal: never });
          return { example, answer, score: answer.value === example.expected ? 1 : 0, latencyMs: 5 };
        }),
      );
    },
  };
  return { ...context, said };
}

const task: TaskBrief = {
  name: 'desk',
  instructions: 'Say which desk answers.',
  prompt: {},
  output: { kind: 'labels', labels: ['post', 'money'] },
};

/** Rows whose label shows in one word of five. */
export function deskRows(from: number, count: number): readonly Example[] {
  const words = { post: ['parcel', 'courier', 'stamp'], money: ['invoice', 'refund', 'bank'] };
  return Array.from({ length: count }, (_, i): Example => {
    const n = from + i;
    const expected = n % 2 === 0 ? 'post' : 'money';
    return { id: `d${n}`, input: `about my ${words[expected][n % 3]} number ${n}`, expected, tags: [], source: 'human' };
  });
}

export function deskInput(options: PrepareInput['options'] = {}): PrepareInput {
  return { ...inputFor(options), task, train: deskRows(0, 40), validation: deskRows(100, 60) };
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallableModel } from '#core/candidate.ts';
import { ModelError } from '#core/model-error.ts';
import { never, notingModel, task } from './approach-contract.fixture.ts';
import { cutAdvice, type PromptPart, promptParts } from './prompt-length.ts';
import { promptedAnswerer } from './prompted.ts';

const count = (text: string) => text.split(/\s+/).filter(Boolean).length;
const words = (number: number, word = 'a') => Array.from({ length: number }, () => word).join(' ');
const state = {
  prompt: {
    headed: false,
    sections: [
      { heading: 'Task', text: words(20) },
      { heading: 'Context', text: words(30) },
      { heading: 'Format', text: words(5) },
    ],
  },
  output: task.output,
  maxOutputTokens: 8,
  shots: [{ input: words(25), answer: words(15) }],
};

function refusing(message: string, more: Partial<CallableModel> = {}): CallableModel {
  return {
    ...notingModel(),
    ...more,
    generate: async () => {
      throw new ModelError({ kind: 'context-exceeded', message });
    },
  };
}

describe('a prompt that is longer than the context', () => {
  it('is told before anything is asked where the tokens can be counted', async () => {
    const model = { ...notingModel(), contextLength: 90, countTokens: count };
    const asked = promptedAnswerer(state, model)(words(10), { signal: never });
    await expect(asked).rejects.toMatchObject({
      kind: 'context-exceeded',
      message: 'The prompt has 105 tokens and the model reads 90, its answer included: 16 too many. Cut Examples (40 tokens) by 16.',
    });
    expect(model.requests).toEqual([]);
    await promptedAnswerer(state, { ...model, contextLength: 106 })(words(10), { signal: never });
    expect(model.requests).toHaveLength(1);
  });

  it('takes the tokens from what a service says', async () => {
    const model = refusing('This model reads 8,000 tokens, but the messages have 8,100 tokens.');
    await expect(promptedAnswerer(state, model)('x', { signal: never })).rejects.toThrow(
      /has 8100 tokens and the model reads 8000.*101 too many.*Even without/,
    );
  });

  it('names the largest section where nothing is said', async () => {
    await expect(promptedAnswerer(state, refusing('Too long.'))('x', { signal: never })).rejects.toThrow(
      'Too long. The largest section that can be cut is Examples, about 21 tokens.',
    );
  });

  it('leaves other errors as they are', async () => {
    const model = { ...notingModel(), generate: () => Promise.reject(new ModelError({ kind: 'timeout', message: 'late' })) };
    await expect(promptedAnswerer(state, model)('x', { signal: never })).rejects.toMatchObject({ kind: 'timeout', message: 'late' });
  });
});

describe('what to cut', () => {
  const parts = promptParts(state, state.shots, words(10), count);

  it.each([
    [16, 'Cut Examples (40 tokens) by 16.'],
    [50, 'Take out Examples (40 tokens) and cut Context (30 tokens) by 10.'],
    [
      75,
      'Even without Examples (40 tokens), Context (30 tokens) it is 5 too long. Task has 20 tokens: shorten it, or take a model with a longer context.',
    ],
  ])('%i tokens', (over, advice) => expect(cutAdvice(parts, over)).toBe(advice));

  it('is never the task, the format or the question', () => {
    const part = fc.record<PromptPart>({ name: fc.constantFrom('A', 'B', 'C'), tokens: fc.nat(50), cuttable: fc.boolean() });
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 1, max: 200 }), (given, over) => {
        const named = given.map((each, index) => ({ ...each, name: `${each.cuttable ? 'cut' : 'keep'}${index}` }));
        const [toCut] = cutAdvice(named, over).split(/ it is | can be cut/);
        expect(toCut).not.toContain('keep');
      }),
    );
  });

  it('counts examples, earlier turns and the question apart', () => {
    const conversation = {
      messages: [
        { role: 'user' as const, content: words(3) },
        { role: 'assistant' as const, content: words(4) },
        { role: 'user' as const, content: 'x y' },
      ],
    };
    expect(promptParts(state, state.shots, conversation, count).map(({ name, tokens }) => `${name} ${tokens}`)).toEqual([
      'Task 20',
      'Context 30',
      'Format 5',
      'Examples 40',
      'Earlier turns 7',
      'Query 2',
    ]);
  });
});

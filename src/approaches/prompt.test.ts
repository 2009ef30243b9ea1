import { describe, expect, it } from 'vitest';
import { task } from './approach-contract.fixture.ts';
import { plainPrompt, renderPrompt, structuredPrompt, systemText } from './prompt.ts';

describe('a plain prompt', () => {
  it('is the instructions and the form of the answer', () => {
    expect(systemText(plainPrompt(task))).toBe('Say what the weather is.\nAnswer with one of: sun, rain.');
  });

  it('shows a schema by its form', () => {
    const schema = {
      type: 'object',
      required: ['mood', 'tags'],
      properties: {
        mood: { enum: ['good', 'bad'] },
        tags: { type: 'array', items: { type: 'string' } },
        age: { type: ['integer', 'null'] },
      },
    };
    expect(systemText(plainPrompt({ ...task, output: { kind: 'json', schema } }))).toContain(
      'Answer with JSON: {"mood": "good" | "bad", "tags": [string], "age": integer | null (optional)}',
    );
  });
});

describe('a structured prompt', () => {
  it('puts every part under its heading', () => {
    expect(systemText(structuredPrompt(task))).toBe(
      [
        '# Role\nYou watch the sky.',
        '# Context\nIt is autumn.',
        '# Task\nSay what the weather is.',
        '# Constraints\n- Do not guess.\n- Choose exactly one label.\n- Give the label alone, without explanation.',
        '# Format\nAnswer with one of: sun, rain.',
      ].join('\n\n'),
    );
  });

  it('leaves out what there is nothing to say on', () => {
    const text = systemText(structuredPrompt({ ...task, prompt: {}, output: { kind: 'text' } }));
    expect(text).toBe('# Task\nSay what the weather is.');
  });
});

describe('a rendered prompt', () => {
  it('shows examples as turns before the question', () => {
    const roles = renderPrompt(plainPrompt(task), [{ input: 'wet', answer: 'rain' }], 'dry').map(
      ({ role, content }) => `${role}: ${content}`,
    );
    expect(roles.slice(1)).toEqual(['user: wet', 'assistant: rain', 'user: dry']);
  });

  it('keeps the turns of a conversation, and its own system text after the rest', () => {
    const messages = renderPrompt(plainPrompt(task), [], {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: 'sun' },
        { role: 'user', content: 'and now?' },
      ],
    });
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(messages[0]?.content.endsWith('\nBe brief.')).toBe(true);
  });
});

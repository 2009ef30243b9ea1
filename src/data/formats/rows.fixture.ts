import fc from 'fast-check';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import type { JsonObject } from '#core/json.ts';

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom('billing', 'Wo ist mein Paket? 📦', 'a\nb', '{"a": 1}', '[]', ' x ', 'equals:x', 'cost'),
);
const word = fc.stringMatching(/^[a-z]{1,8}$/);
const argumentsText = fc.dictionary(word, fc.oneof(text, fc.integer()), { maxKeys: 2 }).map((value) => JSON.stringify(value));
const call = fc.record({ id: word, name: word, arguments: argumentsText });
const part: fc.Arbitrary<JsonObject> = fc.oneof(
  text.map((one) => ({ type: 'text', text: one })),
  fc.constantFrom<JsonObject>(
    { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    { type: 'image_url', image_url: { url: 'https://example.org/a', detail: 'low' } },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
    { functionless: 1 },
  ),
);
const beside = { weight: fc.constantFrom(0, 1), name: word };

const user: fc.Arbitrary<DataTurn> = fc.record(
  { role: fc.constant('user' as const), content: fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 2 })), name: word },
  { requiredKeys: ['role', 'content'] },
);
const assistant: fc.Arbitrary<DataTurn> = fc.oneof(
  fc.record({ role: fc.constant('assistant' as const), content: text, ...beside }, { requiredKeys: ['role', 'content'] }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: fc.option(text, { nil: null }),
    toolCalls: fc.array(call, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ role: fc.constant('assistant' as const), content: text, extra: fc.constant({ refusal: 'no' }) }),
);
const tool: fc.Arbitrary<DataTurn> = fc.record({ role: fc.constant('tool' as const), content: text, toolCallId: word });
const system: fc.Arbitrary<DataTurn> = fc.record({ role: fc.constantFrom('system' as const, 'developer' as const), content: text });

const about = {
  id: word,
  group: word,
  tags: fc.array(word, { minLength: 1, maxLength: 2 }),
  source: fc.constantFrom('human' as const, 'log' as const, 'synthetic' as const, 'edited' as const),
  split: fc.constantFrom('train' as const, 'validation' as const, 'test' as const),
  extra: fc.record({ difficulty: fc.integer({ min: 0, max: 9 }) }),
  tools: fc.constant([
    { type: 'function', function: { name: 'look', description: 'looks', parameters: { type: 'object', properties: {} } } },
  ]),
};

const plainUser = text.map((content): DataTurn => ({ role: 'user', content }));
const plainAssistant = text.filter((answer) => answer.trim() !== '').map((content): DataTurn => ({ role: 'assistant', content }));

/** Rows of one question and one answer, with and without a system prompt: what every format can hold. */
export const plainRows: fc.Arbitrary<DataRow> = fc.record(
  {
    line: fc.constant(1),
    turns: fc
      .tuple(
        fc.option(
          text.map((content): DataTurn => ({ role: 'system', content })),
          { nil: undefined },
        ),
        plainUser,
        plainAssistant,
      )
      .map((turns) => turns.filter((turn) => turn !== undefined)),
    ...about,
  },
  { requiredKeys: ['line', 'turns'] },
);

/** Rows with all that files of the field have. */
export const anyRows: fc.Arbitrary<DataRow> = fc.record(
  {
    line: fc.constant(1),
    turns: fc
      .tuple(fc.array(system, { maxLength: 2 }), user, fc.array(fc.oneof(user, assistant, tool), { maxLength: 4 }), assistant)
      .map(([head, first, middle, last]) => [...head, first, ...middle, last]),
    ...about,
  },
  { requiredKeys: ['line', 'turns'] },
);

/** Rows of two answers. */
export const preferenceRows: fc.Arbitrary<DataRow> = fc.record(
  {
    line: fc.constant(1),
    turns: fc.tuple(fc.array(system, { maxLength: 1 }), user).map(([head, last]) => [...head, last]),
    preference: fc.record({
      chosen: fc.array(assistant, { minLength: 1, maxLength: 1 }),
      rejected: fc.array(assistant, { minLength: 1, maxLength: 1 }),
    }),
    ...about,
  },
  { requiredKeys: ['line', 'turns', 'preference'] },
);

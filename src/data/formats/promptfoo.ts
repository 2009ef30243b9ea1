import { defineDataFormat, RowFault } from '#core/data-format.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { expectedText } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { looksLikeMessages, readMessages, writeMessages } from './messages.ts';
import { aboutFields, readAbout, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, isPlain } from './written-turns.ts';

/** Tests, or the results of an evaluation: then the prompt as it was asked is the question, and what the model said the answer. */
export const promptfoo = defineDataFormat({
  id: 'promptfoo',
  summary: 'promptfoo: tests of vars and assert, and results',
  source: 'https://www.promptfoo.dev/docs/configuration/test-cases',
  container: 'yaml',
  recognise: ({ vars, assert, response, prompt, metadata }) => {
    if (!isJsonObject(vars)) return 0;
    if (isJsonObject(response) || isJsonObject(prompt)) return 1;
    return assert !== undefined ? 0.98 : metadata === undefined ? 0.7 : 0.8;
  },
  read: (record) => (isJsonObject(record['response']) || isJsonObject(record['prompt']) ? readResult(record) : readTest(record)),
  write: writeTest,
});

function readResult(record: JsonObject): Omit<DataRow, 'line'> {
  const { prompt, response } = record;
  const raw = isJsonObject(prompt) ? prompt['raw'] : prompt;
  if (typeof raw !== 'string')
    throw new RowFault(
      'input-missing',
      `The prompt is ${quoted(prompt)}.`,
      'Export the results with promptfoo eval --output results.json.',
    );
  const output = isJsonObject(response) ? (response['output'] as Json | undefined) : undefined;
  const answer = output === undefined || output === null ? [] : [{ role: 'assistant' as const, content: expectedText(output) }];
  return { turns: [...readPrompt(raw), ...answer], ...readAbout(record, []), source: 'log' };
}

function readPrompt(raw: string): DataTurn[] {
  const messages = parsedJson(raw);
  return looksLikeMessages(messages) ? readMessages(messages, 'prompt.raw') : [{ role: 'user', content: raw }];
}

function readTest(record: JsonObject): Omit<DataRow, 'line'> {
  const vars = record['vars'] as JsonObject;
  const names = Object.keys(vars ?? {});
  if (names.length === 0) throw new RowFault('input-missing', 'The test has no vars.', 'Write the question into vars.');
  const asserts = Array.isArray(record['assert']) ? (record['assert'] as readonly Json[]) : [];
  const equal = asserts.findIndex((one) => isJsonObject(one) && one['type'] === 'equals' && one['value'] !== undefined);
  const expected = equal === -1 ? undefined : (asserts[equal] as JsonObject)['value']!;
  const { metadata } = record;
  const { extra: more, ...about } = isJsonObject(metadata) ? readAbout(metadata as JsonObject, []) : { extra: undefined };
  const { extra: own, ...rest } = readAbout(record, ['vars', 'assert', 'metadata']);
  const others = asserts.filter((_, index) => index !== equal);
  const extra = { ...own, ...(others.length === 0 ? {} : { assert: others }), ...(more === undefined ? {} : { metadata: more }) };
  const only = names.length === 1 ? vars[names[0]!] : undefined;
  const messages = typeof only === 'string' ? parsedJson(only) : only;
  const isMessages = names[0] === 'messages' && looksLikeMessages(messages);
  const turns = isMessages
    ? readMessages(messages as Json, 'vars.messages')
    : [{ role: 'user' as const, content: typeof only === 'string' ? only : JSON.stringify(vars) }];
  const answer = messageOf(expected);
  const form = {
    ...(isMessages || (names[0] === 'input' && typeof only === 'string') ? {} : { vars }),
    ...(expected === undefined || typeof expected === 'string' ? {} : { expected }),
  };
  return {
    turns: [...turns, ...(expected === undefined ? [] : (answer ?? [{ role: 'assistant' as const, content: expectedText(expected) }]))],
    ...rest,
    ...about,
    ...(Object.keys(form).length === 0 ? {} : { form }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** An answer that was no plain text is written as its message. */
function messageOf(expected: Json | undefined): DataTurn[] | undefined {
  const value = typeof expected === 'string' ? parsedJson(expected) : undefined;
  return looksLikeMessages(value) ? readMessages(value, 'assert.value') : undefined;
}

function parsedJson(text: string): Json | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A result becomes the test that asks for it again. */
function writeTest(row: DataRow): { record: JsonObject; lost: readonly string[] } {
  const { turns, lost } = answeredTurns(row);
  const { asked, answer } = cutAnswer(turns);
  const isResult = isJsonObject(row.extra?.['response']) || isJsonObject(row.extra?.['prompt']);
  const extra = isResult ? {} : (row.extra ?? {});
  const about = Object.fromEntries(Object.entries(writeAbout(row)).filter(([name]) => aboutFields.some((field) => field === name)));
  const metadata = { ...(isJsonObject(extra['metadata']) ? extra['metadata'] : {}), ...about } as JsonObject;
  const asserts = [
    ...(answer === undefined ? [] : [{ type: 'equals', value: writeAnswer(answer, row.form) }]),
    ...(Array.isArray(extra['assert']) ? (extra['assert'] as readonly Json[]) : []),
  ];
  const { assert: _, metadata: __, ...rest } = extra;
  return {
    record: {
      ...rest,
      vars: writeVars(asked, row.form),
      ...(asserts.length === 0 ? {} : { assert: asserts }),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    },
    lost: [...lost, ...(isResult ? Object.keys(row.extra ?? {}) : []), ...(row.tools === undefined ? [] : ['tools'])],
  };
}

function writeVars(asked: readonly DataTurn[], form: JsonObject | undefined): JsonObject {
  const only = asked.length === 1 && asked[0]!.role === 'user' && isPlain(asked[0]!) ? (asked[0]!.content as string) : undefined;
  const kept = form?.['vars'];
  if (only === undefined) return { messages: JSON.stringify(writeMessages(asked)) };
  if (!isJsonObject(kept)) return { input: only };
  const values = Object.values(kept);
  const text = values.length === 1 && typeof values[0] === 'string' ? values[0] : JSON.stringify(kept);
  return text === only ? (kept as JsonObject) : { input: only };
}

function writeAnswer(answer: DataTurn, form: JsonObject | undefined): Json {
  const text = isPlain(answer) ? (answer.content as string) : undefined;
  const kept = form?.['expected'];
  if (text !== undefined && kept !== undefined && expectedText(kept) === text) return kept;
  return text !== undefined && messageOf(text) === undefined ? text : JSON.stringify(writeMessages([answer]));
}

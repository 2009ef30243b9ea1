import { defineDataFormat, RowFault } from '#core/data-format.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { expectedText } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { looksLikeMessages, readMessage, readMessages, writeMessages } from './messages.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, isPlain } from './written-turns.ts';

const known = ['input', 'output', 'expectedOutput', 'expected_output'];
const ofTraces = [
  'traceId',
  'trace_id',
  'projectId',
  'project_id',
  'sessionId',
  'session_id',
  'startTime',
  'start_time',
  'timestamp',
  'latency',
];

/** Traces, observations and dataset items as Langfuse exports them; the expected output counts before the output that was given. */
export const langfuse = defineDataFormat({
  id: 'langfuse',
  summary: 'Langfuse: exported traces, observations and dataset items',
  source: 'https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields',
  container: 'jsonl',
  recognise: (record) => {
    if (record['input'] === undefined) return 0;
    if (record['expectedOutput'] !== undefined || record['expected_output'] !== undefined) return 0.95;
    return ofTraces.some((field) => record[field] !== undefined) ? 0.93 : 0;
  },
  read: (record) => {
    const input = parsed(record['input']);
    const expected = parsed(record['expectedOutput'] ?? record['expected_output']);
    const answer = expected ?? parsed(record['output']);
    const session = record['sessionId'] ?? record['session_id'];
    const about = readAbout(record, known);
    const given = expected === undefined || record['output'] === undefined ? {} : { output: record['output'] };
    const extra = { ...about.extra, ...given };
    return {
      turns: [...readInput(input), ...(answer === undefined ? [] : readAnswer(answer))],
      ...optional('tools', readTools(isJsonObject(input) ? (input['tools'] as Json | undefined) : undefined)),
      ...about,
      ...(about.group === undefined && typeof session === 'string' ? { group: session } : {}),
      ...(about.source === undefined && expected === undefined ? { source: 'log' as const } : {}),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
      ...keptForm(input, answer),
    };
  },
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    const { asked, answer } = cutAnswer(turns);
    return {
      record: {
        ...writeAbout(row),
        input: writeInput(asked, row),
        ...(answer === undefined ? {} : { expectedOutput: writeAnswer(answer, row) }),
      },
      lost: [...lost, ...(row.source === undefined && answer === undefined ? ['source'] : [])],
    };
  },
});

/** JSON that an export wrote as text. */
function parsed(value: Json | undefined): Json | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\s*(\[\s*\{|\{\s*")/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

function readInput(input: Json | undefined): DataTurn[] {
  if (input === undefined)
    throw new RowFault('input-missing', 'The record has no input.', 'Take it out: traces without an input teach nothing.');
  const messages = isJsonObject(input) ? (input['messages'] as Json | undefined) : input;
  if (looksLikeMessages(messages)) return readMessages(messages, 'input');
  return [{ role: 'user', content: expectedText(input) }];
}

function readAnswer(answer: Json): DataTurn[] {
  const messages = isJsonObject(answer) ? (answer['messages'] as Json | undefined) : answer;
  if (looksLikeMessages(messages)) return readMessages(messages, 'output');
  if (isJsonObject(answer) && answer['role'] !== undefined) return [readMessage(answer, 'output')];
  return [{ role: 'assistant', content: expectedText(answer) }];
}

function keptForm(input: Json | undefined, answer: Json | undefined): { form?: JsonObject } {
  const isMessages = looksLikeMessages(isJsonObject(input) ? (input['messages'] as Json | undefined) : input);
  const form = {
    ...(input === undefined || typeof input === 'string' || isMessages ? {} : { input }),
    ...(answer === undefined || typeof answer === 'string' || looksLikeAnswer(answer) ? {} : { expected: answer }),
  };
  return Object.keys(form).length === 0 ? {} : { form };
}

function looksLikeAnswer(answer: Json): boolean {
  return (
    looksLikeMessages(answer) ||
    (isJsonObject(answer) && (answer['role'] !== undefined || looksLikeMessages(answer['messages'] as Json | undefined)))
  );
}

function writeInput(asked: readonly DataTurn[], { form, tools }: DataRow): Json {
  const only = asked.length === 1 && asked[0]!.role === 'user' && isPlain(asked[0]!) ? (asked[0]!.content as string) : undefined;
  if (tools !== undefined) return { messages: writeMessages(asked), tools };
  if (only === undefined) return writeMessages(asked);
  const kept = form?.['input'];
  if (kept !== undefined && expectedText(kept) === only) return kept;
  return typeof parsed(only) === 'string' ? only : writeMessages(asked);
}

function writeAnswer(answer: DataTurn, { form }: DataRow): Json {
  if (!isPlain(answer)) return writeMessages([answer])[0]!;
  const text = answer.content as string;
  const kept = form?.['expected'];
  if (kept !== undefined && expectedText(kept) === text) return kept;
  return typeof parsed(text) === 'string' ? text : writeMessages([answer])[0]!;
}

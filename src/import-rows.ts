import { RowFault } from '#core/data-format.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import { openaiChat } from '#data/formats/openai-chat.ts';
import { openaiPreference } from '#data/formats/openai-preference.ts';

/** A conversation up to its last answer, and that answer. */
export interface ImportedRow {
  readonly messages: readonly Message[];
  readonly expected: string;
  readonly from: 'training' | 'validation';
  /** Of its file, counted from 1. */
  readonly line: number;
}

export interface ImportedRows {
  readonly rows: readonly ImportedRow[];
  /** Lines that cannot become an example, with the reason. */
  readonly dropped: readonly { readonly file: string; readonly line: number; readonly why: string }[];
  /** Rows with more than one answer, of which the last one is asked for. */
  readonly earlierAnswers: number;
}

/** Reads a file of a past job: conversations, or pairs of answers of which the better one is taken. */
export function readImported(text: string, from: ImportedRow['from']): ImportedRows {
  const rows: ImportedRow[] = [];
  const dropped: ImportedRows['dropped'][number][] = [];
  let earlierAnswers = 0;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    try {
      const turns = turnsOf(line);
      const messages = turns.map(messageOf);
      const last = messages.at(-1);
      if (last?.role !== 'assistant') throw new RowFault('last-turn', 'the last message is not an answer', '');
      const asked = messages.slice(0, -1);
      if (asked.at(-1)?.role !== 'user') throw new RowFault('last-turn', 'the answer does not follow a user message', '');
      if (asked.some(({ role }) => role === 'assistant')) earlierAnswers++;
      rows.push({ messages: asked, expected: last.content, from, line: index + 1 });
    } catch (error) {
      const why = error instanceof RowFault ? error.message : 'not a JSON object';
      dropped.push({ file: from, line: index + 1, why });
    }
  }
  return { rows, dropped, earlierAnswers };
}

function turnsOf(line: string): readonly DataTurn[] {
  const record: unknown = JSON.parse(line);
  if (!isJsonObject(record)) throw new RowFault('row', 'not a JSON object', '');
  const row: Omit<DataRow, 'line'> = (record['preferred_output'] === undefined ? openaiChat : openaiPreference).read(record as JsonObject);
  if (row.tools !== undefined) throw new RowFault('tools', 'it has tools', '');
  return row.preference === undefined ? row.turns : [...row.turns, ...row.preference.chosen];
}

function messageOf(turn: DataTurn): Message {
  if (turn.role === 'tool' || turn.toolCalls !== undefined) throw new RowFault('tools', 'it calls tools', '');
  if (Array.isArray(turn.content) && turn.content.some((part) => part['type'] !== 'text'))
    throw new RowFault('parts', 'it has parts that are no text', '');
  const content = turnText(turn);
  if (content.trim() === '') throw new RowFault('empty', 'a message is empty', '');
  return { role: turn.role === 'developer' ? 'system' : turn.role, content };
}

/** The system prompt that every row begins with; undefined where they differ. */
export function commonSystem(rows: readonly ImportedRow[]): string | undefined {
  const first = rows[0]?.messages[0];
  if (first?.role !== 'system') return undefined;
  return rows.every(({ messages }) => messages[0]?.role === 'system' && messages[0].content === first.content) ? first.content : undefined;
}

/** What the answers are, as far as they show it. */
export type ImportedOutput = { readonly labels: readonly string[] } | { readonly schema: JsonObject } | { readonly text: true };

const mostLabels = 50;
const longestLabel = 60;
/** Rows that each label must have on average before answers count as a closed set. */
const rowsPerLabel = 5;

export function outputOf(rows: readonly ImportedRow[]): ImportedOutput {
  const answers = rows.map(({ expected }) => expected.trim());
  const objects = answers.map(objectOf);
  if (objects.every((value) => value !== undefined)) return { schema: schemaOf(objects) };
  const labels = [...new Set(answers)];
  const closed = labels.length >= 2 && labels.length <= mostLabels && labels.length * rowsPerLabel <= answers.length;
  if (closed && labels.every((label) => label.length <= longestLabel && !label.includes('\n'))) return { labels: labels.sort() };
  return { text: true };
}

export function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** The least that holds for every object: its fields, those that all have, and their types. */
function schemaOf(objects: readonly JsonObject[]): JsonObject {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const properties = names.map((name) => {
    const types = [...new Set(objects.filter((object) => name in object).map((object) => typeOf(object[name] ?? null)))].sort();
    return [name, { type: types.length === 1 ? types[0]! : types }] as const;
  });
  const required = names.filter((name) => objects.every((object) => name in object));
  return { type: 'object', properties: Object.fromEntries(properties), required };
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

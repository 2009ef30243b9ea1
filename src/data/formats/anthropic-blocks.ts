import { RowFault } from '#core/data-format.ts';
import type { DataToolCall, DataTurn } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { optional } from './record-parts.ts';
import { parsedArguments } from './sharegpt.ts';

/** The turns of one message: each tool_result is a turn of its own, before what the user says beside it. */
export function readBlocks(message: Json | undefined, place: string): DataTurn[] {
  const role = isJsonObject(message) ? message['role'] : undefined;
  if (!isJsonObject(message) || (role !== 'user' && role !== 'assistant')) {
    throw new RowFault(
      'message-unfit',
      `${place} is ${quoted(message)}.`,
      'Roles are user and assistant; the system prompt stands in "system".',
    );
  }
  const { content } = message;
  const beside = Object.entries(message).filter(([key]) => key !== 'role' && key !== 'content');
  const extra = beside.length === 0 ? {} : { extra: Object.fromEntries(beside) as JsonObject };
  if (typeof content === 'string') return [{ role, content, ...extra }];
  if (!Array.isArray(content) || !content.every(isJsonObject)) {
    throw new RowFault('content-unfit', `${place} has the content ${quoted(content)}.`, 'Write a text, or a list of blocks.');
  }
  const blocks = content as JsonObject[];
  const results = blocks.filter(({ type }) => type === 'tool_result').map(readResult);
  const calls = blocks.filter(({ type }) => type === 'tool_use').map(readCall);
  const parts = blocks.filter(({ type }) => type !== 'tool_result' && type !== 'tool_use');
  if (results.length > 0 && parts.length === 0 && calls.length === 0) return results;
  const only =
    parts.length === 1 && isPlainText(parts[0]!) && (calls.length > 0 || results.length > 0) ? (parts[0]!['text'] as string) : undefined;
  const turn: DataTurn = {
    role,
    content: parts.length === 0 ? null : (only ?? parts),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
    ...extra,
  };
  return [...results, turn];
}

function isPlainText(block: JsonObject): boolean {
  return block['type'] === 'text' && typeof block['text'] === 'string' && Object.keys(block).length === 2;
}

function readResult({ type: _, tool_use_id: id, content, ...rest }: JsonObject): DataTurn {
  const read = typeof content === 'string' || Array.isArray(content) ? (content as string | JsonObject[]) : null;
  return {
    role: 'tool',
    content: read,
    ...(typeof id === 'string' ? { toolCallId: id } : {}),
    ...(Object.keys(rest).length === 0 ? {} : { extra: rest }),
  };
}

function readCall({ id, name, input }: JsonObject): DataToolCall {
  return {
    ...(typeof id === 'string' ? { id } : {}),
    name: String(name ?? ''),
    arguments: typeof input === 'string' ? input : JSON.stringify(input ?? {}),
  };
}

/** Turns as messages: answers of tools that follow one another are blocks of one message, with what the user says next. */
export function writeBlocks(turns: readonly DataTurn[]): JsonObject[] {
  const messages: JsonObject[] = [];
  let results: JsonObject[] = [];
  for (const turn of turns) {
    if (turn.role === 'tool') {
      results.push({
        type: 'tool_result',
        ...optional('tool_use_id', turn.toolCallId),
        ...(turn.content === null ? {} : { content: turn.content }),
        ...turn.extra,
      });
      continue;
    }
    const joins = results.length > 0 && turn.role === 'user';
    if (results.length > 0 && !joins) messages.push({ role: 'user', content: results });
    messages.push({ role: turn.role, content: joins ? [...results, ...blocksOf(turn)] : contentOf(turn), ...turn.extra });
    results = [];
  }
  if (results.length > 0) messages.push({ role: 'user', content: results });
  return messages;
}

function contentOf(turn: DataTurn): string | JsonObject[] {
  return typeof turn.content === 'string' && turn.toolCalls === undefined ? turn.content : blocksOf(turn);
}

function blocksOf({ content, toolCalls = [] }: DataTurn): JsonObject[] {
  const parts = content === null ? [] : typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return [
    ...parts,
    ...toolCalls.map((call) => ({ type: 'tool_use', ...optional('id', call.id), name: call.name, input: parsedArguments(call.arguments) })),
  ];
}

/** What blocks do not tell apart: a text and a list with that text alone, nothing said and no turn. */
export function lostOfBlocks(turns: readonly DataTurn[]): string[] {
  const single = turns.some(
    (turn) => Array.isArray(turn.content) && (turn.content.length === 0 || (turn.content.length === 1 && isPlainText(turn.content[0]!))),
  );
  const silent = turns.some((turn) => turn.content === null && (turn.toolCalls?.length ?? 0) === 0);
  const noCalls = turns.some((turn) => turn.toolCalls?.length === 0);
  return [...(single ? ['turns.parts'] : []), ...(silent ? ['turns.content'] : []), ...(noCalls ? ['turns.toolCalls'] : [])];
}

import { RowFault } from '#core/data-format.ts';
import { type DataToolCall, type DataTurn, turnText } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { optional } from './record-parts.ts';
import { parsedArguments } from './sharegpt.ts';

/** The turns of one content: answers of tools are turns of their own. */
export function readParts(content: JsonObject, role: 'user' | 'assistant', place: string): DataTurn[] {
  const answers: DataTurn[] = [];
  const calls: DataToolCall[] = [];
  const parts: JsonObject[] = [];
  for (const part of content['parts'] as readonly Json[]) {
    if (!isJsonObject(part)) throw new RowFault('part-unfit', `${place} has the part ${quoted(part)}.`, 'Write {"text": "…"}.');
    const call = part['functionCall'] ?? part['function_call'];
    const answer = part['functionResponse'] ?? part['function_response'];
    if (isJsonObject(call)) calls.push(readCall(call));
    else if (isJsonObject(answer)) answers.push(readAnswer(answer));
    else
      parts.push(
        (typeof part['text'] === 'string' && Object.keys(part).length === 1 ? { type: 'text', text: part['text'] } : part) as JsonObject,
      );
  }
  const extra = Object.entries(content).filter(([key]) => key !== 'role' && key !== 'parts');
  const only = parts.length === 1 && parts[0]!['type'] === 'text' ? (parts[0]!['text'] as string) : undefined;
  const turn: DataTurn = {
    role,
    content: parts.length === 0 ? null : (only ?? parts),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
  return answers.length > 0 && parts.length === 0 && calls.length === 0 ? answers : [...answers, turn];
}

function readCall(call: Record<string, unknown>): DataToolCall {
  const { id, name, args } = call;
  return {
    ...(typeof id === 'string' ? { id } : {}),
    name: String(name ?? ''),
    arguments: typeof args === 'string' ? args : JSON.stringify(args ?? {}),
  };
}

function readAnswer(answer: Record<string, unknown>): DataTurn {
  const { id, name, response } = answer;
  const result = isJsonObject(response) && Object.keys(response).length === 1 ? response['result'] : undefined;
  const content = result === null || typeof result === 'string' ? result : JSON.stringify(response ?? {});
  return { role: 'tool', content, ...(typeof id === 'string' ? { toolCallId: id } : { name: String(name ?? 'tool') }) };
}

/** Turns as contents; the name of a tool's answer is that of the call it answers. */
export function writeParts(turns: readonly DataTurn[]): JsonObject[] {
  const called = new Map(
    turns.flatMap((turn) => (turn.toolCalls ?? []).flatMap(({ id, name }) => (id === undefined ? [] : [[id, name] as const]))),
  );
  return turns.map((turn) => {
    if (turn.role === 'tool') {
      const name = turn.name ?? called.get(turn.toolCallId ?? '') ?? 'tool';
      const result = turn.content === null ? null : turnText(turn);
      return {
        role: 'user',
        parts: [{ functionResponse: { ...optional('id', turn.toolCallId), name, response: { result } } }],
        ...turn.extra,
      };
    }
    const calls = (turn.toolCalls ?? []).map((call) => ({
      functionCall: { ...optional('id', call.id), name: call.name, args: parsedArguments(call.arguments) },
    }));
    return { role: turn.role === 'assistant' ? 'model' : 'user', parts: [...contentParts(turn), ...calls], ...turn.extra };
  });
}

function contentParts({ content }: DataTurn): JsonObject[] {
  if (content === null) return [];
  if (typeof content === 'string') return [{ text: content }];
  const held = content.flatMap((part) =>
    part['type'] === 'text' ? [{ text: part['text'] ?? '' }] : part['type'] === undefined ? [part] : [],
  );
  return held.length === 0 ? [{ text: '' }] : held;
}

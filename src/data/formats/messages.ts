import { RowFault } from '#core/data-format.ts';
import type { DataToolCall, DataTurn } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { optional } from './record-parts.ts';

const roles: readonly DataTurn['role'][] = ['system', 'developer', 'user', 'assistant', 'tool'];
const readFields = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'weight'];

/** Reads messages as OpenAI's chat API has them, the form that most of the field shares. `field` names them in faults. */
export function readMessages(value: Json | undefined, field: string): DataTurn[] {
  if (!Array.isArray(value)) {
    throw new RowFault('messages-missing', `${field} is ${quoted(value)} and no list.`, 'Write a list of {"role": …, "content": …}.');
  }
  if (value.length === 0) throw new RowFault('messages-empty', `${field} is an empty list.`, 'Add the turns, or take the row out.');
  return value.map((message, index) => readMessage(message, `${field}[${index}]`));
}

export function readMessage(message: unknown, place: string): DataTurn {
  if (!isJsonObject(message)) {
    throw new RowFault('message-unfit', `${place} is ${quoted(message)} and no message.`, 'Write {"role": "user", "content": "…"}.');
  }
  const role = message['role'] === 'function' ? 'tool' : roles.find((known) => known === message['role']);
  if (role === undefined) {
    throw new RowFault('role-unknown', `${place} has the role ${quoted(message['role'])}.`, `Roles are ${roles.join(', ')}.`);
  }
  const weight = message['weight'];
  if (weight !== undefined && typeof weight !== 'number') {
    throw new RowFault(
      'weight-unfit',
      `${place} has the weight ${quoted(weight)}.`,
      'Write 0 for a turn that is shown but not learnt, or 1.',
    );
  }
  const calls = message['tool_calls'];
  const extra = Object.entries(message).filter(([name, member]) => !readFields.includes(name) && member !== undefined);
  return {
    role,
    content: readContent(message['content'], place),
    ...optional('name', textMember(message, 'name', place)),
    ...(calls === undefined || calls === null ? {} : { toolCalls: readCalls(calls, place) }),
    ...optional('toolCallId', textMember(message, 'tool_call_id', place)),
    ...(weight === undefined ? {} : { weight }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) as JsonObject }),
  };
}

function readContent(content: unknown, place: string): DataTurn['content'] {
  if (content === undefined || content === null) return null;
  if (typeof content === 'string') return content;
  if (Array.isArray(content) && content.every(isJsonObject)) return content as JsonObject[];
  throw new RowFault('content-unfit', `${place} has the content ${quoted(content)}.`, 'Write a text, or a list of parts.');
}

function readCalls(calls: unknown, place: string): DataToolCall[] {
  if (!Array.isArray(calls)) throw callFault(place, calls);
  return calls.map((call) => {
    const called = isJsonObject(call) && isJsonObject(call['function']) ? call['function'] : call;
    if (!isJsonObject(call) || !isJsonObject(called) || typeof called['name'] !== 'string') throw callFault(place, call);
    const given = called['arguments'];
    return {
      ...(typeof call['id'] === 'string' ? { id: call['id'] } : {}),
      name: called['name'],
      arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
    };
  });
}

function callFault(place: string, call: unknown): RowFault {
  return new RowFault(
    'tool-call-unfit',
    `${place} calls a tool as ${quoted(call)}.`,
    'Write tool_calls as [{"id": …, "type": "function", "function": {"name": …, "arguments": "…"}}].',
  );
}

function textMember(message: Record<string, unknown>, name: string, place: string): string | undefined {
  const value = message[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new RowFault('message-unfit', `${place} has the ${name} ${quoted(value)}.`, 'Write a text.');
}

/** Writes turns as OpenAI's chat API has them. */
export function writeMessages(turns: readonly DataTurn[]): JsonObject[] {
  return turns.map((turn) => ({
    role: turn.role,
    content: turn.content,
    ...optional('name', turn.name),
    ...(turn.toolCalls === undefined
      ? {}
      : {
          tool_calls: turn.toolCalls.map((call) => ({
            ...optional('id', call.id),
            type: 'function',
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
    ...optional('tool_call_id', turn.toolCallId),
    ...optional('weight', turn.weight),
    ...turn.extra,
  }));
}

/** Half sure where every message has a role and a content, 0 where there are none. */
export function looksLikeMessages(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((message) => isJsonObject(message) && typeof message['role'] === 'string');
}

import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataRow, type DataToolCall, type DataTurn, turnText } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { lostOfTurns, onlyTurn } from './written-turns.ts';

const known = ['conversations', 'conversation', 'system', 'tools', 'chosen', 'rejected'];
const roleOf: Readonly<Record<string, DataTurn['role'] | 'call'>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  assistant: 'assistant',
  model: 'assistant',
  system: 'system',
  developer: 'developer',
  function_call: 'call',
  observation: 'tool',
  tool: 'tool',
  function: 'tool',
};
const nameOf: Readonly<Record<DataTurn['role'], string>> = {
  system: 'system',
  developer: 'system',
  user: 'human',
  assistant: 'gpt',
  tool: 'observation',
};

/** Reads `conversations` of `from` and `value`; also of `role` and `content`, which some files have under that name. */
export function readSharegpt(record: JsonObject): Omit<DataRow, 'line'> {
  const list = record['conversations'] ?? record['conversation'];
  if (!Array.isArray(list) || list.length === 0) {
    throw new RowFault('messages-missing', `conversations is ${quoted(list)}.`, 'Write a list of {"from": "human", "value": "…"}.');
  }
  const { system, chosen, rejected } = record;
  const turns = [
    ...(typeof system === 'string' && system !== '' ? [{ role: 'system' as const, content: system }] : []),
    ...list.map((message, index) => readTurn(message, `conversations[${index}]`)),
  ];
  const hasPair = chosen !== undefined && chosen !== null;
  return {
    turns,
    ...optional('tools', readTools(record['tools'])),
    ...(hasPair ? { preference: { chosen: [readTurn(chosen, 'chosen')], rejected: [readTurn(rejected, 'rejected')] } } : {}),
    ...readAbout(record, known),
  };
}

function readTurn(message: Json | undefined, place: string): DataTurn {
  const name = isJsonObject(message) ? (message['from'] ?? message['role']) : undefined;
  const value = isJsonObject(message) ? (message['value'] ?? message['content']) : undefined;
  if (!isJsonObject(message) || typeof name !== 'string' || typeof value !== 'string') {
    throw new RowFault('message-unfit', `${place} is ${quoted(message)} and no turn.`, 'Write {"from": "human", "value": "…"}.');
  }
  const role = roleOf[name.toLowerCase()];
  if (role === undefined) {
    throw new RowFault('role-unknown', `${place} is from ${quoted(name)}.`, `Known are: ${Object.keys(roleOf).join(', ')}.`);
  }
  const { weight } = message;
  const extra = Object.entries(message).filter(([key]) => !['from', 'role', 'value', 'content', 'weight'].includes(key));
  return {
    ...(role === 'call' ? { role: 'assistant', content: null, toolCalls: readCalls(value, place) } : { role, content: value }),
    ...(typeof weight === 'number' ? { weight } : {}),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) as JsonObject }),
  };
}

function readCalls(value: string, place: string): DataToolCall[] {
  let called: unknown;
  try {
    called = JSON.parse(value);
  } catch {
    called = undefined;
  }
  const list: readonly unknown[] = Array.isArray(called) ? called : [called];
  return list.map((call) => {
    if (!isJsonObject(call) || typeof call['name'] !== 'string') {
      throw new RowFault('tool-call-unfit', `${place} calls a tool as ${quoted(value)}.`, 'Write {"name": …, "arguments": {…}} as text.');
    }
    const given = call['arguments'];
    return { name: call['name'], arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}) };
  });
}

export function writeSharegpt(row: DataRow): { record: JsonObject; lost: readonly string[] } {
  const { preference } = row;
  const pair =
    preference === undefined
      ? {}
      : {
          chosen: writeAnswer(preference.chosen),
          rejected: writeAnswer(preference.rejected),
        };
  const turns = [...row.turns, ...(preference?.chosen ?? []), ...(preference?.rejected ?? [])];
  return {
    record: {
      ...writeAbout(row),
      conversations: row.turns.flatMap(writeTurn),
      ...pair,
      ...(row.tools === undefined ? {} : { tools: JSON.stringify(row.tools) }),
    },
    lost: [...lostOfTurns(turns, ['weight', 'extra', 'toolCalls']), ...lostShapes(turns)],
  };
}

function writeAnswer(turns: readonly DataTurn[]): JsonObject {
  const [message, ...more] = writeTurn(onlyTurn(turns, 'sharegpt'));
  if (message !== undefined && more.length === 0) return message;
  throw new RowFault(
    'answer-of-turns',
    'An answer that both speaks and calls a tool does not fit into sharegpt.',
    'Convert it to openai-preference or trl.',
  );
}

function writeTurn(turn: DataTurn): JsonObject[] {
  const beside = { ...optional('weight', turn.weight), ...turn.extra };
  const calls = turn.toolCalls ?? [];
  if (calls.length === 0) return [{ from: nameOf[turn.role], value: turnText(turn), ...beside }];
  const written = calls.map((call) => ({ name: call.name, arguments: parsedArguments(call.arguments) }));
  const value = JSON.stringify(written.length === 1 ? written[0] : written);
  const text = turnText(turn);
  return [...(text === '' ? [] : [{ from: nameOf[turn.role], value: text }]), { from: 'function_call', value, ...beside }];
}

/** Turns that are cut in two, or whose emptiness is not told apart. */
function lostShapes(turns: readonly DataTurn[]): string[] {
  const cut = turns.some((turn) => (turn.toolCalls?.length ?? 0) > 0 && turn.content !== null);
  const empty = turns.some((turn) => (turn.toolCalls?.length ?? 0) === 0 && (turn.content === null || turn.toolCalls !== undefined));
  return [...(cut ? ['turns.grouping'] : []), ...(empty ? ['turns.content'] : [])];
}

/** Arguments as JSON where they are JSON that is written the same again, as text otherwise. */
export function parsedArguments(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) && JSON.stringify(value) === text ? (value as JsonObject) : text;
  } catch {
    return text;
  }
}

export const sharegpt = defineDataFormat({
  id: 'sharegpt',
  summary: 'ShareGPT: conversations of from and value, with system and tools',
  source: 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md',
  container: 'json',
  recognise: (record) => {
    const list = record['conversations'] ?? record['conversation'];
    return Array.isArray(list) && list.some((turn) => isJsonObject(turn) && ('from' in turn || 'role' in turn)) ? 0.95 : 0;
  },
  read: readSharegpt,
  write: writeSharegpt,
});

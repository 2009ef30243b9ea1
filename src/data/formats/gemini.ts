import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { adaptParts } from './adapt-parts.ts';
import { readParts, writeParts } from './gemini-parts.ts';
import { optional, readAbout, writeAbout } from './record-parts.ts';
import { answeredTurns, lostOfTurns, systemFirst } from './written-turns.ts';

const known = ['systemInstruction', 'system_instruction', 'contents', 'tools'];

export const gemini = defineDataFormat({
  id: 'gemini',
  summary: 'Gemini tuning: systemInstruction and contents of parts, roles user and model',
  source: 'https://cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-supervised-tuning-prepare',
  container: 'jsonl',
  closed: true,
  recognise: ({ contents }) => (Array.isArray(contents) && contents.some((content) => isJsonObject(content) && 'parts' in content) ? 1 : 0),
  read: (record) => {
    const { contents } = record;
    if (!Array.isArray(contents) || contents.length === 0) {
      throw new RowFault(
        'messages-missing',
        `contents is ${quoted(contents)}.`,
        'Write a list of {"role": "user", "parts": [{"text": "…"}]}.',
      );
    }
    return {
      turns: [
        ...readSystem(record['systemInstruction'] ?? record['system_instruction']),
        ...contents.flatMap((content, index) => readContent(content, `contents[${index}]`)),
      ],
      ...optional('tools', readDeclarations(record['tools'])),
      ...readAbout(record, known),
    };
  },
  write: (row) => {
    const answered = answeredTurns(row);
    const { turns, lost: lostParts } = adaptParts(answered.turns, 'gemini');
    const lost = [...answered.lost, ...lostParts];
    const { head, body } = systemFirst(turns, 'Gemini holds system prompts only before a conversation of user and model.');
    return {
      record: {
        ...writeAbout(row),
        ...(head.length === 0 ? {} : { systemInstruction: { role: 'system', parts: head.map((turn) => ({ text: turnText(turn) })) } }),
        contents: writeParts(body),
        ...(row.tools === undefined ? {} : { tools: writeDeclarations(row.tools) }),
      },
      lost: [...lost, ...lostOfWriting(row, turns, head)],
    };
  },
});

function readSystem(system: Json | undefined): DataTurn[] {
  if (system === undefined || system === null) return [];
  const parts = isJsonObject(system) && Array.isArray(system['parts']) ? (system['parts'] as Json[]) : [system];
  const texts = parts.map((part) => (typeof part === 'string' ? part : isJsonObject(part) ? part['text'] : undefined));
  if (texts.some((text) => typeof text !== 'string')) {
    throw new RowFault('system-unfit', `The systemInstruction is ${quoted(system)}.`, 'Write {"parts": [{"text": "…"}]}.');
  }
  return texts.map((text) => ({ role: 'system' as const, content: text as string }));
}

function readContent(content: Json | undefined, place: string): DataTurn[] {
  const role = isJsonObject(content) ? (content['role'] ?? 'user') : undefined;
  if (!isJsonObject(content) || !Array.isArray(content['parts']) || !['user', 'model', 'function', 'tool'].includes(String(role))) {
    throw new RowFault('message-unfit', `${place} is ${quoted(content)}.`, 'Write {"role": "user" or "model", "parts": [...]}.');
  }
  return readParts(content as JsonObject, role === 'model' ? 'assistant' : 'user', place);
}

function readDeclarations(tools: Json | undefined): readonly JsonObject[] | undefined {
  if (tools === undefined || tools === null) return undefined;
  const read = (Array.isArray(tools) ? tools : [tools]).flatMap((tool: Json): JsonObject[] => {
    if (!isJsonObject(tool))
      throw new RowFault('tools-unfit', `The tools are ${quoted(tools)}.`, 'Write [{"functionDeclarations": [...]}].');
    const declared = tool['functionDeclarations'] ?? tool['function_declarations'];
    if (!Array.isArray(declared)) return [tool as JsonObject];
    return declared.map((one) => ({ type: 'function', function: one as JsonObject }));
  });
  return read.length === 0 ? undefined : read;
}

function writeDeclarations(tools: readonly JsonObject[]): JsonObject[] {
  const functions = tools.filter(isFunction).map((tool) => tool['function'] as JsonObject);
  return [...(functions.length === 0 ? [] : [{ functionDeclarations: functions }]), ...tools.filter((tool) => !isFunction(tool))];
}

function isFunction(tool: JsonObject): boolean {
  return isJsonObject(tool['function']);
}

function lostOfWriting(row: DataRow, turns: readonly DataTurn[], head: readonly DataTurn[]): string[] {
  const bare = lostOfTurns(turns, ['toolCalls', 'toolCallId', 'name', 'extra', 'parts']);
  const named = turns.some((turn) => turn.name !== undefined && (turn.role !== 'tool' || turn.toolCallId !== undefined));
  const nameless = turns.some((turn) => turn.role === 'tool' && turn.name === undefined && turn.toolCallId === undefined);
  const typed = turns.some(
    (turn) => Array.isArray(turn.content) && (head.includes(turn) || turn.role === 'tool' || !turn.content.every(isHeld)),
  );
  const single = turns.some(
    (turn) => Array.isArray(turn.content) && (turn.content.length === 0 || (turn.content.length === 1 && 'text' in turn.content[0]!)),
  );
  const aside = head.some((turn) => turn.extra !== undefined);
  return [
    ...bare,
    ...(named || nameless ? ['turns.name'] : []),
    ...(typed || single ? ['turns.parts'] : []),
    ...(aside ? ['turns.extra'] : []),
    ...(row.tools?.some((tool) => isFunction(tool) && Object.keys(tool).some((key) => key !== 'type' && key !== 'function'))
      ? ['tools']
      : []),
  ];
}

/** Parts that Gemini has too: texts, and those that came from it, which have no type. */
function isHeld(part: JsonObject): boolean {
  return part['type'] === undefined || (part['type'] === 'text' && Object.keys(part).length === 2);
}

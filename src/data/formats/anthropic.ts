import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataTurn, turnText } from '#core/data-row.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { adaptParts } from './adapt-parts.ts';
import { lostOfBlocks, readBlocks, writeBlocks } from './anthropic-blocks.ts';
import { optional, readAbout, writeAbout } from './record-parts.ts';
import { answeredTurns, lostOfTurns, systemFirst } from './written-turns.ts';

const known = ['system', 'messages', 'tools'];
const ownBlocks = ['tool_use', 'tool_result'];

/** Closed: fine-tuning on Bedrock takes no other keys (platform.claude.com, cookbook "Finetuning Claude 3 Haiku on Bedrock"). */
export const anthropic = defineDataFormat({
  id: 'anthropic',
  summary: 'Anthropic messages: system, messages of content blocks, tool_use and tool_result',
  source: 'https://docs.anthropic.com/en/api/messages',
  container: 'jsonl',
  closed: true,
  recognise: ({ system, messages, tools }) => {
    if (
      !Array.isArray(messages) ||
      !messages.every((message) => isJsonObject(message) && ['user', 'assistant'].includes(String(message['role'])))
    )
      return 0;
    const hasBlocks = messages.some(
      (message) =>
        Array.isArray(message['content']) &&
        message['content'].some((block: Json) => isJsonObject(block) && ownBlocks.includes(String(block['type']))),
    );
    const ownTools = Array.isArray(tools) && tools.some((tool) => isJsonObject(tool) && 'input_schema' in tool);
    return hasBlocks || ownTools || system !== undefined ? 1 : 0;
  },
  read: (record) => {
    const { messages } = record;
    if (!Array.isArray(messages) || messages.length === 0) {
      throw new RowFault('messages-missing', `messages is ${quoted(messages)}.`, 'Write a list of {"role": "user", "content": "…"}.');
    }
    return {
      turns: [...readSystem(record['system']), ...messages.flatMap((message, index) => readBlocks(message, `messages[${index}]`))],
      ...optional('tools', readSchemas(record['tools'])),
      ...readAbout(record, known),
    };
  },
  write: (row) => {
    const answered = answeredTurns(row);
    const { turns, lost: lostParts } = adaptParts(answered.turns, 'anthropic');
    const lost = [...answered.lost, ...lostParts];
    const { head, body } = systemFirst(turns, 'Anthropic holds system prompts only before a conversation of user and assistant.');
    return {
      record: {
        ...writeAbout(row),
        ...writeSystem(head),
        messages: writeBlocks(body),
        ...(row.tools === undefined ? {} : { tools: row.tools.map(writeSchema) }),
      },
      lost: [
        ...lost,
        ...lostOfTurns(turns, ['toolCalls', 'toolCallId', 'extra', 'parts']),
        ...(head.some((turn) => Array.isArray(turn.content)) ? ['turns.parts'] : []),
        ...(head.some((turn) => turn.extra !== undefined) ? ['turns.extra'] : []),
        ...lostOfBlocks(body),
        ...(row.tools?.some((tool) => Object.keys(tool).some((key) => key !== 'type' && key !== 'function')) ? ['tools'] : []),
      ],
    };
  },
});

function readSystem(system: Json | undefined): DataTurn[] {
  if (system === undefined || system === null || system === '') return [];
  const blocks = typeof system === 'string' ? [{ text: system }] : system;
  if (Array.isArray(blocks) && blocks.every((block) => isJsonObject(block) && typeof block['text'] === 'string')) {
    return blocks.map((block) => ({ role: 'system' as const, content: block['text'] as string }));
  }
  throw new RowFault('system-unfit', `The system prompt is ${quoted(system)}.`, 'Write a text, or a list of text blocks.');
}

function writeSystem(head: readonly DataTurn[]): JsonObject {
  const texts = head.map(turnText);
  if (texts.length === 0) return {};
  return { system: texts.length === 1 && texts[0] !== '' ? texts[0]! : texts.map((text) => ({ type: 'text', text })) };
}

function readSchemas(tools: Json | undefined): readonly JsonObject[] | undefined {
  if (tools === undefined || tools === null || (Array.isArray(tools) && tools.length === 0)) return undefined;
  if (!Array.isArray(tools) || !tools.every(isJsonObject)) {
    throw new RowFault('tools-unfit', `The tools are ${quoted(tools)}.`, 'Write a list of {"name": …, "input_schema": {…}}.');
  }
  return tools.map((tool): JsonObject => {
    const { input_schema: parameters, ...rest } = tool as JsonObject;
    return isJsonObject(rest['function'])
      ? (tool as JsonObject)
      : { type: 'function', function: { ...rest, ...optional('parameters', parameters) } };
  });
}

function writeSchema(tool: JsonObject): JsonObject {
  if (!isJsonObject(tool['function'])) return tool;
  const { parameters, ...rest } = tool['function'] as JsonObject;
  return { ...rest, ...optional('input_schema', parameters) };
}

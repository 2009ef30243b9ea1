import { defineDataFormat } from '#core/data-format.ts';
import { adaptParts } from './adapt-parts.ts';
import { looksLikeMessages, readMessages, writeMessages } from './messages.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { answeredTurns } from './written-turns.ts';

const known = ['messages', 'tools'];
const owned = new Set([...known, 'functions', 'parallel_tool_calls', 'id', 'group', 'tags', 'source', 'split']);

export const openaiChat = defineDataFormat({
  id: 'openai-chat',
  summary: 'OpenAI chat fine-tuning: messages, with tools, tool calls and weights',
  source: 'https://platform.openai.com/docs/guides/supervised-fine-tuning',
  container: 'jsonl',
  closed: true,
  recognise: (record) => {
    if (!looksLikeMessages(record['messages']) || record['input'] !== undefined) return 0;
    return Object.keys(record).every((name) => owned.has(name)) ? 0.95 : 0.7;
  },
  read: (record) => ({
    turns: readMessages(record['messages'], 'messages'),
    ...optional('tools', readTools(record['tools'])),
    ...readAbout(record, known),
  }),
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    const adapted = adaptParts(turns, 'openai');
    return {
      record: { ...writeAbout(row), messages: writeMessages(adapted.turns), ...optional('tools', row.tools) },
      lost: [...lost, ...adapted.lost],
    };
  },
});

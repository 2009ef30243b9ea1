import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { adaptParts } from './adapt-parts.ts';
import { looksLikeMessages, readMessages, writeMessages } from './messages.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { notAPair } from './written-turns.ts';

const known = ['input', 'preferred_output', 'non_preferred_output'];

export const openaiPreference = defineDataFormat({
  id: 'openai-preference',
  summary: 'OpenAI preference fine-tuning: input, preferred_output, non_preferred_output',
  source: 'https://platform.openai.com/docs/guides/direct-preference-optimization',
  container: 'jsonl',
  closed: true,
  recognise: (record) =>
    isJsonObject(record['input']) && looksLikeMessages(record['preferred_output']) && looksLikeMessages(record['non_preferred_output'])
      ? 1
      : 0,
  read: (record) => {
    const { input } = record;
    if (!isJsonObject(input)) throw new RowFault('input-missing', `The input is ${quoted(input)}.`, 'Write {"messages": [...]}.');
    const { messages, tools, ...rest } = input as JsonObject;
    const { extra, ...about } = readAbout(record, known);
    const left = { ...extra, ...(Object.keys(rest).length === 0 ? {} : { input: rest }) };
    return {
      turns: readMessages(messages, 'input.messages'),
      ...optional('tools', readTools(tools)),
      preference: {
        chosen: readMessages(record['preferred_output'], 'preferred_output'),
        rejected: readMessages(record['non_preferred_output'], 'non_preferred_output'),
      },
      ...about,
      ...(Object.keys(left).length === 0 ? {} : { extra: left }),
    };
  },
  write: (row) => {
    if (row.preference === undefined) throw notAPair('openai-preference');
    const { input, ...about } = writeAbout(row);
    const [asked, chosen, rejected] = [row.turns, row.preference.chosen, row.preference.rejected].map((turns) =>
      adaptParts(turns, 'openai'),
    );
    return {
      record: {
        ...about,
        input: {
          ...(isJsonObject(input) ? (input as JsonObject) : {}),
          messages: writeMessages(asked!.turns),
          ...optional('tools', row.tools),
        },
        preferred_output: writeMessages(chosen!.turns),
        non_preferred_output: writeMessages(rejected!.turns),
      },
      lost: [...asked!.lost, ...chosen!.lost, ...rejected!.lost],
    };
  },
});

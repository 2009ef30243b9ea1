import { stringify } from 'yaml';
import { defineDataFormat } from '#core/data-format.ts';
import type { DataTurn } from '#core/data-row.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { readMessage, readMessages, writeMessages } from './messages.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { onlyTurn } from './written-turns.ts';

const known = ['messages', 'tools', 'chosen', 'rejected'];

/** Messages for the strategy `chat_template`; a weight of 0 is `train: false`, which the configuration beside the rows names. */
export const axolotl = defineDataFormat({
  id: 'axolotl',
  summary: 'Axolotl: messages for chat_template, and the part of its configuration that reads them',
  source: 'https://docs.axolotl.ai/docs/dataset-formats/conversation.html',
  container: 'jsonl',
  recognise: () => 0,
  read: (record) => {
    const { chosen, rejected } = record;
    const pair = () => ({ chosen: [trained(readMessage(chosen, 'chosen'))], rejected: [trained(readMessage(rejected, 'rejected'))] });
    return {
      turns: readMessages(record['messages'], 'messages').map(trained),
      ...optional('tools', readTools(record['tools'])),
      ...(isJsonObject(chosen) ? { preference: pair() } : {}),
      ...readAbout(record, known),
    };
  },
  write: (row) => {
    const { preference } = row;
    const pair = preference === undefined ? {} : { chosen: one(preference.chosen), rejected: one(preference.rejected) };
    const turns = [...row.turns, ...(preference?.chosen ?? []), ...(preference?.rejected ?? [])];
    return {
      record: { ...writeAbout(row), messages: row.turns.map(written), ...pair, ...optional('tools', row.tools) },
      lost: turns.some(({ weight }) => weight !== undefined && weight !== 0 && weight !== 1) ? ['turns.weight'] : [],
    };
  },
  sideFiles: (file, { preferences, weights }) => ({
    [`${file.replace(/\.gz$/i, '').replace(/\.[^.]+$/, '')}.axolotl.yaml`]: stringify({
      ...(preferences ? { rl: 'dpo' } : {}),
      datasets: [
        {
          path: file,
          ds_type: /\.parquet$/i.test(file) ? 'parquet' : 'json',
          type: preferences ? 'chat_template.default' : 'chat_template',
          field_messages: 'messages',
          ...(preferences ? { field_chosen: 'chosen', field_rejected: 'rejected' } : {}),
          ...(weights ? { roles_to_train: ['assistant'], message_field_training: 'train' } : {}),
        },
      ],
    }),
  }),
});

function trained(turn: DataTurn): DataTurn {
  const { train, ...extra } = turn.extra ?? {};
  if (typeof train !== 'boolean') return turn;
  const { extra: _, ...rest } = turn;
  return { ...rest, weight: train ? 1 : 0, ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}

function written(turn: DataTurn): JsonObject {
  const { weight, ...rest } = turn;
  return { ...writeMessages([rest])[0]!, ...(weight === undefined ? {} : { train: weight !== 0 }) };
}

function one(turns: readonly DataTurn[]): JsonObject {
  return written(onlyTurn(turns, 'axolotl'));
}

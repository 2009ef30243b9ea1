import { defineDataFormat } from '#core/data-format.ts';
import { readTrl } from './huggingface-messages.ts';
import { writeMessages } from './messages.ts';
import { optional, writeAbout } from './record-parts.ts';
import { answeredTurns } from './written-turns.ts';

/** A folder with a file for each part of the data; rows that name no part are for training. */
export const mlx = defineDataFormat({
  id: 'mlx',
  summary: 'MLX: a folder with train.jsonl, valid.jsonl and test.jsonl of messages',
  source: 'https://github.com/ml-explore/mlx-lm/blob/main/mlx_lm/LORA.md',
  container: 'jsonl',
  parts: { train: 'train.jsonl', validation: 'valid.jsonl', test: 'test.jsonl' },
  recognise: () => 0,
  read: readTrl,
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    return { record: { ...writeAbout(row), messages: writeMessages(turns), ...optional('tools', row.tools) }, lost };
  },
});

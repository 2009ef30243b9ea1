import { defineDataFormat } from '#core/data-format.ts';
import { readTrl, writeTrl } from './huggingface-messages.ts';
import { writeMessages } from './messages.ts';
import { optional, writeAbout } from './record-parts.ts';
import { cutAnswer } from './written-turns.ts';

/** Prompt and completion where a conversation ends in its only answer, so that TRL learns that answer alone; messages otherwise. */
export const trl = defineDataFormat({
  id: 'trl',
  summary: 'TRL: prompt and completion, messages, or prompt with chosen and rejected',
  source: 'https://huggingface.co/docs/trl/dataset_formats',
  container: 'jsonl',
  recognise: () => 0,
  read: readTrl,
  write: (row) => {
    const { asked, answer } = cutAnswer(row.turns);
    const isPair =
      row.preference === undefined && answer !== undefined && asked.length > 0 && asked.every(({ role }) => role !== 'assistant');
    if (!isPair) return writeTrl(row);
    const record = {
      ...writeAbout(row),
      prompt: writeMessages(asked),
      completion: writeMessages([answer]),
      ...optional('tools', row.tools),
    };
    return { record, lost: [] };
  },
});

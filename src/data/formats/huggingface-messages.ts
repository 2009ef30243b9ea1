import { defineDataFormat, RowFault } from '#core/data-format.ts';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { looksLikeMessages, readMessages, writeMessages } from './messages.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';

const known = ['messages', 'prompt', 'completion', 'chosen', 'rejected', 'tools'];

/** Reads rows as TRL has them: messages, prompt and completion, or prompt, chosen and rejected; each as text or as messages. */
export function readTrl(record: JsonObject): Omit<DataRow, 'line'> {
  const { messages, prompt, completion, chosen, rejected } = record;
  const rest = { ...optional('tools', readTools(record['tools'])), ...readAbout(record, known) };
  if (chosen !== undefined && chosen !== null) {
    if (prompt !== undefined && prompt !== null) {
      const preference = { chosen: readSide(chosen, 'chosen', 'assistant'), rejected: readSide(rejected, 'rejected', 'assistant') };
      return { turns: readSide(prompt, 'prompt', 'user'), preference, ...rest };
    }
    return { ...withoutPrompt(readMessages(chosen, 'chosen'), readMessages(rejected, 'rejected')), ...rest };
  }
  if (prompt !== undefined && prompt !== null) {
    const answer = completion === undefined || completion === null ? [] : readSide(completion, 'completion', 'assistant');
    return { turns: [...readSide(prompt, 'prompt', 'user'), ...answer], ...rest };
  }
  return { turns: readMessages(messages, 'messages'), ...rest };
}

function readSide(value: Json | undefined, field: string, role: 'user' | 'assistant'): DataTurn[] {
  if (typeof value === 'string') return [{ role, content: value }];
  if (Array.isArray(value)) return readMessages(value, field);
  throw new RowFault('messages-missing', `${field} is ${quoted(value)}.`, 'Write a text, or a list of messages.');
}

/** Both conversations hold the question: what they share from the start is asked, what follows are the answers. */
function withoutPrompt(chosen: readonly DataTurn[], rejected: readonly DataTurn[]): Pick<DataRow, 'turns' | 'preference'> {
  let shared = 0;
  while (shared < chosen.length - 1 && shared < rejected.length - 1 && JSON.stringify(chosen[shared]) === JSON.stringify(rejected[shared]))
    shared += 1;
  if (shared === 0) {
    throw new RowFault(
      'preference-unfit',
      'The chosen and the rejected conversation do not begin with the same question.',
      'Add it as prompt.',
    );
  }
  return { turns: chosen.slice(0, shared), preference: { chosen: chosen.slice(shared), rejected: rejected.slice(shared) } };
}

/** Writes messages, or prompt, chosen and rejected, all as messages. */
export function writeTrl(row: DataRow): { record: JsonObject; lost: readonly string[] } {
  const rest = { ...writeAbout(row), ...optional('tools', row.tools) };
  if (row.preference === undefined) return { record: { ...rest, messages: writeMessages(row.turns) }, lost: [] };
  const { chosen, rejected } = row.preference;
  return {
    record: { ...rest, prompt: writeMessages(row.turns), chosen: writeMessages(chosen), rejected: writeMessages(rejected) },
    lost: [],
  };
}

export const huggingfaceMessages = defineDataFormat({
  id: 'huggingface-messages',
  summary: 'Hugging Face conversations: messages, or prompt with completion, or prompt with chosen and rejected',
  source: 'https://huggingface.co/docs/trl/dataset_formats',
  container: 'jsonl',
  recognise: ({ messages, prompt, completion, chosen, rejected }) => {
    if (chosen !== undefined && rejected !== undefined) return prompt !== undefined || looksLikeMessages(chosen) ? 0.9 : 0;
    if (looksLikeMessages(prompt)) return completion === undefined ? 0.6 : 0.95;
    return looksLikeMessages(messages) ? 0.75 : 0;
  },
  read: readTrl,
  write: writeTrl,
});

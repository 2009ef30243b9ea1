import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { readAbout, writeAbout } from './record-parts.ts';
import { cutAnswer, lostOfTurns, onlyTurn } from './written-turns.ts';

const known = ['instruction', 'input', 'output', 'system', 'history', 'chosen', 'rejected'];

/** Instruction and input are one question with a line break between them, as LLaMA-Factory trains them. */
export function readAlpaca(record: JsonObject): Omit<DataRow, 'line'> {
  const { output, chosen, rejected } = record;
  const [instruction = '', input, system] = ['instruction', 'input', 'system'].map((field) => textOf(record, field));
  if (typeof record['instruction'] !== 'string')
    throw new RowFault('instruction-missing', 'The row has no instruction.', 'Write the question into "instruction".');
  const asked: DataTurn[] = [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...readHistory(record['history']),
    { role: 'user', content: input === undefined ? instruction : `${instruction}\n${input}` },
  ];
  const rest = { ...readAbout(record, known), ...(input === undefined ? {} : { form: { instruction, input } }) };
  if (typeof chosen === 'string' && typeof rejected === 'string') {
    const preference = {
      chosen: [{ role: 'assistant' as const, content: chosen }],
      rejected: [{ role: 'assistant' as const, content: rejected }],
    };
    return { turns: asked, preference, ...rest };
  }
  if (output !== undefined && output !== null && typeof output !== 'string') {
    throw new RowFault('output-unfit', `The output is ${quoted(output)}.`, 'Write a text.');
  }
  return { turns: [...asked, ...(typeof output === 'string' ? [{ role: 'assistant' as const, content: output }] : [])], ...rest };
}

function textOf(record: JsonObject, field: string): string | undefined {
  const value = record[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new RowFault(`${field}-unfit`, `The ${field} is ${quoted(value)}.`, 'Write a text.');
}

function readHistory(history: Json | undefined): DataTurn[] {
  if (history === undefined || history === null) return [];
  const pairs = Array.isArray(history) ? history : undefined;
  if (pairs?.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((text: Json) => typeof text === 'string'))) {
    return pairs.flatMap((pair): DataTurn[] => [
      { role: 'user', content: pair[0] as string },
      { role: 'assistant', content: pair[1] as string },
    ]);
  }
  throw new RowFault('history-unfit', `The history is ${quoted(history)}.`, 'Write a list of [question, answer] pairs.');
}

/** Throws a RowFault for a conversation in which question and answer do not take turns. */
export function writeAlpaca(row: DataRow): { record: JsonObject; lost: readonly string[] } {
  const { asked: before, answer } = row.preference === undefined ? cutAnswer(row.turns) : { asked: row.turns, answer: undefined };
  const [first] = before;
  const system = first?.role === 'system' || first?.role === 'developer' ? first : undefined;
  const spoken = system === undefined ? before : before.slice(1);
  const question = spoken.at(-1);
  if (question?.role !== 'user' || spoken.some(({ role }, index) => role !== (index % 2 === 0 ? 'user' : 'assistant'))) {
    throw new RowFault(
      'turns-unfit',
      'Alpaca holds questions and answers by turns, and a system prompt before them.',
      'Convert it to openai-chat or sharegpt.',
    );
  }
  const history = Array.from({ length: (spoken.length - 1) / 2 }, (_, pair) => [
    turnText(spoken[2 * pair]!),
    turnText(spoken[2 * pair + 1]!),
  ]);
  const turns = [...row.turns, ...(row.preference?.chosen ?? []), ...(row.preference?.rejected ?? [])];
  return {
    record: {
      ...writeAbout(row),
      ...writeQuestion(turnText(question), row.form),
      ...(row.preference === undefined ? {} : writePair(row.preference)),
      ...(answer === undefined ? {} : { output: turnText(answer) }),
      ...(system === undefined ? {} : { system: turnText(system) }),
      ...(history.length === 0 ? {} : { history }),
    },
    lost: [...lostOfTurns(turns, []), ...(row.tools === undefined ? [] : ['tools'])],
  };
}

function writePair({ chosen, rejected }: NonNullable<DataRow['preference']>): JsonObject {
  return { chosen: turnText(onlyTurn(chosen, 'alpaca')), rejected: turnText(onlyTurn(rejected, 'alpaca')) };
}

function writeQuestion(text: string, form: JsonObject | undefined): JsonObject {
  const { instruction, input } = form ?? {};
  return typeof instruction === 'string' && `${instruction}\n${String(input)}` === text
    ? { instruction, input }
    : { instruction: text, input: '' };
}

export const alpaca = defineDataFormat({
  id: 'alpaca',
  summary: 'Alpaca: instruction, input, output, with system and history',
  source: 'https://github.com/tatsu-lab/stanford_alpaca#data-release',
  container: 'json',
  recognise: ({ instruction, output, chosen }) =>
    typeof instruction === 'string' && (typeof output === 'string' || typeof chosen === 'string') ? 0.95 : 0,
  read: readAlpaca,
  write: writeAlpaca,
});

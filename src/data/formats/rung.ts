import { defineDataFormat, RowFault } from '#core/data-format.ts';
import { type DataTurn, turnText } from '#core/data-row.ts';
import { expectedText } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import { readMessages, writeMessages } from './messages.ts';
import { optional, readAbout, readTools, writeAbout } from './record-parts.ts';
import { answeredTurns, cutAnswer, isPlain } from './written-turns.ts';

const known = ['input', 'expected', 'tools', 'messages'];

/**
 * Rung's own rows. An input of fields and an answer that is no text are turns of JSON text; how they were written travels beside them
 * and is written back as long as the text still says the same.
 */
export const rung = defineDataFormat({
  id: 'rung',
  summary: "Rung's examples: input, expected, id, group, tags, source, split",
  source: 'docs/data-formats.md',
  container: 'jsonl',
  recognise: (record) => (record['input'] === undefined ? 0 : record['expected'] === undefined ? 0.4 : 0.9),
  read: (record) => {
    const { input, expected, messages } = record;
    const form = { ...keptForm('input', input), ...keptForm('expected', expected) };
    return {
      turns: [
        ...(input === undefined && messages !== undefined ? readMessages(messages, 'messages') : readInput(input)),
        ...readExpected(expected),
      ],
      ...optional('tools', readTools(record['tools'])),
      ...readAbout(record, known),
      ...(Object.keys(form).length === 0 ? {} : { form }),
    };
  },
  write: (row) => {
    const { turns, lost } = answeredTurns(row);
    const { asked, answer } = cutAnswer(turns);
    if (asked.length === 0) throw new RowFault('input-missing', 'The conversation has no turn before its answer.', 'Add the question.');
    const plain = answer !== undefined && isPlain(answer);
    return {
      record: {
        ...writeAbout(row),
        ...(answer === undefined || plain ? { input: writeInput(asked, row.form?.['input']) } : { messages: writeMessages(turns) }),
        ...(plain ? { expected: writeExpected(answer, row.form?.['expected']) } : {}),
        ...optional('tools', row.tools),
      },
      lost,
    };
  },
});

function readInput(input: Json | undefined): DataTurn[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (isJsonObject(input)) {
    const messages = input['messages'] as Json | undefined;
    return messages === undefined ? [{ role: 'user', content: JSON.stringify(input) }] : readMessages(messages, 'input.messages');
  }
  throw new RowFault('input-missing', `The input is ${quoted(input)}.`, 'Write a text, an object, or {"messages": [...]}.');
}

function readExpected(expected: Json | undefined): DataTurn[] {
  return expected === undefined ? [] : [{ role: 'assistant', content: expectedText(expected) }];
}

function keptForm(field: 'input' | 'expected', value: Json | undefined): JsonObject {
  const plain = value === undefined || typeof value === 'string' || (field === 'input' && isJsonObject(value) && 'messages' in value);
  return plain ? {} : { [field]: value };
}

function writeInput(asked: readonly DataTurn[], kept: Json | undefined): Json {
  const only = asked.length === 1 && asked[0]!.role === 'user' && isPlain(asked[0]!) ? turnText(asked[0]!) : undefined;
  if (only === undefined) return { messages: writeMessages(asked) };
  return isJsonObject(kept) && JSON.stringify(kept) === only ? (kept as JsonObject) : only;
}

function writeExpected(answer: DataTurn, kept: Json | undefined): Json {
  const text = turnText(answer);
  return kept !== undefined && expectedText(kept) === text ? kept : text;
}

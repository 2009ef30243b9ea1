import { type DataFormat, defineDataFormat, RowFault } from '#core/data-format.ts';
import { inputError } from '#core/errors.ts';
import { expectedText } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { suggestName } from '#data/nearest.ts';
import { readMessages } from './messages.ts';
import { aboutFields, readAbout } from './record-parts.ts';
import { rung } from './rung.ts';

const fields = ['input', 'output', 'system', 'messages', ...aboutFields];

/**
 * Rows of logs of any form. `map` says where each field lies, as names with points between them; a number counts in a list from 0. Paths are
 * looked up, never evaluated. What is not mapped is left behind. Throws a usage error for a mapping without input or messages.
 */
export function mapped(map: Readonly<Record<string, string>>): DataFormat {
  for (const field of Object.keys(map)) {
    if (!fields.includes(field)) {
      throw inputError({
        code: 'mapping-unfit',
        message: `Nothing is mapped to ${JSON.stringify(field)}.`,
        hint: suggestName(field, fields),
      });
    }
  }
  if (map['input'] === undefined && map['messages'] === undefined) {
    throw inputError({
      code: 'mapping-unfit',
      message: 'The mapping names neither input nor messages.',
      hint: 'Add --map input=… with the path of the question.',
    });
  }
  return defineDataFormat({
    id: 'mapped',
    summary: 'logs of any form, by a mapping of fields',
    source: rung.source,
    container: 'jsonl',
    recognise: () => 1,
    read: (record) => {
      const at = (field: string) => (map[field] === undefined ? undefined : valueAt(record, map[field]));
      const about = readAbout(Object.fromEntries(aboutFields.map((field) => [field, aboutValue(at(field))])), []);
      const output = at('output');
      return {
        turns: [
          ...(textOf(at('system')) === undefined ? [] : [{ role: 'system' as const, content: textOf(at('system'))! }]),
          ...readAsked(at, map),
          ...(output === undefined || output === null ? [] : [{ role: 'assistant' as const, content: expectedText(output) }]),
        ],
        ...about,
      };
    },
    write: rung.write,
  });
}

function readAsked(at: (field: string) => Json | undefined, map: Readonly<Record<string, string>>) {
  const messages = at('messages');
  if (messages !== undefined && messages !== null) return readMessages(messages, map['messages']!);
  const input = at('input');
  const text = textOf(input);
  if (text !== undefined && text !== '') return [{ role: 'user' as const, content: text }];
  const path = map['input'] ?? map['messages'];
  throw new RowFault('input-missing', `The record has nothing at ${path}.`, 'Correct the path of the mapping, or take the row out.');
}

function valueAt(record: JsonObject, path: string): Json | undefined {
  let value: unknown = record;
  for (const step of path.split('.')) {
    if (Array.isArray(value)) value = /^\d+$/.test(step) ? value[Number(step)] : undefined;
    else if (isJsonObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value as Json | undefined;
}

function textOf(value: Json | undefined): string | undefined {
  return value === undefined || value === null ? undefined : expectedText(value);
}

function aboutValue(value: Json | undefined): Json | undefined {
  return typeof value === 'number' ? String(value) : value;
}

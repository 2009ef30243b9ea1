import { inputError } from '#core/errors.ts';
import { type Example, type ExampleSource, type Input, type SplitName, splitNames } from '#core/example.ts';
import { contentHash, isJsonObject, type Json } from '#core/json.ts';
import type { Message, Role } from '#core/message.ts';
import { quoted, suggestName } from './nearest.ts';
import type { RawRecord } from './read-records.ts';

/** A row read as an example, whose id is still to be checked against the others'. */
export interface ReadRow {
  readonly example: Example;
  /** False where the id was made from the content. */
  readonly named: boolean;
  /** True where the answer was a chat turn or a cell: text that may stand for JSON. */
  readonly expectedAsText: boolean;
}

const knownFields = ['input', 'expected', 'id', 'group', 'tags', 'source', 'split'] as const;
/** Where a row came from, which nothing needs to read. */
const carriedFields = ['provenance', 'log'] as const;
const sources: readonly ExampleSource[] = ['human', 'log', 'synthetic', 'edited'];
const roles: Readonly<Record<string, Role>> = { system: 'system', developer: 'system', user: 'user', assistant: 'assistant' };

/** Fields of a row that nothing reads. */
export function unreadFields({ fields }: RawRecord): string[] {
  const read: readonly string[] = [...knownFields, ...carriedFields, ...(isChat(fields) ? ['messages'] : [])];
  return Object.keys(fields).filter((name) => !read.includes(name));
}

/** Reads a row of an examples file, or of OpenAI's chat format. Throws a usage error with the line where it is neither. */
export function readRow(record: RawRecord, file: string): ReadRow {
  const { fields } = record;
  const fail = failAt(file, record.line);
  const { input, expected } = isChat(fields) ? readChat(fields, fail) : { input: readInput(fields, fail), expected: fields['expected'] };
  const given = {
    input,
    // An empty cell of a table says nothing.
    ...(expected === undefined || (expected === '' && isTable(file)) ? {} : { expected: expected as Json }),
    ...optional('group', name(fields, 'group', fail)),
    tags: readTags(fields['tags'], fail),
    source: oneOf(fields, 'source', sources, fail) ?? ('human' as const),
    ...optional('split', oneOf<SplitName>(fields, 'split', splitNames, fail)),
  };
  const id = name(fields, 'id', fail);
  return {
    example: { id: id ?? `e_${contentHash(given).slice(0, 16)}`, ...given },
    named: id !== undefined,
    expectedAsText: isChat(fields) || isTable(file),
  };
}

type Fail = (code: string, message: string, hint: string) => Error;

function failAt(file: string, line: number): Fail {
  return (code, message, hint) =>
    inputError({ code, message: `${message.replace(/\.$/, '')} (line ${line}).`, hint, place: { file, line } });
}

function isTable(file: string): boolean {
  return /\.[ct]sv$/i.test(file);
}

function isChat(fields: RawRecord['fields']): boolean {
  return fields['input'] === undefined && Array.isArray(fields['messages']);
}

function readInput(fields: RawRecord['fields'], fail: Fail): Input {
  const { input } = fields;
  if (typeof input === 'string' && input.trim() !== '') return input;
  if (isJsonObject(input)) return Array.isArray(input['messages']) ? { messages: readMessages(input['messages'], fail) } : (input as Input);
  if (input === undefined) {
    throw fail(
      'input-missing',
      'The row has no input.',
      `Its fields are: ${Object.keys(fields).slice(0, 10).join(', ')}. Name the one with the question "input".`,
    );
  }
  throw fail('input-unfit', `The input is ${quoted(input)}.`, 'Write a text, an object, or {"messages": [...]}.');
}

/** A conversation that ends in the assistant's turn is an example of it; one that does not is a question without an answer. */
function readChat(fields: RawRecord['fields'], fail: Fail): { input: Input; expected: unknown } {
  const messages = readMessages(fields['messages'] as unknown[], fail, fields['expected'] === undefined);
  const last = messages.at(-1)!;
  if (last.role !== 'assistant') return { input: { messages }, expected: fields['expected'] };
  const asked = messages.slice(0, -1);
  if (!asked.some(({ role }) => role === 'user')) {
    throw fail('messages-unfit', 'The conversation has no user turn before the answer.', 'Add the user message that is answered.');
  }
  return { input: { messages: asked }, expected: last.content };
}

function readMessages(list: readonly unknown[], fail: Fail, mayEndInAnswer = false): Message[] {
  const messages = list.map((message, index): Message => {
    const role = isJsonObject(message) ? roles[String(message['role'])] : undefined;
    const content = isJsonObject(message) ? textOfContent(message['content']) : undefined;
    if (role === undefined || content === undefined) {
      throw fail(
        'messages-unfit',
        `Message ${index + 1} is not a turn with a role and a text.`,
        'Roles are system, user and assistant; calls of tools are not read.',
      );
    }
    return { role, content };
  });
  const last = messages.at(-1)?.role;
  if (last === 'user' || (last === 'assistant' && mayEndInAnswer)) return messages;
  throw fail('messages-unfit', 'The messages of an input must end in the turn of the user.', 'Put the answer into "expected".');
}

function textOfContent(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part) =>
    isJsonObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : undefined,
  );
  return texts.includes(undefined) ? undefined : texts.join('');
}

function readTags(tags: unknown, fail: Fail): string[] {
  if (tags === undefined || tags === null || tags === '') return [];
  if (typeof tags === 'string') return tags.split('|').map((tag) => tag.trim());
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  throw fail('row-unfit', `The tags are ${quoted(tags)}.`, 'Write a list of texts.');
}

function name(fields: RawRecord['fields'], key: string, fail: Fail): string | undefined {
  const value = fields[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw fail('row-unfit', `The ${key} is ${quoted(value)}.`, 'Write a text or a number.');
}

function oneOf<T extends string>(fields: RawRecord['fields'], key: string, known: readonly T[], fail: Fail): T | undefined {
  const value = fields[key];
  if (value === undefined || value === null || value === '') return undefined;
  const found = known.find((word) => word === value);
  if (found !== undefined) return found;
  throw fail('row-unfit', `The ${key} is ${quoted(value)}.`, suggestName(String(value), known));
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

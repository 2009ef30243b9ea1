import { TextDecoder } from 'node:util';
import { messageOf } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';
import { repeatedKey } from './repeated-key.ts';

/** Levels of lists and objects within one another that a record may have; no format of the field needs ten. */
const deepest = 100;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const longNumber = /\d{16}|\d[eE]/;

/** A record from its bytes. `where` names it, as `Line 3`. */
export function parseRecord(bytes: Buffer, line: number, where: string, options: ReadingOptions): ReadItem {
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    return {
      line,
      code: 'not-utf8',
      message: `${where} is not UTF-8 text.`,
      fix: 'Save the file as UTF-8, or repair the bytes of this row.',
    };
  }
  return parseText(text, line, where, options);
}

/** The text of bytes that are UTF-8, undefined of others. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function parseText(text: string, line: number, where: string, options: ReadingOptions): ReadItem {
  let value: unknown;
  try {
    value = longNumber.test(text) ? parseExactly(text, line, options) : JSON.parse(text);
  } catch (error) {
    return {
      line,
      code: 'row-unreadable',
      message: `${where} is not JSON: ${plainReason(messageOf(error))}.`,
      fix: 'Repair it, or take it out: one JSON object on each line, or one JSON list of objects.',
    };
  }
  return checkedRecord(value, text, line, where);
}

function checkedRecord(value: unknown, text: string, line: number, where: string): ReadItem {
  if (!isJsonObject(value)) {
    return {
      line,
      code: 'row-unreadable',
      message: `${where} holds ${quoted(value)} and no JSON object.`,
      fix: 'Write each row as one JSON object, as {"messages": [...]}.',
    };
  }
  const keys = countKeys(value, 1);
  if (keys === undefined) {
    return {
      line,
      code: 'nested-too-deep',
      message: `${where} has more than ${deepest} levels of lists and objects within one another.`,
      fix: 'Flatten it, or take it out.',
    };
  }
  const repeated = repeatedKey(text, keys);
  if (repeated === undefined) return { line, record: value as JsonObject };
  return {
    line,
    code: 'key-repeated',
    message: `${where} has the key ${quoted(repeated)} twice in one object.`,
    fix: 'Keep one of the two: readers disagree about which of them counts.',
  };
}

/** Members of all objects within a value; undefined where it is nested too deeply. */
function countKeys(value: unknown, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > deepest) return undefined;
  let count = 0;
  if (!Array.isArray(value)) count = Object.keys(value).length;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member !== 'object' || member === null) continue;
    const within = countKeys(member, depth + 1);
    if (within === undefined) return undefined;
    count += within;
  }
  return count;
}

/** Numbers that a double cannot hold stay as the text they were written as. */
function parseExactly(text: string, line: number, options: ReadingOptions): unknown {
  return JSON.parse(text, function revive(_key: string, value: unknown, context?: { source?: string }) {
    if (typeof value !== 'number' || context?.source === undefined || isExact(value, context.source)) return value;
    options.note('numbers-as-text', line);
    return context.source;
  });
}

function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return /[.eE]/.test(source) || String(value) === source || BigInt(source) === BigInt(value);
}

// The engine's message repeats a stretch of the text and its own idea of a line: the position is what helps.
function plainReason(message: string): string {
  return message
    .replace(/\s*\(line \d+ column \d+\)/, '')
    .replace(/, ".*$/s, '')
    .replace(/, \.\.\..*$/s, '')
    .replace(/\.$/, '');
}

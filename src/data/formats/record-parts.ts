import { RowFault } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { type ExampleSource, splitNames } from '#core/example.ts';
import { isJsonObject, type Json, type JsonObject } from '#core/json.ts';
import { quoted } from '#data/nearest.ts';

/** What a row says about itself beside its conversation. */
export type RowAbout = Pick<DataRow, 'id' | 'group' | 'tags' | 'source' | 'split' | 'extra'>;

export const aboutFields = ['id', 'group', 'tags', 'source', 'split'] as const;
const sources: readonly ExampleSource[] = ['human', 'log', 'synthetic', 'edited'];

/**
 * Rung's own words about a row, and as extra every field that `known` does not name. A value that does not fit its word is extra too; so is
 * the number or joined text that an id, a group or tags were written as, for writing them back the same.
 */
export function readAbout(record: JsonObject, known: readonly string[]): RowAbout {
  const about: { -readonly [Key in keyof RowAbout]: RowAbout[Key] } = {};
  const { id, group, tags, source, split } = record;
  const read = new Set(known);
  about.id = nameOf(id);
  about.group = nameOf(group);
  about.tags = tagsOf(tags);
  about.source = sources.find((one) => one === source);
  about.split = splitNames.find((one) => one === split);
  for (const field of aboutFields) {
    if (about[field] === undefined) delete about[field];
    else if (typeof record[field] !== 'number' && !(field === 'tags' && typeof tags === 'string')) read.add(field);
  }
  const extra = Object.entries(record).filter(([name, value]) => !read.has(name) && value !== undefined);
  return extra.length === 0 ? about : { ...about, extra: Object.fromEntries(extra) };
}

function nameOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tagsOf(value: Json | undefined): readonly string[] | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value.split('|').map((tag) => tag.trim());
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string') ? value : undefined;
}

/** The members that `readAbout` reads back; a field of the record itself goes before them. */
export function writeAbout(row: DataRow): JsonObject {
  const about = aboutFields.flatMap((field) => (row[field] === undefined || isOtherForm(row, field) ? [] : [[field, row[field]] as const]));
  return { ...row.extra, ...Object.fromEntries(about) };
}

/** Whether an extra field is only how an id, a group or tags were written. */
export function isOtherForm({ extra, ...row }: DataRow, field: string): boolean {
  const written = extra?.[field];
  if (field === 'tags') return typeof written === 'string' && JSON.stringify(tagsOf(written)) === JSON.stringify(row.tags);
  return (field === 'id' || field === 'group') && typeof written === 'number' && String(written) === row[field];
}

/** Tools as OpenAI describes them; undefined where there are none. */
export function readTools(value: Json | undefined): readonly JsonObject[] | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  const list = typeof value === 'string' ? parsedList(value) : value;
  if (Array.isArray(list) && list.every(isJsonObject)) return list as readonly JsonObject[];
  throw new RowFault('tools-unfit', `The tools are ${quoted(value)}.`, 'Write a list of {"type": "function", "function": {"name": …}}.');
}

function parsedList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

import { createHash } from 'node:crypto';
import type { DataFormat } from '#core/data-format.ts';
import { type DataRow, turnText } from '#core/data-row.ts';
import type { Example, SplitName } from '#core/example.ts';
import { canonicalJson, contentHash, type Json } from '#core/json.ts';
import { readRow } from '#data/example-row.ts';
import { comparableText } from '#data/shingles.ts';

/** What a splitter needs to know of a row. */
export interface RowMarks {
  readonly id: string;
  /** False where the id was made from the content. */
  readonly named: boolean;
  /** SHA-256 over id and content, whatever side the row is on. */
  readonly digest: Buffer;
  /** By what inputs are compared: empty where there is nothing to compare. */
  readonly text: string;
  readonly group?: string;
  readonly told?: SplitName;
  /** The last answer; undefined where there is none. */
  readonly answer?: string;
  readonly source: string;
}

export interface MarkOptions {
  readonly format: DataFormat;
  /** The field that names a row's group; `group` where absent. */
  readonly groupField?: string;
}

/** Reads the marks of a row. Its id is the one that a task would give it, so that both split alike. */
export function markRow(row: DataRow, { format, groupField }: MarkOptions): RowMarks {
  // with an id of its own and a plain input, a row needs not be read as a task would
  const example = row.id !== undefined && row.form?.['input'] === undefined ? undefined : exampleOf(row, format);
  const { line: _line, split, ...content } = row;
  const id = row.id ?? example?.id ?? `e_${contentHash(content).slice(0, 16)}`;
  const answer = row.preference === undefined && row.turns.at(-1)?.role === 'assistant' ? turnText(row.turns.at(-1)!) : undefined;
  const group = groupField === undefined || groupField === 'group' ? row.group : fieldText(row, groupField);
  return {
    id,
    named: row.id !== undefined,
    digest: createHash('sha256')
      .update(canonicalJson([id, content]))
      .digest(),
    text: comparableText(example?.input ?? questionOf(row)),
    ...(group === undefined || group === '' ? {} : { group }),
    ...(split === undefined ? {} : { told: split }),
    ...(answer === undefined ? {} : { answer }),
    source: row.source ?? 'human',
  };
}

/** The row as a task would read it, where its format is one that a task reads; rows with calls of tools are not. */
export function exampleOf(row: DataRow, format: DataFormat): Example | undefined {
  if (row.tools !== undefined || row.preference !== undefined) return undefined;
  if (row.turns.some(({ role, content }) => role === 'tool' || content === null)) return undefined;
  try {
    // without its side, which must not decide its id
    const { split: _split, ...whole } = row;
    const fields = format.write(whole).record;
    if (fields['input'] === undefined && !Array.isArray(fields['messages'])) return undefined;
    return readRow({ line: row.line, fields }, 'rows.jsonl').example;
  } catch {
    return undefined;
  }
}

/** What was said to the model, without the turns of the system that many rows share and without the last answer. */
function questionOf({ turns }: DataRow): string {
  const asked = turns.at(-1)?.role === 'assistant' ? turns.slice(0, -1) : turns;
  return asked
    .filter(({ role }) => role !== 'system' && role !== 'developer')
    .map(turnText)
    .join('\n');
}

/** A field of a row as a text: one of its own, or a path into what its format gave no meaning. Undefined where there is none. */
function fieldText(row: DataRow, path: string): string | undefined {
  const value = fieldOf(row, path);
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : typeof value === 'object' ? canonicalJson(value) : String(value);
}

/** A field of a row: one of its own, or a path with dots into what its format gave no meaning. */
export function fieldOf(row: DataRow, path: string): Json | undefined {
  const own = { id: row.id, group: row.group, tags: row.tags, source: row.source, split: row.split }[path];
  if (own !== undefined) return own;
  const whole = member(row.extra, path);
  if (whole !== undefined) return whole;
  return path.split('.').reduce<Json | undefined>(member, row.extra);
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as { readonly [key: string]: Json | undefined })[name] : undefined;
}

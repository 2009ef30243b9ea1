import { stringify } from 'yaml';
import type { JsonObject } from '#core/json.ts';

type Records = AsyncIterable<JsonObject>;

/** One JSON object on each line. */
export async function* jsonlText(records: Records): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`;
}

/** One JSON list, an object on each line. */
export async function* jsonText(records: Records): AsyncGenerator<string> {
  let before = '[\n';
  for await (const record of records) {
    yield `${before}${JSON.stringify(record)}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/** One YAML list. */
export async function* yamlText(records: Records): AsyncGenerator<string> {
  let none = true;
  for await (const record of records) {
    none = false;
    yield stringify([record], { lineWidth: 0 });
  }
  if (none) yield '[]\n';
}

/** A table with a header; values that are no texts stand as JSON in their cells. */
export async function* tableText(records: Records, columns: readonly string[], delimiter: string): AsyncGenerator<string> {
  yield `${columns.map((name) => cell(name, delimiter)).join(delimiter)}\n`;
  for await (const record of records)
    yield `${columns.map((name) => cell(name === 'tags' ? joinedTags(record[name]) : record[name], delimiter)).join(delimiter)}\n`;
}

/** Tags stand in one cell with bars between them, as examples have them. */
function joinedTags(tags: unknown): unknown {
  const joins =
    Array.isArray(tags) &&
    tags.length > 0 &&
    tags.every((tag) => typeof tag === 'string' && tag.trim() === tag && tag !== '' && !/[|[]/.test(tag));
  return joins ? tags.join('|') : tags;
}

function cell(value: unknown, delimiter: string): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const plain = text !== '' && !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}

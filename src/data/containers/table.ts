import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { inputError } from '#core/errors.ts';
import type { Json, JsonObject } from '#core/json.ts';
import { decodeUtf8 } from './parse-record.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';
import { splitCells, type TableRowBytes } from './split-cells.ts';

/** Rows that are parsed at once. */
const batchRows = 256;
/** Columns whose cells may hold JSON: lists of messages, tools and the like. */
const structuredColumns: ReadonlySet<string> = new Set([
  'messages',
  'conversations',
  'conversation',
  'contents',
  'prompt',
  'completion',
  'chosen',
  'rejected',
  'preferred_output',
  'non_preferred_output',
  'tools',
  'system_instruction',
  'systemInstruction',
  'history',
  'tags',
  'vars',
  'assert',
  'metadata',
  'input',
]);

/** Reads the rows of delimited text with a header, each as an object of texts. */
export async function* readTable(chunks: AsyncIterable<Buffer>, options: ReadingOptions, delimiter: string): AsyncGenerator<ReadItem> {
  let columns: readonly string[] | undefined;
  let batch: TableRowBytes[] = [];
  for await (const item of splitCells(chunks, delimiter.charCodeAt(0), options.maximumRowBytes)) {
    if (!('bytes' in item)) {
      if (columns !== undefined) yield* parseBatch(batch, columns, delimiter);
      batch = [];
      yield item;
    } else if (columns === undefined) columns = readHeader(item, delimiter);
    else {
      batch.push(item);
      if (batch.length < batchRows) continue;
      yield* parseBatch(batch, columns, delimiter);
      batch = [];
    }
  }
  if (columns !== undefined) yield* parseBatch(batch, columns, delimiter);
}

function readHeader(header: TableRowBytes, delimiter: string): readonly string[] {
  const text = decodeUtf8(header.bytes);
  const columns = (text === undefined ? [] : (parseCells(text, delimiter)[0] ?? [])).map((name) => name.trim());
  const repeated = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (text !== undefined && repeated === undefined) return columns.map((name, index) => (name === '' ? `column ${index + 1}` : name));
  throw inputError({
    code: text === undefined ? 'not-utf8' : 'column-repeated',
    message:
      text === undefined
        ? 'The line with the names of the columns is not UTF-8 text.'
        : `Two columns are named ${JSON.stringify(repeated)}.`,
    hint: text === undefined ? 'Save the file as UTF-8.' : 'Give each column a name of its own.',
  });
}

function* parseBatch(batch: readonly TableRowBytes[], columns: readonly string[], delimiter: string): Generator<ReadItem> {
  const whole = decodeUtf8(Buffer.concat(batch.flatMap(({ bytes }) => [bytes, lineEnd])));
  const rows = whole === undefined ? [] : parseCells(whole, delimiter);
  for (const [index, row] of batch.entries()) {
    const text = rows.length === batch.length ? '' : decodeUtf8(row.bytes);
    if (text === undefined) {
      const message = `The row on line ${row.line} is not UTF-8 text.`;
      yield { line: row.line, code: 'not-utf8', message, fix: 'Save the file as UTF-8, or repair the bytes of this row.' };
    } else yield readCells(row.line, rows.length === batch.length ? rows[index]! : (parseCells(text, delimiter)[0] ?? []), columns);
  }
}

const lineEnd = Buffer.from('\n');

/** Cells of rows whose quotes were found to fit. */
function parseCells(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, relax_column_count: true, relax_quotes: true, record_delimiter: '\n' });
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}

function readCells(line: number, cells: readonly string[], columns: readonly string[]): ReadItem {
  if (cells.length !== columns.length) {
    return {
      line,
      code: 'cells-unequal',
      message: `The row on line ${line} has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the header ${columns.length}.`,
      fix: 'Add or remove cells; a cell with the delimiter or a line break in it stands in quotes.',
    };
  }
  return { line, record: Object.fromEntries(columns.map((name, index) => [name, cellValue(name, cells[index]!)])) as JsonObject };
}

/** A cell is text; where a column holds conversations, the JSON in it. */
function cellValue(column: string, cell: string): Json | undefined {
  if (cell === '') return undefined;
  if (!structuredColumns.has(column) || !/^\s*(\[|\{"messages")/.test(cell)) return cell;
  try {
    return JSON.parse(cell) as Json;
  } catch {
    return cell;
  }
}

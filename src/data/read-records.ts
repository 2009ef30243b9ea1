import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { inputError, messageOf } from '#core/errors.ts';
import { isJsonObject } from '#core/json.ts';
import { quoted } from './nearest.ts';
import { readFailure, readLines, tooLong } from './read-lines.ts';

/** One row of a file before it is read as an example. Lines count from 1. */
export interface RawRecord {
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

const delimiters: Readonly<Record<string, string>> = { '.csv': ',', '.tsv': '\t' };

/**
 * Streams the rows of a .csv or .tsv file with a header, or of a JSONL file (any other name), one at a time. Throws a
 * usage error with the line of what cannot be read.
 */
export function readRecords(file: string, maximumRowBytes: number): AsyncGenerator<RawRecord> {
  const delimiter = delimiters[extname(file).toLowerCase()];
  return delimiter === undefined ? readJsonRecords(file, maximumRowBytes) : readDelimited(file, delimiter, maximumRowBytes);
}

async function* readJsonRecords(file: string, maximumRowBytes: number): AsyncGenerator<RawRecord> {
  for await (const { number, text } of readLines(file, maximumRowBytes)) {
    let fields: unknown;
    try {
      fields = JSON.parse(text);
    } catch (error) {
      throw inputError({
        code: 'row-unreadable',
        message: `Line ${number} is not JSON: ${plainReason(messageOf(error))}.`,
        hint: 'Write one JSON object on each line, as {"input": "…", "expected": "…"}.',
        place: { file, line: number },
      });
    }
    if (!isJsonObject(fields)) {
      throw inputError({
        code: 'row-unreadable',
        message: `Line ${number} holds ${quoted(fields)} and no JSON object.`,
        hint: 'Write one JSON object on each line, as {"input": "…", "expected": "…"}; a file that is one JSON array must be split into lines.',
        place: { file, line: number },
      });
    }
    yield { line: number, fields };
  }
}

// The engine's message repeats a stretch of the text and its own idea of a line: the position is what helps.
function plainReason(message: string): string {
  return message
    .replace(/\s*\(line \d+ column \d+\)/, '')
    .replace(/, ".*$/s, '')
    .replace(/, \.\.\..*$/s, '')
    .replace(/\.$/, '');
}

async function* readDelimited(file: string, delimiter: string, maximumRowBytes: number): AsyncGenerator<RawRecord> {
  const source = createReadStream(file);
  const parser = parse({ delimiter, columns: true, bom: true, info: true, skip_empty_lines: true, max_record_size: maximumRowBytes });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let next = 2;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) {
      // The parser counts the last line of a record; a quoted cell may have begun lines before.
      yield { line: Math.min(next, info.lines), fields: record };
      next = info.lines + 1;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw readFailure(error, file);
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw tooLong(file, next, maximumRowBytes);
    throw inputError({
      code: 'row-unreadable',
      message: `The row on line ${next} cannot be read: ${error.message.split('\n', 1)[0]!.replace(/[.:]?$/, '')}.`,
      hint: 'Check its quotes and its number of cells; the first line names the columns.',
      place: { file, line: next },
    });
  } finally {
    source.destroy();
  }
}

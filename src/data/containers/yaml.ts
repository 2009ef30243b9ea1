import { parseDocument } from 'yaml';
import { inputError } from '#core/errors.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import { decodeUtf8 } from './parse-record.ts';
import type { ReadItem, ReadingOptions } from './read-record.ts';

/** Reads a YAML list of rows, or the list named `tests` of a promptfoo configuration. YAML is read whole: it may be no longer than one row. */
export async function* readYaml(chunks: AsyncIterable<Buffer>, options: ReadingOptions): AsyncGenerator<ReadItem> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > options.maximumRowBytes)
      throw unfit(
        `The YAML file is longer than ${options.maximumRowBytes.toLocaleString('en')} bytes.`,
        'Write it as JSONL, which is read row by row.',
      );
    pieces.push(chunk);
  }
  const text = decodeUtf8(Buffer.concat(pieces));
  if (text === undefined) throw unfit('The YAML file is not UTF-8 text.', 'Save it as UTF-8.');
  const document = parseDocument(text, { logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const line = fault.linePos?.[0].line;
    throw unfit(
      `The YAML${line === undefined ? '' : ` on line ${line}`} cannot be read: ${fault.message.split('\n', 1)[0]!.replace(/ at line .*$/, '')}.`,
      'Repair it there.',
    );
  }
  const value = document.toJS({ maxAliasCount: 100 }) as unknown;
  const list = isJsonObject(value) && Array.isArray(value['tests']) ? value['tests'] : Array.isArray(value) ? value : [value];
  for (const [index, record] of list.entries()) {
    const line = index + 1;
    if (isJsonObject(record)) yield { line, record: JSON.parse(JSON.stringify(record)) as JsonObject };
    else
      yield {
        line,
        code: 'row-unreadable',
        message: `Record ${line} is no object.`,
        fix: 'Write each row as an object with named members.',
      };
  }
}

function unfit(message: string, hint: string): Error {
  return inputError({ code: 'yaml-unreadable', message, hint });
}

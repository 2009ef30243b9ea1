import { type DataContainer, type DataFormat, RowFault } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import type { SplitName } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import { type DetectedContainer, detectContainer } from './containers/detect-container.ts';
import { readContainer } from './containers/index.ts';
import type { ReadItem } from './containers/read-record.ts';
import { type DataPart, dataParts } from './data-parts.ts';
import { dataFormat } from './formats/index.ts';
import { mapped } from './formats/mapped.ts';
import { recogniseFormat } from './formats/recognise.ts';
import { readingNotes } from './reading-notes.ts';
import type { UnreadableRow } from './unreadable-row.ts';

export interface ReadDataOptions {
  /** Id of the format; found out from a sample where it is absent. */
  readonly format?: string;
  /** For logs of any form: where each field of a row lies in a record, as `input` to `request.body.prompt`. */
  readonly map?: Readonly<Record<string, string>>;
  /** Bytes of the longest row that is held in memory; 16 MiB where absent. */
  readonly maximumRowBytes?: number;
}

export interface DataFile {
  readonly format: DataFormat;
  readonly container: DataContainer;
  /** A sentence: what was understood, and how sure that is. */
  readonly recognised: string;
  /** The rows in order; reading starts anew with each loop over it. A record that cannot be read does not end it. */
  readonly rows: AsyncIterable<DataRow | UnreadableRow>;
  /** Sentences about what was read otherwise than written, known once `rows` was gone through. */
  notes(): readonly string[];
}

const defaultMaximumRowBytes = 16 * 1024 * 1024;
const sampledRecords = 200;

/**
 * Opens a data file of any known format, or a folder with the files of its parts (train, valid, test), and streams the rows; in a folder lines
 * are counted through all files. Throws a usage error where it is missing, empty or not understood.
 */
export async function readDataFile(file: string, options: ReadDataOptions = {}): Promise<DataFile> {
  const maximumRowBytes = options.maximumRowBytes ?? defaultMaximumRowBytes;
  const parts = await Promise.all((await dataParts(file)).map(async (part) => ({ ...part, held: await detectContainer(part.file) })));
  const { container } = parts[0]!.held;
  const notes = readingNotes();
  const items = (note: (what: string, line: number) => void) => readParts(parts, { maximumRowBytes, note });
  const sample: JsonObject[] = [];
  let fault: UnreadableRow | undefined;
  let seen = 0;
  for await (const { item } of items(() => {})) {
    seen += 1;
    if ('record' in item) sample.push(item.record);
    else fault ??= item;
    if (seen === sampledRecords) break;
  }
  if (seen === 0) {
    throw inputError({
      code: 'file-empty',
      message: `${file} holds no rows.`,
      hint: 'Write one row on each line, or name another file.',
      place: { file },
    });
  }
  if (sample.length === 0 && fault !== undefined) throw nothingReadable(fault, file);
  const { format, recognised } = chooseFormat(sample, file, container, options);
  return {
    format,
    container,
    recognised,
    notes: notes.sentences,
    rows: {
      [Symbol.asyncIterator]: () => {
        notes.clear();
        return readRows(items(notes.note), format);
      },
    },
  };
}

function nothingReadable({ code, message, fix, line }: UnreadableRow, file: string): Error {
  return inputError({ code, message: `No row of the file can be read. The first: ${message}`, hint: fix, place: { file, line } });
}

function chooseFormat(
  sample: readonly JsonObject[],
  file: string,
  container: DataContainer,
  options: ReadDataOptions,
): { format: DataFormat; recognised: string } {
  if (options.map !== undefined) {
    const fields = Object.entries(options.map).map(([field, path]) => `${field} from ${path}`);
    return { format: mapped(options.map), recognised: `Read as ${container} by the mapping given: ${fields.join(', ')}.` };
  }
  if (options.format === undefined) return recogniseFormat(sample, file, container);
  const format = dataFormat(options.format);
  return { format, recognised: `Read as ${format.id} in ${container}, as asked: ${format.summary}.` };
}

type OpenedPart = DataPart & { readonly held: DetectedContainer };

async function* readParts(
  parts: readonly OpenedPart[],
  options: Parameters<typeof readContainer>[2],
): AsyncGenerator<{ readonly item: ReadItem; readonly split?: SplitName }> {
  let before = 0;
  for (const { file, split, held } of parts) {
    let last = 0;
    for await (const item of readContainer(file, held, options)) {
      last = item.line;
      yield { item: before === 0 ? item : { ...item, line: before + item.line }, ...(split === undefined ? {} : { split }) };
    }
    before += last;
  }
}

async function* readRows(items: ReturnType<typeof readParts>, format: DataFormat): AsyncGenerator<DataRow | UnreadableRow> {
  for await (const { item, split } of items) yield 'record' in item ? readRow(item.line, item.record, format, split) : item;
}

function readRow(line: number, record: JsonObject, format: DataFormat, split: SplitName | undefined): DataRow | UnreadableRow {
  try {
    return { line, ...(split === undefined ? {} : { split }), ...format.read(record) };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { line, code: error.code, message: error.message, fix: error.fix };
  }
}

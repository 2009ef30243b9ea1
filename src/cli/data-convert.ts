import { resolve } from 'node:path';
import type { DataRow } from '#core/data-row.ts';
import { exitCodes, inputError, RungError } from '#core/errors.ts';
import { dataFormat } from '#data/formats/index.ts';
import { type DataFile, readDataFile } from '#data/read-data-file.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import { tryDataFormat, type WrittenData, writeDataFile } from '#data/write-data-file.ts';
import type { AddCommand } from './add-command.ts';
import { dataCheckProgress } from './data-check-progress.ts';
import { type ConvertDocument, formatDataConvert } from './data-convert-format.ts';
import { unreadableFlag, wholeNumber } from './flag-values.ts';
import { print } from './prompt-output.ts';
import type { TerminalIo } from './terminal-io.ts';

interface DataConvertFlags {
  readonly to: string;
  readonly from?: string;
  readonly output: string;
  readonly map?: Readonly<Record<string, string>>;
  readonly maxRowBytes?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const listedDropped = 1000;
const progressRows = 2000;

/** `rung data convert IN --to FORMAT -o OUT`: rows of any known format, container or mapping in the words of another. */
export const addDataConvert: AddCommand = (data, io) => {
  data
    .command('convert')
    .argument('<file>', 'file of rows, or a folder with train, valid and test files')
    .description('rows of one format in another; says what was understood and what is lost')
    .requiredOption('--to <format>', 'format to write, as openai-chat, trl, llama-factory')
    .option('--from <format>', 'format of the rows, where it should not be found out')
    .option('--map <field=path>', 'where a field lies in logs of any form, as input=request.body.prompt; may be repeated', mapping)
    .requiredOption('-o, --output <file>', 'where to write; its ending says in what, as .jsonl, .csv, .parquet, .json.gz')
    .option('--max-row-bytes <n>', 'bytes of the longest row that is read; 16777216 where absent', wholeNumber)
    .option('--dry-run', 'say what would be written and lost; write nothing')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, flags: DataConvertFlags) => {
      const document = await convert(path, flags, io);
      print(io, flags.json, document, (columns) => formatDataConvert(document, columns));
    });
};

async function convert(path: string, flags: DataConvertFlags, io: TerminalIo): Promise<ConvertDocument> {
  const [file, output] = [resolve(io.workingFolder, path), resolve(io.workingFolder, flags.output)];
  const format = dataFormat(flags.to);
  if (file === output) {
    throw inputError({
      code: 'output-is-input',
      message: 'The rows would be written over the file they are read from.',
      hint: 'Name another file with -o.',
      place: { file },
    });
  }
  const opened = await readDataFile(file, { format: flags.from, map: flags.map, maximumRowBytes: flags.maxRowBytes });
  const count = { read: 0, unreadable: [] as { row: number; why: string }[], unreadableRows: 0 };
  const rows = watched(opened, count, io);
  const options = { format, from: opened.format };
  const told: Pick<WrittenData, 'written' | 'dropped' | 'lost'> & Partial<WrittenData> = flags.dryRun
    ? await tryDataFormat(rows, options)
    : await writeDataFile(output, withSome(rows, count, file), options);
  const dropped = [...count.unreadable, ...told.dropped].sort((left, right) => left.row - right.row);
  return {
    schema: 'rung.data-converted/1',
    file: path,
    output: flags.output,
    from: opened.format.id,
    to: format.id,
    recognised: opened.recognised,
    dryRun: flags.dryRun === true,
    read: count.read,
    written: told.written,
    dropped: dropped.slice(0, listedDropped),
    droppedRows: count.read - told.written,
    lost: told.lost,
    notes: opened.notes(),
    ...(told.hash === undefined ? {} : { hash: told.hash, files: told.files }),
  };
}

interface Count {
  read: number;
  unreadable: { row: number; why: string }[];
  unreadableRows: number;
}

/** The readable rows, counted, with what could not be read put aside. */
async function* watched(opened: DataFile, count: Count, io: TerminalIo): AsyncGenerator<DataRow> {
  const progress = dataCheckProgress(io);
  const begin = performance.now();
  let isStopped = false;
  io.onInterrupt(() => {
    isStopped = true;
  });
  try {
    for await (const row of opened.rows) {
      if (isStopped) throw interrupted();
      count.read += 1;
      if (count.read % progressRows === 0)
        progress.listen({ stage: 'read', rows: count.read, seconds: (performance.now() - begin) / 1000 });
      if (!isUnreadable(row)) yield row;
      else {
        count.unreadableRows += 1;
        if (count.unreadable.length < listedDropped) count.unreadable.push({ row: row.line, why: `${row.message} ${row.fix}` });
      }
    }
  } finally {
    progress.end();
  }
}

/** The rows; throws at their end where there were none, so that no empty file stands for a file that could not be read. */
async function* withSome(rows: AsyncGenerator<DataRow>, count: Count, file: string): AsyncGenerator<DataRow> {
  yield* rows;
  if (count.read > count.unreadableRows) return;
  const first = count.unreadable[0];
  throw inputError({
    code: 'rows-unreadable',
    message: `None of the ${count.read} rows could be read. The first: ${first?.why ?? ''}`,
    hint: 'Correct --from, or name the fields with --map.',
    place: { file, line: first?.row },
  });
}

function interrupted(): RungError {
  return new RungError({ code: 'interrupted', message: 'Stopped; nothing was written.', exitCode: exitCodes.interrupted });
}

function mapping(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  const [field, path] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at > 0 && field !== '' && path !== '') return { ...before, [field]: path };
  throw unreadableFlag(`${JSON.stringify(text)} is no mapping.`, 'Write it as input=request.body.prompt.');
}

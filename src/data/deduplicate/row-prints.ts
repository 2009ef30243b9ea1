import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { writeFailure } from '#data/write-failure.ts';
import type { ComparableUnits } from './comparable-units.ts';
import { type PrintColumns, printColumns } from './print-columns.ts';
import { openRowPrinter, type Prints, printPlaces, type RowPrinter } from './print-rows.ts';

export interface RowPrintsOptions {
  /** Where the comparable texts are kept while the work lasts, about as many bytes as the file; the system's folder for such where absent. */
  readonly folder?: string;
  /** Threads beside this one; one fewer than the machine has cores where absent, none for small files. */
  readonly threads?: number;
}

/** The prints of all rows, with their texts at hand on disk. */
export interface PrintedRows {
  readonly columns: PrintColumns;
  /** A reader of comparable texts with an array of its own, which its next call uses again. */
  textReader(): (row: number) => ComparableUnits;
  /** Removes the texts from the disk. */
  close(): void;
}

export interface RowPrinting {
  /** Takes the next text; its row is the number of texts before it. */
  add(text: string): void;
  end(): Promise<PrintedRows>;
  close(): void;
}

const batchTexts = 512;
const batchCharacters = 2 ** 19;
/** Small files are done before a thread has started. */
const batchesBeforeThreads = 8;
/** A thread with so many batches is busy: this thread then does the next one itself, which also slows the reading down. */
const mostWaiting = 3;

interface Helper {
  readonly worker: Worker;
  readonly spool: number;
  /** First rows of the batches it has, in order. */
  readonly waiting: number[];
}

/** Takes prints of texts on several threads. Memory grows by about 220 bytes a row. */
export function openRowPrints(options: RowPrintsOptions = {}): RowPrinting {
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'rung-texts-'));
  const spoolFile = (spool: number) => join(folder, `${spool}.texts`);
  const columns = printColumns();
  const helpers: Helper[] = [];
  const threads = options.threads ?? Math.min(8, Math.max(1, availableParallelism() - 1));
  let own: RowPrinter | undefined;
  let batch: string[] = [];
  let [characters, begun, batches] = [0, 0, 0];
  let failure: unknown;
  let settled: (() => void) | undefined;
  let printed: PrintedRows | undefined;

  const startHelper = (): void => {
    const spool = helpers.length + 1;
    // The build renames files but not the strings in URLs: the worker has the extension that this file has.
    const source = new URL('./print-worker.ts', import.meta.url);
    const file = import.meta.url.endsWith('.ts') ? source : new URL(source.href.replace(/\.ts$/, '.js'));
    const worker = new Worker(file, { workerData: { spoolFile: spoolFile(spool) }, execArgv: [] });
    const helper: Helper = { worker, spool, waiting: [] };
    worker.unref();
    worker.on('message', (prints: Prints) => {
      columns.put(helper.waiting.shift()!, prints, spool);
      settled?.();
    });
    worker.on('error', (error) => {
      failure ??= error;
      settled?.();
    });
    helpers.push(helper);
  };
  const flush = (): void => {
    if (failure !== undefined) throw writeFailure(failure, folder);
    if (batch.length === 0) return;
    if (batches === batchesBeforeThreads) for (let thread = 0; thread < threads; thread += 1) startHelper();
    const free = helpers.filter(({ waiting }) => waiting.length < mostWaiting);
    const helper = free.reduce<Helper | undefined>(
      (least, each) => (least === undefined || each.waiting.length < least.waiting.length ? each : least),
      undefined,
    );
    if (helper === undefined) columns.put(begun, printHere(), 0);
    else {
      helper.waiting.push(begun);
      helper.worker.postMessage(batch);
    }
    begun += batch.length;
    batches += 1;
    batch = [];
    characters = 0;
  };
  const printHere = (): Prints => {
    try {
      own ??= openRowPrinter(spoolFile(0));
      return own.print(batch);
    } catch (error) {
      throw writeFailure(error, folder);
    }
  };
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const endWriting = (): void => {
    process.removeListener('exit', removeFolder);
    for (const { worker } of helpers) void worker.terminate();
    own?.close();
    own = undefined;
    removeFolder();
  };
  return {
    add: (text) => {
      batch.push(text);
      characters += text.length;
      if (batch.length >= batchTexts || characters >= batchCharacters) flush();
    },
    end: async () => {
      flush();
      for (const { worker } of helpers) worker.ref();
      while (failure === undefined && helpers.some(({ waiting }) => waiting.length > 0)) {
        await new Promise<void>((resolve) => {
          settled = resolve;
        });
      }
      if (failure !== undefined) throw writeFailure(failure, folder);
      await Promise.all(helpers.map(({ worker }) => worker.terminate()));
      const spools = Array.from({ length: helpers.length + 1 }, (_, spool) => spoolFile(spool)).map((file) =>
        existsSync(file) ? openSync(file, 'r') : undefined,
      );
      // open files outlive their names: nothing is left behind, however this process ends (where the system allows it)
      if (process.platform !== 'win32') endWriting();
      printed = openTexts(columns, spools, endWriting);
      return printed;
    },
    close: () => (printed === undefined ? endWriting() : printed.close()),
  };
}

function openTexts(columns: PrintColumns, files: (number | undefined)[], remove: () => void): PrintedRows {
  return {
    columns,
    textReader: () => {
      let units = new Uint16Array(4096);
      let bytes = Buffer.alloc(8192);
      return (row) => {
        const { spool, offset } = columns.place(row);
        const [length, unitBytes] = [columns.number(row, printPlaces.length), columns.number(row, printPlaces.unitBytes)];
        if (units.length < length) units = new Uint16Array(2 * length);
        if (bytes.length < length * unitBytes) bytes = Buffer.alloc(2 * length * unitBytes);
        for (let read = 0; read < length * unitBytes; ) {
          const more = readSync(files[spool]!, bytes, read, length * unitBytes - read, offset + read);
          if (more === 0) throw new Error('A file of texts was cut short while it was read.');
          read += more;
        }
        for (let at = 0; at < length; at += 1) units[at] = unitBytes === 1 ? bytes[at]! : bytes[2 * at]! | (bytes[2 * at + 1]! << 8);
        return { units, length };
      };
    },
    close: () => {
      for (const file of files) if (file !== undefined) closeSync(file);
      files.fill(undefined);
      remove();
    },
  };
}

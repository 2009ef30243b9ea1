import { resolve } from 'node:path';
import type { DataRow } from '#core/data-row.ts';
import { exitCodes, inputError, RungError } from '#core/errors.ts';
import { bandRecall, bandsFor } from '#data/deduplicate/bands.ts';
import { type Deduplicated, type DeduplicateOptions, deduplicateRows } from '#data/deduplicate/deduplicate-rows.ts';
import { semanticThresholds } from '#data/deduplicate/semantic-pairs.ts';
import { dataFormat } from '#data/formats/index.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import { type DataFile, readDataFile } from '#data/read-data-file.ts';
import { isUnreadable, type UnreadableRow } from '#data/unreadable-row.ts';
import { type WrittenData, writeDataFile } from '#data/write-data-file.ts';
import { type OpenEmbedding, withEmbedding } from '../growth/dedupe-embeddings.ts';
import type { AddCommand } from './add-command.ts';
import { dataCheckProgress } from './data-check-progress.ts';
import type { DedupeDocument } from './data-dedupe-document.ts';
import { formatDataDedupe } from './data-dedupe-format.ts';
import { dollarAmount, unreadableFlag, wholeNumber } from './flag-values.ts';
import { interruption } from './interruption.ts';
import { print } from './prompt-output.ts';
import { withTask } from './prompt-task.ts';
import type { TerminalIo } from './terminal-io.ts';

interface DataDedupeFlags {
  readonly output: string;
  readonly near: number | 'off';
  readonly semantic?: boolean;
  readonly semanticThreshold?: number;
  readonly embeddings?: string;
  readonly task?: string;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly from?: string;
  readonly to?: string;
  readonly maxRowBytes?: number;
  readonly json?: boolean;
}

/** `rung data dedupe FILE -o OUT`: the rows without those that say what another says already. */
export const addDataDedupe: AddCommand = (data, io) => {
  data
    .command('dedupe')
    .argument('<file>', 'file of rows, or a folder with train, valid and test files')
    .description('the rows without exact and near duplicates; the richest row of each cluster stays')
    .requiredOption('-o, --output <file>', 'where to write; its ending says in what, as .jsonl, .csv, .parquet, .json.gz')
    .option(
      '--near <likeness>',
      'Jaccard similarity from which rows are near-duplicates, 0.5 to 1, or off',
      likeness,
      nearDuplicateThreshold,
    )
    .option('--semantic', 'drop rows whose words and pairs of words are alike as well (cosine 0.95), list those at 0.85 for review')
    .option(
      '--semantic-threshold <cosine>',
      `with --semantic: cosine from which rows go, 0.5 to 0.99 (${semanticThresholds.drop}); review begins 0.1 below`,
      semanticThreshold,
    )
    .option('--embeddings <model>', "with --semantic: compare vectors of the rows' own texts by a role or model of --task, not words")
    .option('--task <task>', 'with --embeddings: task with the providers, prices and store')
    .option('--budget <dollars>', 'with --embeddings: stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'with --embeddings: stop before more than that many requests are sent', wholeNumber)
    .option('--from <format>', 'format of the rows, where it should not be found out')
    .option('--to <format>', 'format to write; that of the file where absent')
    .option('--max-row-bytes <n>', 'bytes of the longest row that is read; 16777216 where absent', wholeNumber)
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, flags: DataDedupeFlags) => {
      checkFlags(flags);
      const document = await dedupeWith(path, flags, io);
      print(io, flags.json, document, (columns) => formatDataDedupe(document, columns));
    });
};

function checkFlags({ semantic, semanticThreshold: cosine, embeddings, task, budget, maxCalls }: DataDedupeFlags): void {
  if (!semantic && (cosine !== undefined || embeddings !== undefined))
    throw unreadableFlag('--semantic-threshold and --embeddings go with --semantic.', 'Add it, or leave them out.');
  if (embeddings === undefined && [task, budget, maxCalls].some((flag) => flag !== undefined))
    throw unreadableFlag('--task, --budget and --max-calls go with --embeddings.', 'Name a model with it, or leave them out.');
  if (embeddings !== undefined && task === undefined)
    throw unreadableFlag(
      'Vectors are paid for and kept in the store of a task, and none is named.',
      'Name one with --task; rung init makes one.',
    );
}

async function dedupeWith(path: string, flags: DataDedupeFlags, io: TerminalIo): Promise<DedupeDocument> {
  const { embeddings: model, task, budget, maxCalls } = flags;
  if (model === undefined) return dedupe(path, flags, io);
  return withTask(task, io, ({ planned, plugins, environment }) =>
    withEmbedding(planned, { plugins, environment, model, budget, maxCalls, ...interruption(io) }, (embedding) =>
      dedupe(path, flags, io, embedding),
    ),
  );
}

async function dedupe(path: string, flags: DataDedupeFlags, io: TerminalIo, embedding?: OpenEmbedding): Promise<DedupeDocument> {
  const [file, output] = [resolve(io.workingFolder, path), resolve(io.workingFolder, flags.output)];
  if (file === output) {
    throw inputError({
      code: 'output-is-input',
      message: 'The rows would be written over the file they are read from.',
      hint: 'Name another file with -o.',
      place: { file },
    });
  }
  const format = flags.to === undefined ? undefined : dataFormat(flags.to);
  const opened = await readDataFile(file, { format: flags.from, maximumRowBytes: flags.maxRowBytes });
  const watch = watchOf(io);
  try {
    const found = await deduplicateRows(watch.rows(opened), {
      near: flags.near === 'off' ? Number.POSITIVE_INFINITY : flags.near,
      ...(flags.semantic && {
        semantic: {
          ...(flags.semanticThreshold !== undefined && { drop: flags.semanticThreshold }),
          ...(embedding !== undefined && { embed: embedding.embed }),
        },
      }),
      progress: watch.progress,
    });
    const written = await writeDataFile(output, keptRows(watch.rows(opened), found, file), {
      format: format ?? opened.format,
      from: opened.format,
    });
    watch.progress('writing', written.written);
    const { near, semantic } = flags;
    return {
      schema: 'rung.data-deduplicated/1',
      file: path,
      output: flags.output,
      recognised: opened.recognised,
      near: near === 'off' ? null : near,
      recallAtNear: near === 'off' ? null : Math.round(bandRecall(near, bandsFor(near)) * 1e4) / 1e4,
      semantic: semantic === true,
      semanticThreshold: semantic === true ? (flags.semanticThreshold ?? semanticThresholds.drop) : null,
      embeddings: embedding === undefined ? null : { model: embedding.model, ...embedding.spent(), withoutVector: found.withoutVector },
      read: found.read,
      written: written.written,
      dropped: droppedOf(found, written, embedding === undefined ? 'nearly the same words as' : 'says nearly the same as'),
      review: found.review,
      lost: written.lost,
      hash: written.hash,
      files: written.files,
      approximate: found.approximate,
      stages: watch.stages(),
      notes: opened.notes(),
    };
  } finally {
    watch.end();
  }
}

type Row = DataRow | UnreadableRow;

/** Progress on the terminal, the seconds of each stage, and a stop between rows once someone interrupts. */
function watchOf(io: TerminalIo) {
  const shown = dataCheckProgress(io);
  const stages = new Map<string, number>();
  let since = performance.now();
  let isStopped = false;
  io.onInterrupt(() => {
    isStopped = true;
  });
  const begun = since;
  const progress = (stage: string, rows: number): void => {
    const now = performance.now();
    stages.set(stage, (stages.get(stage) ?? 0) + (now - since) / 1000);
    since = now;
    shown.listen({ stage: stage === 'reading' ? 'read' : stage, rows, seconds: (now - begun) / 1000 });
  };
  async function* rows(opened: DataFile): AsyncGenerator<Row> {
    for await (const row of opened.rows) {
      if (isStopped)
        throw new RungError({ code: 'interrupted', message: 'Stopped; nothing was written.', exitCode: exitCodes.interrupted });
      yield row;
    }
  }
  return {
    rows,
    progress: progress as NonNullable<DeduplicateOptions['progress']> & typeof progress,
    stages: () => Array.from(stages, ([stage, seconds]) => ({ stage, seconds: Math.round(seconds * 1000) / 1000 })),
    end: () => shown.end(),
  };
}

/** The rows that stay. Throws where the file is no longer the one that was compared, or has no row that can be read. */
async function* keptRows(rows: AsyncIterable<Row>, found: Deduplicated, file: string): AsyncGenerator<DataRow> {
  const first = found.unreadable[0];
  if (found.read === found.unreadable.length && first !== undefined) {
    throw inputError({
      code: 'rows-unreadable',
      message: `None of the ${found.read} rows could be read. The first: ${first.message}`,
      hint: first.fix,
      place: { file, line: first.line },
    });
  }
  const gone = new Set(found.duplicates.map(({ line }) => line));
  let read = 0;
  for await (const row of rows) {
    read += 1;
    if (!isUnreadable(row) && !gone.has(row.line)) yield row;
  }
  if (read === found.read) return;
  throw inputError({
    code: 'file-changed',
    message: `The file had ${found.read} rows and then ${read}: it changed while it was read. Nothing was written.`,
    hint: 'Run the command again once nothing writes to it.',
    place: { file },
  });
}

function droppedOf({ duplicates, unreadable }: Deduplicated, { dropped }: WrittenData, semantic: string): DedupeDocument['dropped'] {
  const reasons = { exact: 'exact duplicate of', near: 'near-duplicate of', semantic };
  return [
    ...duplicates.map(({ line, kept, kind, likeness: alike }) => ({
      row: line,
      why: `${reasons[kind]} row ${kept}${kind === 'exact' ? '' : ` (${kind === 'near' ? 'Jaccard' : 'cosine'} ${alike.toFixed(3)})`}`,
      kept,
      likeness: alike,
    })),
    ...unreadable.map(({ line, message, fix }) => ({ row: line, why: `${message} ${fix}` })),
    ...dropped,
  ].sort((left, right) => left.row - right.row);
}

function likeness(text: string): number | 'off' {
  if (text === 'off') return 'off';
  const value = Number(text);
  if (text.trim() !== '' && value >= 0.5 && value <= 1) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not a likeness.`, 'Write a number from 0.5 to 1, as 0.8, or off.');
}

function semanticThreshold(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0.5 && value <= 0.99) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not a cosine to go by.`, 'Write a number from 0.5 to 0.99, as 0.9.');
}

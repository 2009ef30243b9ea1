import { basename, resolve } from 'node:path';
import { type ExitCode, exitCodes, inputError } from '#core/errors.ts';
import { dataFormat } from '#data/formats/index.ts';
import { rung } from '#data/formats/rung.ts';
import { planCollection } from '#data/grow/collect-plan.ts';
import { storedRows } from '#data/grow/collect-rows.ts';
import type { MixSource } from '#data/grow/mix-plan.ts';
import { readDataFile } from '#data/read-data-file.ts';
import { nearSearch } from '#data/split/near-search.ts';
import { tryDataFormat, writeDataFile } from '#data/write-data-file.ts';
import { type Scorer, withScorer } from '../growth/collect-data.ts';
import type { AddCommand } from './add-command.ts';
import { collectDocument } from './data-collect-document.ts';
import { addDataCollectFlags, type DataCollectFlags } from './data-collect-flags.ts';
import { formatDataCollect } from './data-collect-format.ts';
import { collectFromStore } from './data-collect-store.ts';
import { rowWatch } from './data-watch-rows.ts';
import { unreadableFlag } from './flag-values.ts';
import { interruption } from './interruption.ts';
import { print } from './prompt-output.ts';
import { type OpenTask, withTask } from './prompt-task.ts';
import type { TerminalIo } from './terminal-io.ts';

/** `rung data collect LOG -o OUT`: rows worth training on, out of logs or out of a task's own good answers. */
export const addDataCollect: AddCommand = (data, io, exit) => {
  addDataCollectFlags(
    data
      .command('collect')
      .argument('<log>', 'file of logged rows; with --from-store a task')
      .description('rows worth training on, out of logs or of good answers in the store: filtered, redacted, without repeats'),
  ).action(async (path: string, flags: DataCollectFlags) => {
    checkFlags(flags);
    exit(flags.fromStore ? await collectFromStore(path, flags, io) : await collectLog(path, flags, io));
  });
};

function checkFlags({ fromStore, rung: named, ask, task, metric, minimum }: DataCollectFlags): void {
  if (fromStore && named === undefined)
    throw unreadableFlag('Which answers are to be taken is not said.', 'Name a rung with --rung, as --rung few-shot.');
  if (!fromStore && (named !== undefined || ask))
    throw unreadableFlag('--rung and --ask go with --from-store.', 'Add it, or leave them out.');
  if (!fromStore && task === undefined && (metric !== undefined || minimum !== undefined))
    throw unreadableFlag('A score was asked for, and no task says how to score.', 'Name one with --task.');
}

async function collectLog(path: string, flags: DataCollectFlags, io: TerminalIo): Promise<ExitCode> {
  if (flags.task === undefined) return collectWith(path, flags, io);
  return withTask(flags.task, io, async (open) => {
    const { planned, plugins, environment } = open;
    const options = {
      ...{ plugins, environment, minimum: flags.minimum ?? 1, ...interruption(io) },
      ...{ metric: flags.metric, budget: flags.budget, maxCalls: flags.dryRun ? 0 : flags.maxCalls, concurrency: flags.concurrency },
    };
    return withScorer(planned, options, (scorer) => collectWith(path, flags, io, { open, scorer }));
  });
}

async function collectWith(
  path: string,
  flags: DataCollectFlags,
  io: TerminalIo,
  task?: { readonly open: OpenTask; readonly scorer: Scorer },
): Promise<ExitCode> {
  const at = (file: string) => resolve(io.workingFolder, file);
  const output = at(flags.output);
  const to = dataFormat(flags.to);
  const watch = rowWatch(io);
  const opened = watch.watched(await readDataFile(at(path), { format: flags.from, map: flags.map }), [
    'read',
    'choose',
    'choose',
    'choose',
    'write',
  ]);
  const against = [...(flags.against ?? []).map(at), ...(task === undefined ? [] : [task.open.planned.task.examplesFile])];
  if ([at(path), ...against].includes(output)) throw overInput(output);
  const there: MixSource[] = [];
  for (const file of against) there.push({ file, ...(await readDataFile(file)) });
  const near = nearSearch();
  try {
    const planned = await planCollection(
      { file: path, format: opened.format, rows: opened.rows },
      {
        seed: flags.seed,
        near,
        against: there,
        ...(flags.since === undefined ? {} : { since: flags.since }),
        ...(flags.where === undefined ? {} : { where: flags.where }),
        ...(flags.minimumFeedback === undefined
          ? {}
          : { feedback: { minimum: flags.minimumFeedback, ...(flags.feedback === undefined ? {} : { field: flags.feedback }) } }),
        ...(flags.unanswered === undefined ? {} : { unanswered: flags.unanswered }),
        ...(flags.rows === undefined ? {} : { rows: flags.rows }),
        // a judge is not asked in a dry run: what it would leave out is not known
        ...(task === undefined || (flags.dryRun && task.scorer.asks) ? {} : { score: task.scorer.score }),
      },
    );
    const { rows, notes } = storedRows(planned, {
      log: basename(path),
      prune: flags.keepPrompt !== true,
      redact: flags.keepPersonalData !== true,
    });
    const writing = { format: to, from: rung };
    const written = flags.dryRun ? await tryDataFormat(rows, writing) : await writeDataFile(output, rows, writing);
    watch.end();
    const document = collectDocument({ flags, opened, planned, notes, written, scorer: task?.scorer, path });
    print(io, flags.json, document, (columns) => formatDataCollect(document, columns));
    return task?.scorer.ended() && !flags.dryRun ? exitCodes.budgetEnded : exitCodes.done;
  } finally {
    watch.end();
    near.close();
  }
}

function overInput(file: string): Error {
  return inputError({
    code: 'output-is-input',
    message: 'The rows would be written over a file that is read.',
    hint: 'Name another file with -o.',
    place: { file },
  });
}

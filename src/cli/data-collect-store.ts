import { resolve } from 'node:path';
import { type ExitCode, exitCodes } from '#core/errors.ts';
import { dataFormat } from '#data/formats/index.ts';
import { rung } from '#data/formats/rung.ts';
import { type WrittenData, writeDataFile } from '#data/write-data-file.ts';
import { type CollectedAnswers, collectAnswers } from '../growth/collect-data-answers.ts';
import { dryRunTask } from '../session.ts';
import type { DataCollectFlags } from './data-collect-flags.ts';
import { formatDryRun } from './format-dry-run.ts';
import { interruption } from './interruption.ts';
import { print } from './prompt-output.ts';
import { type OpenTask, withTask } from './prompt-task.ts';
import { readDecision } from './record-decision.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';
import type { TerminalIo } from './terminal-io.ts';

/** `rung data collect TASK --from-store --rung few-shot`: good answers of a rung to the task's own training and validation questions. */
export async function collectFromStore(path: string, flags: DataCollectFlags, io: TerminalIo): Promise<ExitCode> {
  const to = dataFormat(flags.to);
  return withTask(path, io, async (open) => {
    const named = flags.rung ?? '';
    if (flags.dryRun && flags.ask) return dryRun(open, named, flags, io);
    const { planned, plugins, environment } = open;
    const collected = await collectAnswers(planned, {
      ...{ plugins, environment, ...interruption(io), minimum: flags.minimum ?? 1, ask: flags.ask ?? false },
      ...{ budget: flags.budget, maxCalls: flags.dryRun ? 0 : flags.maxCalls, concurrency: flags.concurrency },
      candidate: flags.ask ? named : await candidateOf(open, named),
    });
    const output = resolve(io.workingFolder, flags.output);
    const written = flags.dryRun ? undefined : await writeDataFile(output, collected.rows, { format: to, from: rung });
    const document = storeDocument(path, flags, collected, written);
    print(io, flags.json, document, (columns) => formatStore(document, columns));
    return exitCodes.done;
  });
}

/** The candidate of a rung, as the task's decision names it. */
async function candidateOf({ planned }: OpenTask, named: string): Promise<string> {
  if (/^c_[0-9a-f]+$/.test(named)) return named;
  const { verdict } = await readDecision(planned.task.folder);
  return verdict.rungs.find(({ rung: name }) => name === named)?.candidate ?? named;
}

async function dryRun(
  { planned: { task, plan }, plugins, environment }: OpenTask,
  named: string,
  flags: DataCollectFlags,
  io: TerminalIo,
): Promise<ExitCode> {
  const rows = plan.splits.train.length + (plan.evidenceSplit === 'validation' ? 0 : plan.splits.validation.length);
  const rungs = plan.rungs.filter(({ name }) => name === named);
  const dry = await dryRunTask(
    { task, plan: { ...plan, rungs, probes: [] } },
    { plugins, environment, concurrency: flags.concurrency, rows },
  );
  io.stdout.write(flags.json ? `${JSON.stringify(dry)}\n` : formatDryRun(dry, 'Collecting'));
  return exitCodes.done;
}

type StoreDocument = ReturnType<typeof storeDocument>;

function storeDocument(task: string, flags: DataCollectFlags, collected: CollectedAnswers, written: WrittenData | undefined) {
  const { rows, candidate, metric, questions, answered, dropped, spent } = collected;
  return {
    schema: 'rung.data-collect/1',
    task,
    output: flags.output,
    format: flags.to,
    dryRun: written === undefined,
    candidate,
    metric,
    minimum: flags.minimum ?? 1,
    questions,
    read: answered,
    kept: rows.length,
    written: written?.written ?? 0,
    dropped: [...dropped.list, ...(written?.dropped ?? [])],
    droppedRows: dropped.count + (written?.dropped.length ?? 0),
    reasons: dropped.reasons(),
    lost: written?.lost ?? [],
    ...(written === undefined ? {} : { hash: written.hash }),
    spent,
  };
}

function formatStore(document: StoreDocument, columns: number): Line[] {
  const { questions, read, kept, metric, minimum, candidate, reasons, hash, output } = document;
  return [
    ...prose(
      `${read} of ${questions} training and validation questions have an answer of ${candidate}; ${metric} scores ${kept} of them ${minimum} or better.`,
      columns,
    ),
    ...reasons.slice(0, 5).flatMap(({ why, rows }) => prose(`Left out: ${rows}, because the row ${why}.`, columns, 'gray')),
    ...(read < questions ? prose('--ask asks for the answers that are not in the store.', columns, 'gray') : []),
    ...prose(
      hash === undefined ? 'Nothing was written.' : `Written to ${output}, on the sides that the questions had. Hash ${hash.slice(0, 16)}.`,
      columns,
    ),
  ];
}

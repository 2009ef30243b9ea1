import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type ExitCode, exitCodes, inputError, type RungError } from '#core/errors.ts';
import type { Verdict } from '#core/verdict.ts';
import { findTask } from '#data/find-task.ts';
import { BudgetEndedError } from '#engine/budget.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { climbTask, dryRunTask, planTask } from '../session.ts';
import { formatDryRun } from './format-dry-run.ts';
import { interruption } from './interruption.ts';
import { progressOf } from './task-progress.ts';
import { formatVerdict } from './terminal/format-verdict.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';
import { writeRecord, writeReport } from './write-record.ts';

export interface RunFlags {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly seed?: number;
  readonly fresh?: boolean;
  readonly register?: boolean;
  readonly all?: boolean;
  readonly learningCurve?: string;
  readonly explain?: boolean;
  readonly rung?: readonly string[];
}

/** Reads, climbs, decides, writes and shows; gives the exit code. */
export async function runTask(
  path: string | undefined,
  flags: RunFlags,
  io: TerminalIo,
  { write, decides = true, report }: { write: boolean; decides?: boolean; report?: string },
): Promise<ExitCode> {
  const task = path === undefined ? await findTask(io.workingFolder) : resolve(io.workingFolder, path);
  const environment = await withDotEnv(io);
  const plugins = defaultPlugins();
  try {
    const planned = await planTask({ task, plugins, environment, seed: flags.seed, only: flags.rung, learningCurve: flags.learningCurve });
    if (flags.dryRun) {
      const dry = await dryRunTask(planned, { plugins, environment, concurrency: flags.concurrency });
      io.stdout.write(flags.json ? `${JSON.stringify(dry)}\n` : formatDryRun(dry));
      return exitCodes.done;
    }
    const signals = interruption(io);
    const view = progressOf(planned, io);
    try {
      return await climbTask(
        planned,
        { ...flags, all: flags.all || !decides, plugins, environment, progress: view.listen, ...signals },
        async (result, open) => {
          const files = write ? await writeRecord(planned, result, open) : [];
          if (report !== undefined) files.push(await writeReport(planned, result, open, resolve(planned.task.folder, report)));
          view.end();
          const { verdict } = result;
          if (flags.json) io.stdout.write(`${JSON.stringify(verdict)}\n`);
          else
            io.stdout.write(
              formatVerdict(verdict, {
                color: usesColor(io.stdout, io.environment),
                width: io.stdout.columns ?? 100,
                files,
                explain: flags.explain,
              }),
            );
          return exitCodeOf(verdict);
        },
      );
    } catch (error) {
      throw flags.maxCalls === 0 && error instanceof BudgetEndedError ? notMeasured(planned.task.folder) : error;
    } finally {
      view.end();
    }
  } finally {
    await plugins.close();
  }
}

function notMeasured(folder: string): RungError {
  return inputError({
    code: 'not-measured',
    message: 'This task was not climbed to the end, so there is nothing to write down yet.',
    hint: 'Run rung climb first.',
    place: { file: folder },
  });
}

function exitCodeOf(verdict: Verdict): ExitCode {
  if (verdict.criteria.changed) return exitCodes.criteriaChanged;
  if (verdict.status === 'not-met') return exitCodes.goalsNotMet;
  return verdict.status === 'undecided' ? exitCodes.undecided : exitCodes.done;
}

/** The environment over what `.env` in the working folder says. */
export async function withDotEnv(io: TerminalIo): Promise<TerminalIo['environment']> {
  const text = await readFile(join(io.workingFolder, '.env'), 'utf8').catch(() => '');
  return { ...parseEnv(text), ...io.environment };
}

import { stat } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { findTask } from '#data/find-task.ts';
import { type Jobs, openTaskJobs } from '#jobs/jobs.ts';
import { taskPath } from './record-decision.ts';
import type { TerminalIo } from './terminal-io.ts';

/** A task's jobs, and how a command names the task again. */
export interface TaskJobs {
  readonly folder: string;
  readonly jobs: Jobs;
  /** " --task FOLDER", or nothing where the task is the nearest upward. */
  readonly again: string;
}

/** The jobs of the task that is named, or the nearest upward. The task itself need not be readable. */
export async function taskJobs(path: string | undefined, io: TerminalIo): Promise<TaskJobs> {
  const named = await taskPath(path, io);
  const info = await stat(named).catch(() => undefined);
  const folder = info?.isFile() ? dirname(named) : named;
  return { folder, jobs: openTaskJobs(folder), again: await againOf(folder, io) };
}

async function againOf(folder: string, io: TerminalIo): Promise<string> {
  const nearest = await findTask(io.workingFolder).catch(() => undefined);
  if (nearest !== undefined && (nearest === folder || dirname(nearest) === folder)) return '';
  return ` --task ${relative(io.workingFolder, folder) || '.'}`;
}

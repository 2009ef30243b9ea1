import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { inputError } from '#core/errors.ts';
import { findTask } from '#data/find-task.ts';
import type { DetailedVerdict } from '#verdict/decide.ts';
import { parseVerdict } from '#verdict/record-schema.ts';
import { readJson } from './cost-read-json.ts';
import type { TerminalIo } from './terminal-io.ts';

/** A decision that was written down, and where. */
export interface WrittenDecision {
  readonly file: string;
  readonly verdict: DetailedVerdict;
}

/** The task folder or file that is meant: the one named, or the nearest upward. */
export async function taskPath(path: string | undefined, io: TerminalIo): Promise<string> {
  return path === undefined ? await findTask(io.workingFolder) : resolve(io.workingFolder, path);
}

/** Reads a decision: a JSON file, or the `decision.json` beside a task. Throws where there is none or it is not one. */
export async function readDecision(path: string): Promise<WrittenDecision> {
  const file = await decisionFile(path);
  if ((await kindOf(file)) !== 'file') {
    throw inputError({
      code: 'no-decision',
      message: 'There is no decision here yet.',
      hint: 'Run rung climb first; it writes decision.json into the task folder.',
      place: { file },
    });
  }
  return { file, verdict: parseVerdict(await readJson(file, 'decision'), file) };
}

async function decisionFile(path: string): Promise<string> {
  if (path.endsWith('.json')) return path;
  return join((await kindOf(path)) === 'file' ? dirname(path) : path, 'decision.json');
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info === undefined ? undefined : info.isDirectory() ? 'folder' : 'file';
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFailure } from '#data/write-failure.ts';
import type { TuneRun } from '../tune-runs.ts';
import type { TerminalIo } from './terminal-io.ts';

/** The hidden command that works on a run. */
export const workCommand = 'work';

/** A process of its own that works on a run, whatever becomes of the one that started it. */
export interface TuneProcess {
  /** True once it has ended, however it did. */
  hasEnded(): boolean;
}

/** Starts the work on a run: its own session, no terminal, all that it says in the run's log. */
export async function startTuneProcess(run: TuneRun, io: TerminalIo): Promise<TuneProcess> {
  // how it ended before says nothing of how it will end now
  await run.begin();
  const own = import.meta.url;
  const main = fileURLToPath(new URL(`./main${extname(own)}`, own));
  const log = await open(run.logFile, 'a').catch((error: unknown) => {
    throw writeFailure(error, run.logFile);
  });
  try {
    const child = spawn(process.execPath, [main, 'tune', workCommand, run.folder], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: io.workingFolder,
      env: { ...io.environment, NO_COLOR: '1' },
    });
    await once(child, 'spawn');
    let ended = false;
    child.on('exit', () => {
      ended = true;
    });
    child.unref();
    return { hasEnded: () => ended };
  } finally {
    await log.close();
  }
}

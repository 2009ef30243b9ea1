import { relative } from 'node:path';
import type { Plugins } from '#core/plugins.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { type PlannedTask, planTask } from '../session.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';

export interface OpenTask {
  readonly planned: PlannedTask;
  readonly plugins: Plugins;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Plans the task that is meant and hands it on; what was opened for it is closed after. */
export async function withTask<T>(path: string | undefined, io: TerminalIo, use: (open: OpenTask) => Promise<T>): Promise<T> {
  const plugins = defaultPlugins();
  try {
    const environment = await withDotEnv(io);
    return await use({ planned: await planTask({ task: await taskPath(path, io), plugins, environment }), plugins, environment });
  } finally {
    await plugins.close();
  }
}

/** A path as people read it: from where they are. */
export function shownPath(file: string, io: TerminalIo): string {
  const path = relative(io.workingFolder, file);
  return path.startsWith('..') ? file : path;
}

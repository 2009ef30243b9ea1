import type { PlannedTask } from '../session.ts';
import { createProgressView } from './terminal/progress-view.ts';
import type { TerminalIo } from './terminal-io.ts';

/** Shows how far a run over a task has come, the task's warnings first; to be ended by whoever began it. */
export function progressOf({ warnings }: Pick<PlannedTask, 'warnings'>, io: TerminalIo): ReturnType<typeof createProgressView> {
  const view = createProgressView({
    stream: io.stderr,
    isTty: io.stderr.isTTY === true,
    environment: io.environment,
    now: () => performance.now(),
  });
  for (const warning of warnings) view.note(`warning: ${warning}`);
  return view;
}

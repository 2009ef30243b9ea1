import type { Command } from 'commander';
import { addRecordCheck } from './record-check.ts';
import { addRecordDiff } from './record-diff.ts';
import { addRecordShow } from './record-show.ts';
import { type RunFlags, runTask } from './run-task.ts';
import type { TerminalIo } from './terminal-io.ts';

/**
 * `rung record [task]`: writes the decision record from what was measured; `record show`, `record check` and
 * `record diff` read it. None asks a model. `input` is where figures come from that are given as `-`.
 */
export function recordCommand(
  program: Command,
  io: TerminalIo,
  exit: (code: number) => void,
  input: () => NodeJS.ReadStream = () => process.stdin,
): void {
  const record = program
    .command('record')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('write decision.md, decision.json and report.html anew from what was measured; show, check or compare decisions')
    .option('--json', 'print the verdict document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (task: string | undefined, flags: RunFlags) => exit(await runTask(task, { ...flags, maxCalls: 0 }, io, { write: true })));
  addRecordShow(record, io);
  addRecordCheck(record, io, exit, input);
  addRecordDiff(record, io);
}

import type { AddCommand } from './add-command.ts';
import { addRunFlags } from './run-flags.ts';
import { type RunFlags, runTask } from './run-task.ts';

/** `rung eval [task] --rung NAME…`: measures rungs without writing a decision. */
export const evalCommand: AddCommand = (program, io, exit) => {
  addRunFlags(program.command('eval').argument('[task]', 'task folder or file; without one, the nearest upward'))
    .description('measure rungs without writing a decision')
    .option('--rung <name...>', 'only these rungs of the ladder')
    .action(async (task: string | undefined, flags: RunFlags) => exit(await runTask(task, flags, io, { write: false, decides: false })));
};

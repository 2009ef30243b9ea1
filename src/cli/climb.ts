import type { AddCommand } from './add-command.ts';
import { addRunFlags } from './run-flags.ts';
import { type RunFlags, runTask } from './run-task.ts';

/** `rung climb [task]` */
export const climbCommand: AddCommand = (program, io, exit) => {
  addRunFlags(program.command('climb').argument('[task]', 'task folder or file; without one, the nearest upward'))
    .description('climb the ladder, decide, and write decision.md, decision.json and report.html')
    .option('--rung <name...>', 'only these rungs of the ladder')
    .action(async (task: string | undefined, flags: RunFlags) => exit(await runTask(task, flags, io, { write: flags.rung === undefined })));
};

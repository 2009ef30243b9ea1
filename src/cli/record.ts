import type { AddCommand } from './add-command.ts';
import { type RunFlags, runTask } from './run-task.ts';

/** `rung record [task]`: writes the decision record from what was measured; asks no model. */
export const recordCommand: AddCommand = (program, io, exit) => {
  program
    .command('record')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('write decision.md, decision.json and report.html anew from what was measured, without asking any model')
    .option('--json', 'print the verdict document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (task: string | undefined, flags: RunFlags) => exit(await runTask(task, { ...flags, maxCalls: 0 }, io, { write: true })));
};

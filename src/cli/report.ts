import { resolve } from 'node:path';
import type { AddCommand } from './add-command.ts';
import { type RunFlags, runTask } from './run-task.ts';

/** `rung report [task] -o FILE`: the HTML report alone, from what was measured; asks no model. */
export const reportCommand: AddCommand = (program, io, exit) => {
  program
    .command('report')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('write the HTML report from what was measured, without asking any model')
    .option('-o, --output <file>', 'where to; report.html in the task folder where absent')
    .option('--all', 'from every row, as a climb with --all measured it')
    .option('--explain', 'show the reasoning step by step, with the figures')
    .option('--json', 'print the verdict document, alone, on stdout')
    .option('--debug', 'show stack traces')
    .action(async (task: string | undefined, flags: RunFlags & { output?: string }) =>
      exit(
        await runTask(task, { ...flags, maxCalls: 0 }, io, {
          write: false,
          report: flags.output === undefined ? 'report.html' : resolve(io.workingFolder, flags.output),
        }),
      ),
    );
};

import { exitCodes } from '#core/errors.ts';
import type { JsonObject } from '#core/json.ts';
import { shortText } from '#report/visible-text.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { dryRunOptimization, type OptimizeReport, optimizationsOf, optimizeTask } from '../optimize-task.ts';
import { planTask } from '../session.ts';
import type { AddCommand } from './add-command.ts';
import { dollarAmount, wholeNumber } from './flag-values.ts';
import { formatDryRun } from './format-dry-run.ts';
import { interruption } from './interruption.ts';
import { formatHistory, formatOptimization } from './optimize-format.ts';
import { writeFound } from './optimize-versions.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import { progressOf } from './task-progress.ts';
import { usesColor } from './terminal-io.ts';

interface OptimizeFlags {
  readonly calls?: number;
  readonly trials?: number;
  readonly model?: string;
  readonly rewriter?: string;
  readonly history?: boolean;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly seed?: number;
  readonly fresh?: boolean;
}

/** `rung optimize [task]`: searches for a better prompt, one measured change at a time. */
export const optimizeCommand: AddCommand = (program, io, exit) => {
  program
    .command('optimize')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('search for a better prompt, one measured change at a time')
    .option('--calls <n>', 'the most calls that the search may ask, answers from the store included (600)', wholeNumber)
    .option('--trials <n>', 'the most changes to try (40)', wholeNumber)
    .option('--model <role>', 'whose prompt to optimise: a role of models: or a model name')
    .option('--rewriter <role>', 'who rewrites instructions: a role, a model name or none; the role strong where there is one')
    .option('--history', 'show earlier optimisations; ask nothing')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--dry-run', 'say what would be called and what it would cost; call nothing')
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'rows in flight', wholeNumber)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .option('--fresh', 'forget earlier answers and start over')
    .option('--debug', 'show stack traces')
    .action(async (path: string | undefined, flags: OptimizeFlags) => {
      const plugins = defaultPlugins();
      try {
        const environment = await withDotEnv(io);
        const planned = await planTask({ task: await taskPath(path, io), plugins, environment, seed: flags.seed });
        const style = { color: usesColor(io.stdout, io.environment), width: io.stdout.columns ?? 100 };
        const asked = { plugins, environment, options: optionsOf(flags), model: flags.model };
        if (flags.history) {
          const reports = await optimizationsOf(planned);
          io.stdout.write(
            flags.json
              ? `${JSON.stringify({ task: planned.task.name, optimizations: reports.map(withoutPrompts) })}\n`
              : formatHistory(reports, style),
          );
          return exit(exitCodes.done);
        }
        if (flags.dryRun) {
          const dry = await dryRunOptimization(planned, asked);
          io.stdout.write(flags.json ? `${JSON.stringify(dry)}\n` : formatDryRun(dry).replace('A climb would ask', 'The search would ask'));
          return exit(exitCodes.done);
        }
        const view = progressOf(planned, io);
        let report: OptimizeReport;
        try {
          report = await optimizeTask(planned, { ...flags, ...asked, progress: view.listen, ...interruption(io) });
        } finally {
          view.end();
        }
        const files = await writeFound(planned.task, report.found);
        const note = isWritten(report)
          ? ''
          : '\n→ The best version looks its examples up for each question: put the rung optimized on the ladder.';
        if (flags.json) io.stdout.write(`${JSON.stringify({ ...withoutPrompts(report), files })}\n`);
        else io.stdout.write(`${formatOptimization(report, style)}${note}${files.map((file) => `\n→ ${shortText(file, 200)}`).join('')}\n`);
        exit(report.ended === 'budget' ? exitCodes.budgetEnded : exitCodes.done);
      } finally {
        await plugins.close();
      }
    });
};

/** True where the best version, unless it is the task's own words, is one of the prompts that were written. */
function isWritten({ trials, best, found }: OptimizeReport): boolean {
  const winner = trials.find(({ n }) => n === best.n)?.candidate;
  return best.n === 0 || found.some(({ scores }) => scores.some(({ candidate }) => candidate === winner));
}

/** The document: prompts stand in the files that were written, and in the changes. */
function withoutPrompts({ found: _found, ...document }: OptimizeReport): Omit<OptimizeReport, 'found'> {
  return document;
}

function optionsOf({ calls, trials, rewriter }: OptimizeFlags): JsonObject {
  return { ...(calls !== undefined && { calls }), ...(trials !== undefined && { trials }), ...(rewriter !== undefined && { rewriter }) };
}

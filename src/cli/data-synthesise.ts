import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exitCodes, inputError } from '#core/errors.ts';
import { inputVariations } from '#data/grow/synthesise-variations.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { synthesiseData } from '../growth/synthesise-data.ts';
import { dryRunSynthesis } from '../growth/synthesise-dry-run.ts';
import type { SynthesisReport } from '../growth/synthesise-report.ts';
import { planTask } from '../session.ts';
import type { AddCommand } from './add-command.ts';
import { formatSynthesis } from './data-synthesise-format.ts';
import { commaList, dollarAmount, unreadableFlag, wholeNumber } from './flag-values.ts';
import { formatDryRun } from './format-dry-run.ts';
import { interruption } from './interruption.ts';
import { print } from './prompt-output.ts';
import { taskPath } from './record-decision.ts';
import { withDotEnv } from './run-task.ts';
import { progressOf } from './task-progress.ts';
import type { TerminalIo } from './terminal-io.ts';

interface SynthesiseFlags {
  readonly output: string;
  readonly rows?: number;
  readonly from?: string;
  readonly vary?: readonly string[];
  readonly hard?: boolean;
  readonly preferences?: boolean;
  readonly samples: number;
  readonly minimum?: number;
  readonly varier?: string;
  readonly languages: readonly string[];
  readonly withValidation?: boolean;
  readonly to?: string;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  readonly seed?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const kinds = inputVariations.map(({ kind }) => kind).join(',');

/** `rung data synthesise [task] -o FILE`: new training rows from varied inputs and a candidate's answers. */
export const addDataSynthesise: AddCommand = (data, io, exit) => {
  flagsOf(
    data
      .command('synthesise')
      .argument('[task]', 'task folder or file; without one, the nearest upward')
      .description('grow the training data: inputs varied from training rows, answered by the best candidate, scored and checked'),
  ).action(async (path: string | undefined, flags: SynthesiseFlags) => {
    const plugins = defaultPlugins();
    try {
      const environment = await withDotEnv(io);
      const planned = await planTask({ task: await taskPath(path, io), plugins, environment, seed: flags.seed });
      const output = resolve(io.workingFolder, flags.output);
      if (output === resolve(planned.task.examplesFile)) throw overExamples(output);
      const options = { ...settingsOf(flags), plugins, environment };
      if (flags.dryRun) {
        const dry = await dryRunSynthesis(planned, options);
        io.stdout.write(flags.json ? `${JSON.stringify(dry)}\n` : formatDryRun(dry, 'Growing the data'));
        return exit(exitCodes.done);
      }
      const view = progressOf(planned, io);
      let report: SynthesisReport;
      try {
        report = await synthesiseData(planned, { ...options, output, progress: view.listen, ...interruption(io) });
      } finally {
        view.end();
      }
      show(report, flags, io);
      exit(report.ended === 'budget' ? exitCodes.budgetEnded : exitCodes.done);
    } finally {
      await plugins.close();
    }
  });
};

function flagsOf(command: Command): Command {
  return command
    .requiredOption('-o, --output <file>', 'where the rows are written')
    .option('--rows <n>', 'rows wanted (as many as training rows, up to 200)', wholeNumber)
    .option('--from <rung or candidate>', 'who answers; the rung with the best measured first metric, else one of the role strong')
    .option('--vary <kinds>', `how inputs are varied, with commas between: ${kinds} (all that can be made)`, commaList)
    .option('--hard', 'rows near the border of two labels too; near misses where there are no labels')
    .option('--preferences', 'pairs of a better and a worse answer, from several sampled ones')
    .option('--samples <n>', 'answers that a pair is chosen from, at least 2', sampleCount, 4)
    .option('--minimum <score>', 'what every score of an answer must reach, from 0 to 1 (0.8)', scoreValue)
    .option(
      '--varier <role>',
      'who varies inputs: a role, a model name or none for rules; the role paraphrase, else strong, where there is one',
    )
    .option('--languages <names>', 'languages that a model translates into', commaList, [
      'German',
      'French',
      'Spanish',
      'Italian',
      'Dutch',
      'Portuguese',
    ])
    .option('--with-validation', 'vary validation rows too; what comes of them is marked as validation')
    .option('--to <format>', "format of the file: rung's own, or openai-preference for pairs, where absent")
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'rows in flight', wholeNumber)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .option('--dry-run', 'say what would be called and what it would cost; call nothing')
    .option('--json', 'print one JSON document, alone, on stdout')
    .option('--debug', 'show stack traces');
}

function settingsOf({ withValidation, ...flags }: SynthesiseFlags) {
  const { rows, from, vary, hard, preferences, samples, minimum, varier, languages, to, budget, maxCalls, concurrency } = flags;
  if (rows === 0) throw unreadableFlag('--rows 0 asks for nothing.', 'Write it as 100.');
  return {
    rows,
    from,
    vary,
    hard,
    preferences,
    samples,
    minimum,
    varier,
    languages,
    to,
    budget,
    maxCalls,
    concurrency,
    validation: withValidation,
  };
}

function show(report: SynthesisReport, { json }: SynthesiseFlags, io: TerminalIo): void {
  print(io, json, report, (columns) => formatSynthesis(report, columns));
}

function scoreValue(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw unreadableFlag(`${JSON.stringify(text)} is not a score.`, 'Write a number from 0 to 1, as 0.9.');
}

function sampleCount(text: string): number {
  const value = wholeNumber(text);
  if (value >= 2 && value <= 64) return value;
  throw unreadableFlag(`A pair cannot be chosen from ${value} answers.`, 'Write a number from 2 to 64.');
}

function overExamples(file: string): Error {
  return inputError({
    code: 'output-is-input',
    message: "The rows would be written over the task's examples.",
    hint: 'Name another file with -o, and add its rows once you have looked at them.',
    place: { file },
  });
}

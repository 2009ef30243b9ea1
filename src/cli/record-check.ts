import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type ExitCode, exitCodes } from '#core/errors.ts';
import { type CheckedTrigger, checkTriggers, type Figures, figuresOf } from '#verdict/record-check.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { type DecisionCheck, formatCheck } from './record-check-text.ts';
import { readDecision, taskPath } from './record-decision.ts';
import { liveFigures, readDay, readFigures, readSeed, setFigure } from './record-figures.ts';
import { checkRegistered, type RegisteredCheck } from './record-registered.ts';
import { withDotEnv } from './run-task.ts';
import { type TerminalIo, usesColor } from './terminal-io.ts';

interface Flags {
  readonly figures?: string;
  readonly set: Figures;
  readonly today?: string;
  readonly seed?: number;
  readonly json?: boolean;
}

/** `rung record check [task]`: whether the decision still stands. Exits 5 where a trigger fired, 7 where what was registered differs. */
export function addRecordCheck(record: Command, io: TerminalIo, exit: (code: number) => void, input: () => NodeJS.ReadStream): void {
  record
    .command('check')
    .argument('[task]', 'task folder or file; without one, the nearest upward')
    .description('hold the decision against figures of today: exit 5 where a trigger fired, 7 where criteria, examples or candidate differ')
    .option('--figures <file>', 'JSON object of figures by name, - for standard input')
    .option('--set <name=value>', 'one figure, as accuracy=0.88; may be given several times', setFigure, {})
    .option('--today <date>', 'the day to check for, as 2027-01-14', readDay)
    .option('--seed <n>', 'the seed that the climb was given', readSeed)
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    // `record` itself has flags of the same names, and takes them where they are given
    .action(async (path: string | undefined, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const check = await checkDecision(await taskPath(path, io), flags, io, input);
      io.stdout.write(
        flags.json
          ? `${JSON.stringify(check)}\n`
          : formatCheck(check, { color: usesColor(io.stdout, io.environment), width: io.stdout.columns ?? 100 }),
      );
      exit(check.exit);
    });
}

async function checkDecision(path: string, flags: Flags, io: TerminalIo, input: () => NodeJS.ReadStream): Promise<DecisionCheck> {
  const { file, verdict } = await readDecision(path);
  const given: Figures = {
    ...(flags.figures === undefined
      ? {}
      : await readFigures(flags.figures === '-' ? '-' : resolve(io.workingFolder, flags.figures), input)),
    ...flags.set,
  };
  const plugins = defaultPlugins();
  try {
    const task = path.endsWith('.json') ? dirname(file) : path;
    const planned = await planTask({ task, plugins, environment: await withDotEnv(io), seed: flags.seed });
    const today = flags.today ?? new Date().toISOString().slice(0, 10);
    const figures = { ...liveFigures(planned, { plugins, today, decidedBy: verdict.versions.rung }), ...given };
    const triggers = checkTriggers(verdict, figures);
    const registered = await checkRegistered(verdict, planned);
    const known = figuresOf(verdict);
    return {
      schema: 'rung.check/1',
      task: verdict.task,
      chosen: verdict.chosen?.rung ?? null,
      exit: exitCodeOf(registered, triggers),
      registered,
      triggers,
      unused: Object.keys(given).filter((name) => !known.includes(name)),
    };
  } finally {
    await plugins.close();
  }
}

function exitCodeOf(registered: readonly RegisteredCheck[], triggers: readonly CheckedTrigger[]): ExitCode {
  if (registered.some(({ status }) => status === 'differs')) return exitCodes.criteriaChanged;
  return triggers.some(({ fired }) => fired) ? exitCodes.triggerFired : exitCodes.done;
}

import { Command, CommanderError } from 'commander';
import { exitCodes, RungError } from '#core/errors.ts';
import { versions } from '../versions.ts';
import type { AddCommand } from './add-command.ts';
import { climbCommand } from './climb.ts';
import { costCommand } from './cost.ts';
import { dataCommand } from './data.ts';
import { decideCommand } from './decide.ts';
import { evalCommand } from './eval.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { nameFlags } from './named-flags.ts';
import { optimizeCommand } from './optimize.ts';
import { personaCommand } from './persona.ts';
import { probeCommand } from './probe.ts';
import { promptCommand } from './prompt.ts';
import { recordCommand } from './record.ts';
import { reportCommand } from './report.ts';
import { selfTestCommand } from './self-test.ts';
import { serveCommand } from './serve.ts';
import { showError } from './show-error.ts';
import type { TerminalIo } from './terminal-io.ts';
import { tuneCommand } from './tune.ts';

const commands: readonly AddCommand[] = [
  climbCommand,
  evalCommand,
  optimizeCommand,
  tuneCommand,
  personaCommand,
  probeCommand,
  promptCommand,
  recordCommand,
  dataCommand,
  reportCommand,
  costCommand,
  decideCommand,
  initCommand,
  importCommand,
  serveCommand,
  selfTestCommand,
];

/** Runs one command; gives the exit code. Never throws for what a user can cause. */
export async function runCommandLine(args: readonly string[], io: TerminalIo): Promise<number> {
  let code: number = exitCodes.done;
  const program = new Command('rung')
    .description('Measures how far up the ladder from prompt to fine-tune a task needs to go, and when that answer changes.')
    .version(versions.rung)
    .exitOverride()
    .showHelpAfterError('The same command with --help says what it takes.')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .addHelpText('after', examples);
  for (const add of commands) add(program, io, (value) => (code = value));
  nameFlags(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    showError(error, io, { json: args.includes('--json'), debug: args.includes('--debug') });
    return RungError.is(error) ? error.exitCode : exitCodes.error;
  }
}

const examples = `
Examples:
  rung climb examples/support            climb the ladder, end on a verdict and a report
  rung climb examples/support --dry-run  what would be called, and what it would cost
  rung eval . --rung few-shot --json     measure one rung
  rung cost scenario.json                cost and break-even, from prices alone
  rung decide                            what rules of thumb say, before anything is measured
  rung record check                      whether a trigger of the decision fired
`;

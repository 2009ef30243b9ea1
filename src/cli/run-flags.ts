import { type Command, Option } from 'commander';
import { count, dollarAmount, wholeNumber } from './flag-values.ts';

/** Flags of every command that asks models. */
export function addRunFlags(command: Command): Command {
  return command
    .option('--json', 'print the verdict document, alone, on stdout')
    .option('--dry-run', 'say what would be called and what it would cost; call nothing')
    .option('--budget <dollars>', 'stop before more than that is spent', dollarAmount)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'rows in flight', count)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .addOption(new Option('--resume', 'go on where an earlier run stopped (the default)').conflicts('fresh'))
    .option('--fresh', 'forget earlier answers and start over')
    .option('--all', 'ask every row of every rung, also where it has told enough')
    .option('--learning-curve <rung>', 'measure what more training rows bring to that rung')
    .option('--explain', 'show the reasoning step by step, with the figures')
    .option('--register', 'take changed criteria or examples as the new ones')
    .option('--debug', 'show stack traces');
}

import { type Command, Option } from 'commander';
import { inputError } from '#core/errors.ts';

/** Flags of every command that asks models. */
export function addRunFlags(command: Command): Command {
  return command
    .option('--json', 'print the verdict document, alone, on stdout')
    .option('--dry-run', 'say what would be called and what it would cost; call nothing')
    .option('--budget <dollars>', 'stop before more than that is spent', positiveNumber)
    .option('--max-calls <n>', 'stop before more than that many requests are sent', wholeNumber)
    .option('--concurrency <n>', 'rows in flight', wholeNumber)
    .option('--seed <n>', 'what Rung draws is drawn from this', wholeNumber)
    .addOption(new Option('--resume', 'go on where an earlier run stopped (the default)').conflicts('fresh'))
    .option('--fresh', 'forget earlier answers and start over')
    .option('--all', 'ask every row of every rung, also where it has told enough')
    .option('--learning-curve <rung>', 'measure what more training rows bring to that rung')
    .option('--explain', 'show the reasoning step by step, with the figures')
    .option('--register', 'take changed criteria or examples as the new ones')
    .option('--debug', 'show stack traces');
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw usage(`${JSON.stringify(text)} is not an amount in US dollars.`, 'Write it as 5 or 0.50.');
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw usage(`${JSON.stringify(text)} is not a whole number.`, 'Write it as 100.');
}

function usage(message: string, hint: string) {
  return inputError({ code: 'flag-unreadable', message, hint });
}

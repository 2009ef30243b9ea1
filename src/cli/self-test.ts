import { exitCodes } from '#core/errors.ts';
import { valueTextOf } from '#report/number-text.ts';
import { type PeekingTest, peekingTest } from '#statistics/peeking.ts';
import type { AddCommand } from './add-command.ts';
import { unreadableFlag, wholeNumber } from './flag-values.ts';

interface SelfTestFlags {
  readonly worlds: number;
  readonly seed: number;
  readonly json?: boolean;
}

const mostWorlds = 1_000_000;

/** `rung self-test`: shows on simulated worlds what looking early does to an ordinary test and to Rung's. Asks no model. */
export const selfTestCommand: AddCommand = (program, io, exit) => {
  program
    .command('self-test')
    .description('check on simulated worlds that looking at results early does not make Rung err more often')
    .option('--worlds <n>', 'worlds to simulate', worldCount, 2000)
    .option('--seed <n>', 'worlds are drawn from this', seedNumber, 1)
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(({ worlds, seed, json }: SelfTestFlags) => {
      const result = peekingTest({ worlds, seed });
      const held = holds(result);
      if (!held) exit(exitCodes.error);
      io.stdout.write(json ? `${JSON.stringify({ seed, held, ...result })}\n` : formatPeeking(result, held));
    });
};

/** False where even the lower end of its share is over the stated error. */
function holds({ shares, nominal }: PeekingTest): boolean {
  return shares.every(({ sequence }) => sequence.low <= nominal);
}

function formatPeeking({ worlds, rows, nominal, shares }: PeekingTest, held: boolean): string {
  const { value, interval, tick } = valueTextOf([0, 1]);
  const count = (number: number) => number.toLocaleString('en-US');
  const header = ['looks', 'published', 'z test, simulated', "Rung's sequence, simulated"];
  const lines = shares.map(({ looks, published, ordinary, sequence }) => [
    looks === rows ? 'every row' : count(looks),
    value(published),
    `${value(ordinary.value)} (${interval(ordinary)})`,
    `${value(sequence.value)} (${interval(sequence)})`,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((cells) => cells[column]!.length)));
  const table = [header, ...lines].map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
  const most = shares.at(-1)!;
  const intro = `How often a test at ${tick(nominal)} claims a difference between two equal candidates of ${count(rows)} rows each:`;
  const meaning = held
    ? `The z test, looked at after every row, errs in ${value(most.ordinary.value)} of worlds; Rung's sequence in ${value(most.sequence.value)}, however often one looks. So Rung may stop early.`
    : `Rung's sequence errs in ${value(most.sequence.value)} of worlds, more often than the ${tick(nominal)} it states: do not trust its early stops.`;
  const basis = `Shares of ${count(worlds)} simulated worlds with 95 % Wilson intervals. Published: Armitage, McPherson and Rowe 1969, for normal outcomes.`;
  return `${[intro, '', ...table, '', meaning, basis].join('\n')}\n`;
}

function worldCount(text: string): number {
  const worlds = wholeNumber(text);
  if (worlds >= 1 && worlds <= mostWorlds) return worlds;
  throw unreadableFlag(`${text} is not a number of worlds to simulate.`, `Give 1 to ${mostWorlds}; 2000 takes about a second.`);
}

function seedNumber(text: string): number {
  const seed = wholeNumber(text);
  if (seed <= 0xffffffff) return seed;
  throw unreadableFlag(`The seed ${text} is too large.`, 'Give 0 to 4294967295.');
}

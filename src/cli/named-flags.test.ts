import { Command } from 'commander';
import { expect, it } from 'vitest';
import { amount, count, dollarAmount, positiveNumber, share, wholeNumber } from './flag-values.ts';
import { nameFlags } from './named-flags.ts';

/** What a flag's value comes to on a command below another. */
function given(parse: (text: string) => number, text: string): unknown {
  const program = new Command('rung').exitOverride();
  const below = program.command('below').option('--a-number <n>', 'a number', parse);
  nameFlags(program);
  program.parse(['below', '--a-number', text], { from: 'user' });
  return below.opts()['aNumber'];
}

const refusedBy = {
  wholeNumber: [wholeNumber, 'abc', '', ' ', '-1', '1.5', 'NaN', '0x10', '1e3', '99999999999999999999'],
  count: [count, '0', 'abc', '-1', '1.5', '0x10'],
  positiveNumber: [positiveNumber, '0', '-1', 'abc', '', 'NaN', 'Infinity', '0x10', '1e999', '1_000'],
  amount: [amount, '-0.1', 'abc', '', 'NaN', '0x10'],
  share: [share, '1.1', '-0.1', 'abc', '', '0x1'],
  dollarAmount: [dollarAmount, '-1', 'abc', '', '0x10', '$5'],
} as const;

it.each(Object.entries(refusedBy))('%s refuses what it does not mean, by the name of the flag', (_name, [parse, ...texts]) => {
  for (const text of texts) {
    expect(() => given(parse, text)).toThrow(expect.objectContaining({ code: 'flag-unreadable', exitCode: 2 }));
    expect(() => given(parse, text)).toThrow(/^--a-number: ".*" is /);
  }
});

it.each([
  [wholeNumber, '0', 0],
  [count, '007', 7],
  [positiveNumber, '1e-4', 1e-4],
  [positiveNumber, '.5', 0.5],
  [amount, '0', 0],
  [share, '1', 1],
  [dollarAmount, ' 0.50 ', 0.5],
])('%o takes %j', (parse, text, value) => {
  expect(given(parse, text)).toBe(value);
});

import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { selfTestCommand } from './self-test.ts';

async function selfTest(...args: string[]) {
  const codes: number[] = [];
  const written: string[] = [];
  const program = new Command('rung').exitOverride();
  const io = {
    stdout: { write: (text: string) => written.push(text) > 0 },
    stderr: { write: () => true },
    environment: {},
    workingFolder: '.',
    onInterrupt: () => {},
  };
  selfTestCommand(program, io as unknown as Parameters<typeof selfTestCommand>[1], (code) => codes.push(code));
  await program.parseAsync(['self-test', ...args], { from: 'user' });
  return { written: written.join(''), codes };
}

describe('rung self-test', () => {
  it('prints a table of shares with their intervals, and what it means', async () => {
    const { written, codes } = await selfTest('--worlds', '50');
    expect(codes).toEqual([]);
    expect(written).toMatch(/every row {2}53\.0 % +\d+\.\d % \(\d+\.\d–\d+\.\d %\) +\d+\.\d % \(/);
    expect(written).toContain('50 simulated worlds');
    expect(written).toContain('So Rung may stop early.');
  });

  it('prints one document with --json, the same for the same seed', async () => {
    const { written } = await selfTest('--worlds', '30', '--seed', '5', '--json');
    const document = JSON.parse(written);
    expect(document).toMatchObject({ seed: 5, worlds: 30, rows: 1000, nominal: 0.05, held: true });
    expect(document.shares.map(({ looks }: { looks: number }) => looks)).toEqual([1, 5, 10, 1000]);
    expect((await selfTest('--worlds', '30', '--seed', '5', '--json')).written).toBe(written);
  });

  it.each([
    ['--worlds', '0'],
    ['--worlds', '1e9'],
    ['--worlds', '2000000'],
    ['--seed', '-1'],
    ['--seed', '99999999999'],
  ])('refuses %s %s', async (...args) => {
    await expect(selfTest(...args)).rejects.toMatchObject({ code: 'flag-unreadable', exitCode: 2 });
  });
});

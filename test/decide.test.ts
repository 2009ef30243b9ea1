import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { RungError } from '#core/errors.ts';
import { decideCommand } from '../src/cli/decide.ts';
import { taskFolder } from './task-folder.fixture.ts';

type Key = 'enter' | 'up' | 'interrupt' | (string & {});

const sequences: Readonly<Record<string, string>> = { enter: '\r', up: '\u001b[A', interrupt: '\u0003' };

/** Runs the command; `keys`, one list per question, are typed by a person at a terminal, `piped` is what stdin holds. */
async function decide(
  args: readonly string[],
  { keys, piped, workingFolder = process.cwd() }: { keys?: readonly (readonly Key[])[]; piped?: string; workingFolder?: string } = {},
) {
  const texts = { stdout: '', stderr: '' };
  const input = new PassThrough();
  let answered = 0;
  const written = (name: keyof typeof texts) => (chunk: Buffer, _encoding: BufferEncoding, done: () => void) => {
    texts[name] += chunk.toString();
    done();
    const asked = stripVTControlCharacters(texts.stderr)
      .match(/◆ {2}(\d+)\/15/g)
      ?.at(-1)
      ?.match(/\d+/)?.[0];
    if (keys === undefined || Number(asked ?? 0) <= answered) return;
    const typed = keys[answered] ?? ['enter'];
    answered += 1;
    setImmediate(() => {
      for (const key of typed) input.write(sequences[key] ?? key);
    });
  };
  if (keys !== undefined) Object.assign(input, { isTTY: true, setRawMode: () => input });
  if (piped !== undefined) input.end(piped);
  const stderr = Object.assign(new Writable({ write: written('stderr') }), { isTTY: keys !== undefined, columns: 100, rows: 40 });
  const io = {
    stdout: new Writable({ write: written('stdout') }),
    stderr,
    environment: {},
    workingFolder,
    onInterrupt: () => {},
  };
  const program = new Command().exitOverride();
  decideCommand(
    program,
    io,
    () => {},
    () => input as unknown as NodeJS.ReadStream,
  );
  let error: RungError | undefined;
  try {
    await program.parseAsync(['decide', ...args], { from: 'user' });
  } catch (thrown) {
    if (!RungError.is(thrown)) throw thrown;
    error = thrown;
  }
  return { ...texts, error };
}

const answers = {
  requestsPerMonth: 50_000,
  labelledExamples: 300,
  requirementChangesPerMonth: 0.5,
  publicFacing: true,
  consistency: 'critical',
  accuracyNeeded: 0.92,
  personas: null,
  knowledge: 'changing',
};

it('gives one verdict document for a file of answers', async () => {
  const folder = await taskFolder({ 'answers.json': JSON.stringify(answers) });
  const { stdout, error } = await decide(['--answers', 'answers.json', '--json'], { workingFolder: folder });
  expect(error).toBeUndefined();
  const verdict = JSON.parse(stdout);
  expect(verdict).toMatchObject({ schema: 'rung.verdict/1', status: 'prior', chosen: null, rungs: [] });
  expect(verdict.prior.map(({ answer }: { answer: string }) => answer)).toEqual([
    'fine-tune',
    'prompt',
    'prompt',
    'enough for a moderate task',
    'retrieval and fine-tune',
  ]);
  expect(verdict.assumptions).toContain('requestsPerMonth = 50000');
});

it('reads answers from standard input, and writes lines for people', async () => {
  const { stdout } = await decide(['--answers', '-'], { piped: JSON.stringify(answers) });
  expect(stdout).toContain('~ rules of thumb, nothing measured');
  expect(stdout).toContain('Flow chart (rule of thumb): prompt\n  300 labelled examples are under 500, so prompt.');
  expect(stdout).toMatch(/labelledExamples >= 500 \(now 300\)/);
  expect(stdout).toMatch(/→ .*rung climb/);
  expect(stdout).not.toContain('\u001b');
});

it.each([
  ['an unknown answer', '{\n "publicFacing": true,\n "requestPerMonth": 3 }', /requestPerMonth.*requestsPerMonth/s, 3],
  ['a share in per cent', '{"accuracyNeeded": 90}', /for 90 % write 0\.9/, 1],
  ['a share far out', '{"accuracyNeeded": 900}', /write 0\.9 for 90 %/, 1],
  ['a negative number', '{"labelledExamples": -1}', /labelledExamples.*0 or more/, 1],
  ['half a persona', '{"personas": 1.5}', /personas.*whole number/, 1],
  ['too large a number', '{"requestsPerMonth": 1e300}', /requestsPerMonth.*at most/, 1],
  ['a text for a number', '{"requestsPerMonth": "many"}', /requestsPerMonth.*expected a number/, 1],
  ['a text for yes', '{"publicFacing": "yes"}', /publicFacing.*true or false/, 1],
  ['a word that is none of the answers', '{"consistency": "vital"}', /nice, important or critical/, 1],
  ['a list', '[]', /expected an object with answers/, undefined],
  ['null', 'null', /expected an object with answers/, undefined],
  ['what is not JSON', '{', /not JSON.*requestsPerMonth/s, undefined],
])('%s is wrong input', async (_, content, sentence, line) => {
  const folder = await taskFolder({ 'answers.json': content });
  const { error, stdout } = await decide(['--answers', 'answers.json'], { workingFolder: folder });
  expect(`${error?.message} ${error?.hint}`).toMatch(sentence);
  expect(error).toMatchObject({ exitCode: 2, place: { file: join(folder, 'answers.json') } });
  expect(error?.place?.line).toBe(line);
  expect(stdout).toBe('');
});

it('says what is missing where there is no terminal and no file', async () => {
  expect((await decide([], { piped: '' })).error).toMatchObject({ code: 'answers-missing', exitCode: 2 });
  expect((await decide([], { piped: '' })).error?.hint).toContain('{"requestsPerMonth":50000');
  expect((await decide(['--answers', 'none.json'])).error).toMatchObject({ code: 'file-unreadable', exitCode: 2 });
});

it('asks one by one in a terminal, with what each answer means, and keeps the answers', async () => {
  const folder = await taskFolder({});
  const keys = [
    ['up', 'enter'],
    ['50,000', 'enter'],
    ['300', 'enter'],
    ['enter'],
    ['up', 'up', 'enter'],
    ['up', 'enter'],
    ['90', 'enter', '%', 'enter'],
  ];
  const { stdout, stderr, error } = await decide(['--save', 'answers.json', '--json'], { keys, workingFolder: folder });
  expect(error).toBeUndefined();
  const asked = stripVTControlCharacters(stderr);
  expect(asked).toContain('○ critical: a difference harms the brand');
  expect(asked).toContain('● I do not know');
  expect(asked).toContain('Expected a share from 0 to 1: for 90 % write 0.9.');
  const given = {
    prototype: false,
    requestsPerMonth: 50_000,
    labelledExamples: 300,
    publicFacing: true,
    consistency: 'critical',
    accuracyNeeded: 0.9,
  };
  expect(JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8'))).toEqual(given);
  expect(JSON.parse(stdout).assumptions).toHaveLength(Object.keys(given).length);
  const again = await decide(['--answers', 'answers.json', '--json'], { workingFolder: folder });
  expect(again.stdout).toBe(stdout);
});

it('ends with 130 at Ctrl-C, without an answer', async () => {
  const { error, stdout } = await decide([], { keys: [['enter'], ['5', 'interrupt']] });
  expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
  expect(stdout).toBe('');
});

import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const taskYaml = `name: colours
instructions: Say the colour.
output: { labels: [red, green] }
examples: examples.jsonl
models: { base: nano }
metrics: [accuracy, format]
goals: { accuracy: ">= 0.9" }
ladder: [distilled]
`;
const colours = ['red', 'green'] as const;
const words = ['alpha', 'bravo', 'carbon', 'delta', 'ember', 'fjord', 'garnet', 'hazel', 'indigo', 'jade', 'kelp', 'lava'];
const rows = Array.from({ length: 60 }, (_, i) => ({
  id: `e${i}`,
  input: `${words[i % 12]} ${words[(i * 5 + 3) % 12]} ${words[(i * 7) % 11]} number ${i} is ${colours[i % 2]} today`,
  expected: colours[i % 2],
}));
const good = jsonLines(rows);
const line4711 = `${jsonLines(Array.from({ length: 4710 }, (_, i) => ({ input: `row ${i}`, expected: colours[i % 2] })))}{"input": "broken\n`;

/** What is wrong, the files of the task, and what the sentence must name. */
const cases: readonly [what: string, files: Record<string, string>, names: RegExp][] = [
  ['an empty file', { 'examples.jsonl': '' }, /examples\.jsonl: .*no examples/],
  ['one example', { 'examples.jsonl': jsonLines(rows.slice(0, 1)) }, /examples\.jsonl: .*single example/],
  [
    'all one label',
    { 'examples.jsonl': jsonLines(rows.filter(({ expected }) => expected === 'red')) },
    /examples\.jsonl: .*label "red".*green/,
  ],
  [
    'a label not in the list',
    { 'examples.jsonl': good.replace('"expected":"green"', '"expected":"gren"') },
    /examples\.jsonl:2: .*"gren".*green/,
  ],
  ['malformed JSON on line 4,711', { 'examples.jsonl': line4711 }, /examples\.jsonl:4711: /],
  ['10 MB in one row', { 'examples.jsonl': `${good}{"input": "${'x'.repeat(1e7)}", "expected": "red"}\n` }, /examples\.jsonl:61: /],
  ['duplicate ids', { 'examples.jsonl': good.replace('"id":"e7"', '"id":"e3"') }, /examples\.jsonl:8: .*"e3".*4/],
  ['a missing file', {}, /examples\.jsonl/],
  [
    'an unknown model',
    { 'examples.jsonl': good, 'task.yaml': taskYaml.replace('nano', 'nonesuch/model').replace('[distilled]', '[zero-shot]') },
    /task\.yaml.*nonesuch/,
  ],
  [
    'an unknown rung',
    { 'examples.jsonl': good, 'task.yaml': taskYaml.replace('[distilled]', '[zero-short]') },
    /task\.yaml.*zero-short.*zero-shot/,
  ],
  [
    'a goal that does not parse',
    { 'examples.jsonl': good, 'task.yaml': taskYaml.replace('">= 0.9"', '"good"') },
    /task\.yaml(:7)?: .*accuracy.*good.*>= 0\.9/,
  ],
  ['YAML that does not parse', { 'examples.jsonl': good, 'task.yaml': `${taskYaml}models: [` }, /task\.yaml:\d+: /],
];

describe('bad input', () => {
  it.each(cases)('%s is a sentence with its place, exit 2, and nothing is written', async (_, files, names) => {
    const folder = await taskFolder({ 'task.yaml': taskYaml, ...files });
    const before = await readdir(folder);
    const { code, stdout, stderr } = await rung(['climb', folder]);
    expect(stderr).toMatch(names);
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('rung: ')),
    ).toHaveLength(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(await withoutState(folder)).toEqual(before);
  });

  it('with --json is one document on stdout', async () => {
    const folder = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': '' });
    const { code, stdout } = await rung(['climb', folder, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'rung.error/1',
      error: { code: 'examples-empty', place: { file: join(folder, 'examples.jsonl') } },
    });
  });

  it.each([['climb', '--budget', 'much'], ['climb', '--no-such-flag'], ['no-such-command'], ['climb', '--max-calls', '-1']])(
    '%s %s %s is wrong usage',
    async (...args) => {
      const { code, stderr } = await rung(args.filter((arg) => arg !== undefined));
      expect(code).toBe(2);
      expect(stderr).not.toBe('');
    },
  );

  it('a folder without a task says where it looked', async () => {
    const folder = await taskFolder({});
    const { code, stderr } = await rung(['climb', folder]);
    expect(code).toBe(2);
    expect(stderr).toContain('task.yaml');
  });

  it('a state folder that cannot be made leaves nothing half-written', async () => {
    const folder = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': good, '.rung': 'in the way' });
    const { code, stderr } = await rung(['climb', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written to/);
    expect(await readdir(folder)).toEqual(['.rung', 'examples.jsonl', 'task.yaml']);
  });

  it.skipIf(process.getuid?.() === 0)('a read-only task folder says so (skipped for root, who may write anywhere)', async () => {
    const folder = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': good });
    await chmod(folder, 0o555);
    try {
      const { code, stderr } = await rung(['climb', folder]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/cannot be written to/);
    } finally {
      await chmod(folder, 0o755);
    }
  });
});

describe('unusual but good input', () => {
  it('a byte-order mark, CRLF and blank lines are read as if they were not there', async () => {
    const plain = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': good });
    const windows = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': `\uFEFF${good.replaceAll('\n', '\r\n\r\n')}` });
    const verdicts = [];
    for (const folder of [plain, windows]) {
      const { code, stdout, stderr } = await rung(['climb', folder, '--json']);
      expect([0, 3, 4], stderr).toContain(code);
      const { criteria, rungs } = JSON.parse(stdout);
      verdicts.push({ criteria, accuracy: rungs[0].metrics.accuracy });
    }
    expect(verdicts[1]).toEqual(verdicts[0]);
  });
});

describe('a climb', () => {
  it('writes its record, resumes for nothing, and says when the criteria changed', async () => {
    const folder = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': good });
    const first = await rung(['climb', folder, '--json']);
    expect([0, 3, 4], first.stderr).toContain(first.code);
    expect(await withoutState(folder)).toEqual(['decision.json', 'decision.md', 'examples.jsonl', 'report.html', 'task.yaml']);
    const verdict = JSON.parse(first.stdout);
    expect(verdict).toMatchObject({ schema: 'rung.verdict/1', task: 'colours', criteria: { testLooks: 1, changed: false } });

    const second = JSON.parse((await rung(['climb', folder, '--json'])).stdout);
    expect({ ...second, spent: undefined }).toEqual({ ...verdict, spent: undefined });

    await writeFile(join(folder, 'task.yaml'), taskYaml.replace('0.9', '0.5'));
    const changed = await rung(['climb', folder, '--json']);
    expect(changed.code).toBe(7);
    expect(JSON.parse(changed.stdout).criteria.changed).toBe(true);
    const registered = await rung(['climb', folder, '--register', '--json']);
    expect(registered.code).not.toBe(7);
  });

  it('can be recorded anew from the store alone', async () => {
    const folder = await taskFolder({ 'task.yaml': taskYaml, 'examples.jsonl': good });
    await rung(['climb', folder]);
    await rm(join(folder, 'decision.md'));
    const { code } = await rung(['record', folder]);
    expect([0, 3, 4]).toContain(code);
    expect(await readdir(folder)).toContain('decision.md');
  });

  it('cannot be recorded before it was made', async () => {
    const folder = await taskFolder({ 'task.yaml': taskYaml.replace('[distilled]', '[zero-shot]'), 'examples.jsonl': good });
    const { code, stderr } = await rung(['record', folder]);
    expect(code).toBe(2);
    expect(stderr).toContain('Run rung climb first.');
  });
});

async function withoutState(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== '.rung').sort();
}

import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordCommand } from '../src/cli/record.ts';
import { rung } from './command-line.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const taskYaml = `name: colours
instructions: Say the colour.
output: { labels: [red, green] }
examples: examples.jsonl
models: { base: nano }
metrics: [accuracy, format]
goals: { accuracy: ">= 0.6" }
traffic: { requestsPerMonth: 20000 }
ladder: [distilled]
`;
const colours = ['red', 'green'] as const;
const words = ['alpha', 'bravo', 'carbon', 'delta', 'ember', 'fjord', 'garnet', 'hazel', 'indigo', 'jade', 'kelp', 'lava'];
const examples = Array.from({ length: 60 }, (_, i) => ({
  id: `e${i}`,
  input: `${words[i % 12]} ${words[(i * 5 + 3) % 12]} ${words[(i * 7) % 11]} number ${i} is ${colours[i % 2]} today`,
  expected: colours[i % 2],
}));

let climbed: string;

beforeAll(async () => {
  climbed = await mkdtemp(join(tmpdir(), 'rung-record-'));
  await writeFile(join(climbed, 'task.yaml'), taskYaml);
  await writeFile(join(climbed, 'examples.jsonl'), jsonLines(examples));
  const { code, stderr } = await rung(['climb', climbed]);
  expect(code, stderr).toBe(0);
});

afterAll(() => rm(climbed, { recursive: true, force: true }));

/** A folder of its own with the climbed task. */
async function climbedTask(): Promise<string> {
  const folder = await taskFolder({});
  await cp(climbed, folder, { recursive: true });
  return folder;
}

async function edit(folder: string, name: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(folder, name), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(folder, name), text.replace(from, to));
}

async function decisionOf(folder: string) {
  return JSON.parse(await readFile(join(folder, 'decision.json'), 'utf8'));
}

const volume = {
  id: 'volume-above',
  when: 'requestsPerMonth > 50000',
  condition: { figure: 'requestsPerMonth', operator: '>', bound: 50_000 },
  now: 20_000,
  fired: false,
  // biome-ignore lint/suspicious/noThenProperty: the verdict document names it so
  then: 'another rung becomes the cheapest',
};

describe('record show', () => {
  it('prints the decision for people and as it is', async () => {
    const folder = await climbedTask();
    const { code, stdout } = await rung(['record', 'show'], { workingFolder: folder });
    expect(code).toBe(0);
    for (const part of ['distilled', 'What would change this', 'accuracy < 0.6', 'Assumptions', '20,000 requests a month', 'Registered'])
      expect(stdout).toContain(part);
    expect(stdout).not.toMatch(/NaN|undefined/);
    const json = await rung(['record', 'show', folder, '--json']);
    expect(JSON.parse(json.stdout)).toEqual(await decisionOf(folder));
  });

  it('leaves rung record as it was', async () => {
    const folder = await climbedTask();
    await rm(join(folder, 'decision.md'));
    const { code, stdout } = await rung(['record', folder, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'rung.verdict/1', task: 'colours' });
    expect(await readFile(join(folder, 'decision.md'), 'utf8')).toContain('# Decision: colours');
  });
});

describe('record check', () => {
  it('passes where nothing moved, and says what it could not check', async () => {
    const folder = await climbedTask();
    const { code, stdout } = await rung(['record', 'check', folder, '--json']);
    expect(code, stdout).toBe(0);
    const check = JSON.parse(stdout);
    expect(check).toMatchObject({ schema: 'rung.check/1', task: 'colours', chosen: 'distilled', exit: 0, unused: [] });
    expect(check.registered.map(({ what, status }: Record<string, string>) => [what, status])).toEqual([
      ['criteria', 'same'],
      ['examples', 'same'],
      ['candidate', 'same'],
    ]);
    const byId = Object.fromEntries(check.triggers.map((trigger: { id: string }) => [trigger.id, trigger]));
    expect(byId['goal-accuracy']).toMatchObject({ fired: false, missing: true });
    expect(byId['new-rung']).toMatchObject({ fired: false, value: 0 });
    const lines = await rung(['record', 'check', folder]);
    expect(lines.stdout).toContain('The decision for distilled (colours) stands.');
    expect(lines.stdout).toContain('--set accuracy=');
  });

  it('exits 5 where a figure crosses its bound, supplied by flag, file or standard input', async () => {
    const folder = await climbedTask();
    expect((await rung(['record', 'check', folder, '--set', 'accuracy=0.61'])).code).toBe(0);
    const flag = await rung(['record', 'check', '--set', 'accuracy=0.59', folder]);
    expect(flag.code).toBe(5);
    expect(flag.stdout).toContain('a trigger fired');
    await writeFile(join(folder, 'figures.json'), '{"accuracy": 0.4, "driftScore": 0.1, "tickets": 7}');
    const file = await rung(['record', 'check', '--figures', 'figures.json', '--json'], { workingFolder: folder });
    expect(file.code).toBe(5);
    expect(JSON.parse(file.stdout)).toMatchObject({ exit: 5, unused: ['tickets'] });
    // a flag goes before the file
    expect((await rung(['record', 'check', folder, '--figures', join(folder, 'figures.json'), '--set', 'accuracy=0.9'])).code).toBe(0);
    expect(await checkWithInput(folder, '{"driftScore": 0.3}')).toBe(5);
    expect(await checkWithInput(folder, '{"driftScore": 0.2}')).toBe(0);
  });

  it("takes the task's traffic and the day as live figures", async () => {
    const folder = await climbedTask();
    const decision = await decisionOf(folder);
    const off = { ...volume, id: 'switch-off', condition: { figure: 'date', operator: '>=', bound: '2027-01-14' }, now: '2026-11-21' };
    await writeFile(join(folder, 'decision.json'), JSON.stringify({ ...decision, triggers: [volume, off] }));
    expect((await rung(['record', 'check', folder, '--today', '2027-01-13'])).code).toBe(0);
    expect((await rung(['record', 'check', folder, '--today', '2027-01-14'])).code).toBe(5);
    await edit(folder, 'task.yaml', '20000', '60000');
    const { code, stdout } = await rung(['record', 'check', folder, '--today', '2026-12-01']);
    expect(code).toBe(5);
    expect(stdout).toContain('requestsPerMonth > 50000 (now 60,000)');
  });

  it.each([
    ['a goal', (folder: string) => edit(folder, 'task.yaml', '>= 0.6', '>= 0.5'), /criteria: .*not those of the decision/],
    [
      'an example',
      (folder: string) => edit(folder, 'examples.jsonl', 'number 7 is', 'number 7 was'),
      /examples: .*not those of the decision/,
    ],
    ['the stored candidate', changeManifest, /candidate: the stored manifest is not that of c_/],
    ['an artefact', changeArtefact, /candidate: The artefact .* is missing or was changed/],
  ])('exits 7 where %s is another one, also where a trigger fired', async (_, change, sentence) => {
    const folder = await climbedTask();
    await change(folder);
    const { code, stdout } = await rung(['record', 'check', folder, '--set', 'accuracy=0.1']);
    expect(code).toBe(7);
    expect(stdout).toMatch(sentence);
    expect(stdout).toContain('a trigger fired');
  });

  it('needs no store, and makes none', async () => {
    const folder = await climbedTask();
    await rm(join(folder, '.rung'), { recursive: true });
    const { code, stdout } = await rung(['record', 'check', folder]);
    expect(code).toBe(0);
    expect(stdout).toContain('candidate: not checked');
    await expect(stat(join(folder, '.rung'))).rejects.toThrow('ENOENT');
  });

  it.each([
    [['--set', 'accuracy'], /"accuracy" is not a figure/],
    [['--set', 'accuracy=good'], /is not a figure/],
    [['--set', 'accuracy=2027-01-14'], /accuracy must be a number/],
    [['--today', 'tomorrow'], /"tomorrow" is not a date/],
    [['--figures', 'none.json'], /none\.json/],
  ])('refuses %j', async (flags, sentence) => {
    const { code, stderr } = await rung(['record', 'check', ...flags], { workingFolder: await climbedTask() });
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('record diff', () => {
  it('says what changed, and that nothing did', async () => {
    const folder = await climbedTask();
    const before = join(folder, 'before.json');
    await cp(join(folder, 'decision.json'), before);
    expect((await rung(['record', 'diff', before, folder])).stdout).toBe('Nothing changed.\n');
    const decision = await decisionOf(folder);
    await writeFile(join(folder, 'decision.json'), JSON.stringify({ ...decision, status: 'not-met', triggers: [volume] }));
    const { code, stdout } = await rung(['record', 'diff', before], { workingFolder: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('Status: met → not-met');
    expect(stdout).toContain('New triggers: volume-above');
    const json = JSON.parse((await rung(['record', 'diff', before, folder, '--json'])).stdout);
    expect(json).toMatchObject({ schema: 'rung.diff/1', same: false, status: { before: 'met', after: 'not-met' } });
  });
});

describe('a decision that is none', () => {
  it.each([
    ['absent', undefined, /decision\.json: There is no decision here yet.*rung climb/],
    ['cut off', '{"schema": "rung.ver', /decision\.json: .*not JSON/],
    ['of another kind', '{"schema": "rung.plan/1"}', /decision\.json: .*not a verdict document.*schema/],
    ['a list', '[]', /decision\.json: .*not a verdict document/],
    ['damaged within', 'damaged', /decision\.json: .*triggers\.0\.condition/],
  ])('%s is wrong input', async (_, content, sentence) => {
    const folder = await climbedTask();
    const damaged = JSON.stringify({ ...(await decisionOf(folder)), triggers: [{ ...volume, condition: 7 }] });
    if (content === undefined) await rm(join(folder, 'decision.json'));
    else await writeFile(join(folder, 'decision.json'), content === 'damaged' ? damaged : content);
    for (const command of [['show'], ['check'], ['diff', folder]]) {
      const { code, stderr } = await rung(['record', ...command], { workingFolder: folder });
      expect(code).toBe(2);
      expect(stderr).toMatch(sentence);
    }
  });
});

async function checkWithInput(folder: string, text: string): Promise<number> {
  let code = 0;
  const program = new Command('rung').exitOverride();
  const silent = { write: () => true } as unknown as NodeJS.WritableStream;
  const io = { stdout: silent, stderr: silent, environment: {}, workingFolder: folder, onInterrupt() {} };
  recordCommand(
    program,
    io,
    (value) => (code = value),
    () => Readable.from([text]) as unknown as NodeJS.ReadStream,
  );
  await program.parseAsync(['record', 'check', '--figures', '-'], { from: 'user' });
  return code;
}

async function changeManifest(folder: string): Promise<void> {
  const database = new Database(join(folder, '.rung', 'store.sqlite'));
  const changed = database.prepare(`update prepared set manifest = replace(manifest, '"name":"distilled"', '"name":"other"')`).run();
  expect(changed.changes).toBe(1);
  database.close();
}

async function changeArtefact(folder: string): Promise<void> {
  const home = join(folder, '.rung', 'artefacts');
  const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const { parentPath, name } of files) await writeFile(join(parentPath, name), 'other');
}

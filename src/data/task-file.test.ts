import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inputError, type RungError } from '#core/errors.ts';
import { defineProbe } from '#core/probe.ts';
import { findTask } from './find-task.ts';
import { loadTask } from './task-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-task-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const head = 'instructions: Say which team.\noutput: { labels: [billing, shipping] }\n';

async function put(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries({ 'examples.jsonl': '', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** A probe of a share and of a time, whose one option must be a number. */
const siege = defineProbe({
  id: 'siege',
  summary: '',
  measures: [
    { id: 'resistance', summary: '', better: 'higher' },
    { id: 'holdMs', summary: '', better: 'lower', unit: 'ms' },
    { id: 'format', summary: '', better: 'higher' },
  ],
  checkOptions({ days }) {
    if (days !== undefined && typeof days !== 'number')
      throw inputError({ code: 'days', message: 'The days are no number.', hint: 'Count.' });
  },
  run: () => Promise.reject(new Error('not here')),
});

async function load(yaml: string, files: Record<string, string> = {}) {
  await put({ 'task.yaml': yaml, ...files });
  return loadTask(folder, { environment: {}, probes: [siege] });
}

async function refusal(yaml: string, files: Record<string, string> = {}): Promise<RungError> {
  const error = await load(yaml, files).then(
    () => undefined,
    (thrown: RungError) => thrown,
  );
  if (error === undefined) throw new Error('The task was accepted.');
  expect(error).toMatchObject({ name: 'RungError', exitCode: 2, hint: expect.any(String) });
  return error;
}

describe('a task file', () => {
  test('gets the defaults for what it leaves out', async () => {
    const task = await load(head);
    expect(task).toMatchObject({
      output: { kind: 'labels', labels: ['billing', 'shipping'] },
      models: { base: 'nano' },
      metrics: ['accuracy', 'macroF1', 'format'],
      confidence: 0.95,
      traffic: { requestsPerMonth: 10_000, turns: 1, requirementChangesPerMonth: 0.5, horizonMonths: 12, publicFacing: false },
      minimumGain: 0.03,
      floor: 0.5,
      split: { train: 0.5, validation: 0.15, test: 0.35 },
      seed: 1,
    });
    expect(task.ladder.map(({ name, model }) => `${name}:${model}`)).toEqual(
      ['zero-shot', 'structured', 'few-shot', 'distilled', 'fine-tuned'].map((name) => `${name}:base`),
    );
    expect(task.generalFile).toBeUndefined();
    expect(folder.endsWith(task.name)).toBe(true);
  });

  test('names repeated rungs after their model, then by number', async () => {
    const task = await load(
      `${head}ladder: [few-shot, { rung: few-shot, model: strong, count: 4 }, { rung: few-shot, model: strong }, few-shot, { rung: zero-shot, name: first }]`,
    );
    expect(task.ladder.map(({ name }) => name)).toEqual(['few-shot', 'few-shot-strong', 'few-shot-strong-2', 'few-shot-2', 'first']);
    expect(task.ladder[1]).toMatchObject({ approach: 'few-shot', model: 'strong', options: { count: 4 } });
  });

  test('keeps clear of a name that a later entry is given', async () => {
    const task = await load(`${head}ladder: [zero-shot, { rung: few-shot, name: zero-shot }]`);
    expect(task.ladder.map(({ name }) => name)).toEqual(['zero-shot-2', 'zero-shot']);
  });

  test('reads a range as two goals', async () => {
    const { goals } = await load(`${head}goals: { accuracy: ">= 0.2 and <= 0.4" }`);
    expect(goals).toEqual([
      { measure: 'accuracy', operator: '>=', bound: 0.2 },
      { measure: 'accuracy', operator: '<=', bound: 0.4 },
    ]);
  });

  test('reads what things cost, how often to ask, and answers that people marked', async () => {
    const task = await load(
      `${head}metrics: [accuracy]\nrepeats: 3\ncosts: { wrongAnswer: 0.5, rungs: { fine-tuned: { hostingPerMonth: 200 } } }\ncalibration: { accuracy: marks.jsonl }`,
      { 'marks.jsonl': '{"judge": 1, "human": 0}\n{"judge": true, "human": "1"}\n' },
    );
    expect(task.repeats).toBe(3);
    expect(task.costs).toEqual({
      wrongAnswer: 0.5,
      label: 0,
      engineeringHour: 0,
      rungs: { 'fine-tuned': { engineeringHours: 0, hostingPerMonth: 200, maintenanceHoursPerMonth: 0, engineeringHoursPerChange: 0 } },
    });
    expect(task.calibration).toEqual({
      accuracy: [
        { judge: 1, human: 0 },
        { judge: 1, human: 1 },
      ],
    });
  });

  test('refuses a mark that is neither 0 nor 1, with its line', async () => {
    const error = await refusal(`${head}metrics: [accuracy]\ncalibration: { accuracy: marks.jsonl }`, {
      'marks.jsonl': '{"judge": 1, "human": 0}\n{"judge": 1, "human": 0.5}\n',
    });
    expect(error).toMatchObject({ code: 'calibration-unreadable', place: { line: 2 } });
  });

  test('reads goals on what probes measure, and their options; a metric of that name comes first', async () => {
    const goals = 'goals: { resistance: ">= 98%", holdMs: "<= 1500", format: ">= 0.9" }';
    const task = await load(`${head}${goals}\nprobes:\n  siege:\n`);
    expect(task.goals).toEqual([
      { measure: 'resistance', operator: '>=', bound: 0.98, probe: 'siege' },
      { measure: 'holdMs', operator: '<=', bound: 1500, probe: 'siege', unit: 'ms' },
      { measure: 'format', operator: '>=', bound: 0.9 },
    ]);
    expect(task.probes).toEqual({ siege: {} });
    expect((await load(`${head}probes: { siege: { days: 3 } }`)).probes).toEqual({ siege: { days: 3 } });
  });

  test('reads goals, providers, prices and the persona beside it', async () => {
    const task = await load(
      `${head}metrics: [accuracy]\ngoals: { accuracy: ">= 90%", latencyP95Ms: "<= 800" }\nproviders: { cheap: { kind: replay, file: a.csv, price: { perRequest: 0.0004 } }, replay: { file: b.csv } }\nprices: { nano: { inputPerMillion: 0.15 } }`,
      { 'persona.yaml': 'name: Coach\ntraits: brief\nvocabulary: { use: [focus] }\n', 'general.jsonl': '' },
    );
    expect(task.goals).toEqual([
      { measure: 'accuracy', operator: '>=', bound: 0.9 },
      { measure: 'latencyP95Ms', operator: '<=', bound: 800 },
    ]);
    expect(task.providers).toEqual({
      cheap: { kind: 'replay', price: { perRequest: 0.0004 }, settings: { file: 'a.csv' } },
      replay: { kind: 'replay', settings: { file: 'b.csv' } },
    });
    expect(task.persona).toEqual({
      name: 'Coach',
      role: '',
      traits: ['brief'],
      responsePattern: [],
      vocabulary: { use: ['focus'], avoid: [] },
      rules: [],
      examples: [],
    });
    expect(task.generalFile).toMatch(/general\.jsonl$/);
  });

  test('takes a schema from a file or as it is', async () => {
    const schema = { type: 'object', properties: { a: { enum: ['x'] } } };
    const inline = await load(`instructions: a\noutput: { schema: ${JSON.stringify(schema)} }`);
    const named = await load('instructions: a\noutput: { schema: form.json }', { 'form.json': JSON.stringify(schema) });
    expect(inline.output).toEqual({ kind: 'json', schema });
    expect(named.output).toEqual(inline.output);
  });

  test('hands on the values of task.ts, also from a function of the environment', async () => {
    await put({
      'task.ts': `export const model = { doGenerate() {} };
        export default ({ TEAM }) => ({
          name: TEAM, instructions: 'Say.', output: { text: true }, models: { base: model },
          metrics: [{ id: 'mine', score: () => ({ value: 1 }) }], goals: { mine: '>= 0.5' },
          ladder: [{ id: 'own', prepare() {} }, { rung: { id: 'own', prepare() {} }, depth: 2 }],
        });`,
    });
    const task = await loadTask(join(folder, 'task.ts'), { environment: { TEAM: 'blue' } });
    expect(task.name).toBe('blue');
    expect(task.models['base']).toHaveProperty('doGenerate');
    expect(task.metrics[0]).toMatchObject({ id: 'mine' });
    expect(task.ladder.map(({ name, options }) => [name, options])).toEqual([
      ['own', {}],
      ['own-2', { depth: 2 }],
    ]);
  });
});

test('task.ts is run by Node as TypeScript', async () => {
  await put({ 'task.ts': `const text: true = true;\nexport default { instructions: 'Say.' satisfies string, output: { text } };` });
  const door = new URL('./task-file.ts', import.meta.url).href;
  const script = `const { loadTask } = await import(${JSON.stringify(door)}); console.log((await loadTask(process.argv[1], { environment: {} })).output.kind);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, folder]);
  expect(stdout.trim()).toBe('text');
});

describe('a task file that does not fit is refused with its line:', () => {
  test.each([
    ['a misspelt key', `${head}gaols: { accuracy: ">= 0.9" }`, 3, /no key "gaols"/, /mean "goals"/],
    ['a misspelt key that is needed', 'instuctions: x\noutput: { text: true }', 1, /"instuctions"/, /"instructions"/],
    [
      'a misspelt inner key',
      `${head}traffic:\n  turns: 2\n  requestPerMonth: 5`,
      5,
      /"requestPerMonth" in "traffic"/,
      /"requestsPerMonth"/,
    ],
    ['a missing key', 'output: { text: true }', 1, /"instructions" is missing/, /Add it/],
    ['a wrong type', `${head}confidence: high`, 3, /"confidence" does not fit/, /"high"/],
    [
      'a label that YAML takes for a truth value',
      'instructions: x\noutput:\n  labels:\n    - true\n    - b',
      4,
      /"output.labels.0"/,
      /true/,
    ],
    ['a number out of range', `${head}\nconfidence: 95`, 4, /"confidence"/, /95/],
    ['a goal that cannot be read', `${head}goals:\n  format: ">= 0.9"\n  accuracy: about 0.9`, 5, /accuracy.*cannot be read/, />= 0.9/],
    ['a share above 1', `${head}goals:\n  accuracy: ">= 90"`, 4, /can never be met/, />= 0.9/],
    ['a probe that is none', `${head}probes:\n  seige: {}`, 4, /no probe named "seige"/, /mean "siege"/],
    ["a probe's option that does not fit", `${head}probes:\n  siege: { days: many }`, 4, /no number/, /Count/],
    ["a share of a probe's above 1", `${head}goals: { resistance: ">= 98" }`, 3, /can never be met/, />= 0.98/],
    ['a time below 0', `${head}goals: { latencyP95Ms: "<= -5" }`, 3, /can never be met/, /0 or more/],
    [
      'goals that contradict',
      `${head}goals: { accuracy: ">= 0.9 and <= 0.8" }`,
      3,
      /contradict each other: at least 0.9 and at most 0.8/,
      /Nothing can be both/,
    ],
    ['a horizon of 0', `${head}traffic: { horizonMonths: 0 }`, 3, /above 0/, /./],
    ['a negative price', `${head}prices: { nano: { inputPerMillion: -1 } }`, 3, /0 or more/, /./],
    ['a price of a wrong answer below 0', `${head}costs: { wrongAnswer: -1 }`, 3, /0 or more/, /./],
    [
      'costs of a rung that is not there',
      `${head}costs: { rungs: { few-shots: { hostingPerMonth: 5 } } }`,
      3,
      /"few-shots".*not on the ladder/,
      /"few-shot"/,
    ],
    ['no answer at all', `${head}repeats: 0`, 3, /1 to 20/, /./],
    ['a calibration of nothing', `${head}calibration: { style: c.jsonl }`, 3, /"style".*no metric/, /./],
    ['a goal about nothing', `${head}goals: { acuracy: ">= 0.9" }`, 3, /"acuracy"/, /"accuracy"/],
    ['a label twice', 'instructions: x\noutput:\n  labels:\n    - a\n    - b\n    - a', 6, /"a" is listed twice/, /Remove/],
    ['two outputs', 'instructions: x\noutput: { labels: [a, b], text: true }', 2, /exactly one/, /Write/],
    ['parts that are not one', `${head}split: { train: 0.5, validation: 0.2, test: 0.2 }`, 3, /add up to 1/, /0.2/],
    ['two rungs of one name', `${head}ladder:\n  - { rung: a, name: x }\n  - { rung: b, name: x }`, 5, /"x"/, /own name/],
    ['broken YAML', `${head}goals: { accuracy: ">= 0.9"`, 3, /YAML/, /Check/],
    ['a key of a service', `${head}providers:\n  mine:\n    apiKey: sk-secret`, 5, /keys are not written/, /environment/],
    ['a persona key', `${head}persona:\n  name: a\n  rulez: []`, 5, /"rulez"/, /"rules"/],
    ['a missing examples file', `${head}examples: exmples.jsonl`, 3, /examples file "exmples.jsonl" does not exist/, /Create/],
    ['a path that leads out', `${head}examples: ../other.jsonl`, 3, /leads out/, /Copy/],
    ['an absolute path that leads out', `${head}examples: /etc/passwd`, 3, /leads out/, /Copy/],
    ['a schema that is none', 'instructions: x\noutput: { schema: { type: thing } }', 2, /schema of the output/, /Correct/],
  ])('%s', async (_, yaml, line, message, hint) => {
    const error = await refusal(yaml);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.place).toEqual({ file: join(folder, 'task.yaml'), line });
  });

  test('and never repeats a secret', async () => {
    for (const provider of ['{ headers: { Authorization: Bearer sk-secret } }', 'sk-secret', '[sk-secret]', '{ kind: [sk-secret] }']) {
      const error = await refusal(`${head}providers:\n  mine: ${provider}`);
      expect(`${error.message} ${error.hint}`).not.toContain('sk-secret');
    }
  });

  test('a link that leads out of the folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'rung-outside-'));
    await writeFile(join(outside, 'secret.jsonl'), '{}');
    await symlink(join(outside, 'secret.jsonl'), join(folder, 'linked.jsonl'));
    const error = await refusal(`${head}examples: linked.jsonl`);
    await rm(outside, { recursive: true });
    expect(error.code).toBe('path-outside-task');
  });

  test('a task.ts that throws or exports nothing', async () => {
    await put({ 'task.ts': 'throw new Error("not today");' });
    await expect(loadTask(folder, { environment: {} })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('not today'),
    });
    await put({ 'task.ts': 'export const task = 1;' });
    await expect(loadTask(folder, { environment: {} })).rejects.toMatchObject({ exitCode: 2, code: 'task-unreadable' });
  });
});

describe('the task folder', () => {
  test('is found from any folder inside it', async () => {
    await put({ 'task.yaml': head, 'deep/er/note.txt': '' });
    expect(await findTask(join(folder, 'deep', 'er'))).toBe(folder);
  });

  test.each([
    ['is missing', 'none', /does not exist/],
    ['holds no task', '.', /neither task.yaml nor task.ts/],
    ['is a file of another kind', 'note.txt', /not a task file/],
  ])('is refused where it %s', async (_, path, message) => {
    await put({ 'note.txt': '' });
    await expect(loadTask(join(folder, path), { environment: {} })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
    await expect(findTask(folder)).rejects.toMatchObject({ exitCode: 2, code: 'task-missing' });
  });

  test('is refused where it holds two task files', async () => {
    await put({ 'task.yaml': head, 'task.ts': 'export default {}' });
    await expect(loadTask(folder, { environment: {} })).rejects.toMatchObject({ exitCode: 2, code: 'task-ambiguous' });
  });
});

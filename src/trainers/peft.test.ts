import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trainer, TrainerContext, TrainingEvent, TrainingJob, TrainingStatus } from '#core/trainer.ts';
import { peftTrainer } from './peft.ts';
import { judge } from './peft-story.ts';
import { type TrainerSubject, testTrainer } from './trainer-contract.fixture.ts';

const script = join(import.meta.dirname, 'peft-scripted.fixture.py');
const nano = { name: 'nano', kind: 'nano', model: '', settings: {} };
const { PATH = '', RUNG_PYTHON } = process.env;
const environment = { PATH };
const open = () => peftTrainer({ script, graceMs: 2_000 });

// past any launcher that stands for it, which takes longer to start than the script takes to run
const located = spawnSync('python3', ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'], { encoding: 'utf8' });
const python = located.status === 0 ? located.stdout.trim() : undefined;
const settings = { python: python ?? 'python3' };

async function scriptedSubject(): Promise<TrainerSubject> {
  return { trainer: open(), base: nano, settings, environment, close: async () => {} };
}

async function realSubject(): Promise<TrainerSubject> {
  return {
    trainer: peftTrainer(),
    base: nano,
    settings: { threads: 1 },
    environment: { PATH, RUNG_PYTHON: RUNG_PYTHON ?? '' },
    close: async () => {},
  };
}

const withPython = describe.skipIf(python === undefined);
withPython('with a scripted Python (skipped where python3 is absent)', () => testTrainer('peft', scriptedSubject));
describe.skipIf(!RUNG_PYTHON)(
  'with PyTorch, Transformers and PEFT (skipped where RUNG_PYTHON names no Python that has them)',
  { timeout: 300_000 },
  () => testTrainer('peft', realSubject),
);

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'rung-peft-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const row = (index: number) => ({
  messages: [
    { role: 'user' as const, content: `number ${index}` },
    { role: 'assistant' as const, content: 'yes' },
  ],
});

const job = (seed = 1, hyperparameters: TrainingJob['hyperparameters'] = {}): TrainingJob => ({
  method: 'supervised',
  train: Array.from({ length: 20 }, (_, index) => row(index)),
  validation: [row(21)],
  base: { model: 'nano' },
  hyperparameters: { epochs: 4, batchSize: 5, rank: 2, patience: 2, ...hyperparameters },
  seed,
});

let folders = 0;
const context = (changes: Partial<TrainerContext> = {}): TrainerContext => {
  const scratchFolder = join(scratch, `job-${++folders}`);
  let kept = 0;
  return {
    base: nano,
    settings,
    environment,
    taskFolder: scratch,
    scratchFolder,
    async keep(folder) {
      const id = (await readFile(join(folder, 'adapter_model.safetensors'), 'utf8')).slice(2, 12);
      await cp(folder, join(scratch, `kept-${id}-${++kept}`), { recursive: true });
      return id;
    },
    adapterFolder: async (artefact) => join(scratch, artefact),
    onEvent: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
};

async function ended(trainer: Trainer, asked: TrainingJob, given: TrainerContext): Promise<TrainingStatus> {
  const handle = await trainer.start(asked, given);
  for (;;) {
    const status = await trainer.poll(handle, { waitMs: 1_000 });
    if (status.state !== 'running') return status;
  }
}

const steps = (events: readonly TrainingEvent[] = []) => events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
const numbers = (to: number) => Array.from({ length: to }, (_, index) => index + 1);

withPython('a training process that does not end well', () => {
  it('goes on from its checkpoint when it was killed', async () => {
    const events: TrainingEvent[] = [];
    const status = await ended(open(), job(7), context({ onEvent: (event) => events.push(event) }));
    expect(status.state, status.error).toBe('succeeded');
    expect(steps(status.outcome?.events)).toEqual(numbers(16));
    expect(steps(events)).toEqual([1, 2, 3, 4, 5, 6, ...numbers(16).slice(4)]);
    expect(events).toContainEqual(expect.objectContaining({ message: expect.stringContaining('goes on from its last checkpoint') }));
    const whole = await ended(open(), job(1), context());
    expect(status.outcome?.model).toEqual(whole.outcome?.model);
  });

  it.each([
    ['dies at the same step again and again', 8, /ended without a result after step 6/],
    ['has no space', 11, /No space left/],
    ['dies before its first word', 12, /nothing works/],
  ])('fails with a sentence where it %s', async (_, seed, message) => {
    const status = await ended(open(), job(seed), context());
    expect(status).toMatchObject({ state: 'failed', error: expect.stringMatching(message), hint: expect.stringMatching(/\w+ \w+/) });
  });

  it('passes over what is no event, and says so once', async () => {
    const status = await ended(open(), job(9), context());
    expect(status.state).toBe('succeeded');
    expect(steps(status.outcome?.events)).toEqual(numbers(16));
    expect(status.outcome?.events.filter(({ type }) => type === 'message')).toHaveLength(1);
  });

  it('says that it is silent where it hangs, and ends it when asked', async () => {
    const trainer = peftTrainer({ script, graceMs: 2_000, quietMs: 100 });
    const warned = Promise.withResolvers<string>();
    const given = context({ onEvent: (event) => event.type === 'message' && warned.resolve(event.message) });
    const handle = await trainer.start(job(10), given);
    expect(await warned.promise).toMatch(/said nothing/);
    await trainer.cancel(handle);
    expect(await trainer.poll(handle, { waitMs: 0 })).toEqual({ state: 'cancelled' });
  });
});

withPython('checkpoints', () => {
  it('are judged by the metric, and training stops when patience ends', async () => {
    const metrics = [0.5, 0.7, 0.6, 0.7, 0.6, 0.6];
    const status = await ended(open(), job(1, { epochs: 6 }), context({ evaluate: async () => metrics.shift() as number }));
    // equal metrics are told apart by the loss: the fourth is the best so far
    expect(status.outcome?.bestStep).toBe(16);
    const falling = [0.9, 0.7, 0.6, 0.95];
    const early = await ended(open(), job(2, { epochs: 6 }), context({ evaluate: async () => falling.shift() as number }));
    expect(early.outcome?.bestStep).toBe(4);
    expect(steps(early.outcome?.events)).toEqual(numbers(12));
    expect(falling).toEqual([0.95]);
  });

  it('are sampled: the answers of the best one come with the result', async () => {
    const given = context({ evaluate: async ({ adapter }) => Number(adapter) });
    const { outcome } = await ended(open(), job(), given);
    expect(outcome?.samples).toEqual([
      {
        ...{ messages: [{ role: 'user', content: 'number 21' }], text: `${0.9 * 0.9 * 0.9 * 0.9}` },
        ...{ logProbability: -1, tokens: 2, margin: 0.5 },
      },
    ]);
  });
});

/** Watches a job and prints the type of every event, to be killed while it does. */
const watching = `
  import { peftTrainer } from ${JSON.stringify(join(import.meta.dirname, 'peft.ts'))};
  const { script, job, ...folders } = JSON.parse(process.argv[1]);
  const trainer = peftTrainer({ script });
  const handle = await trainer.start(job, {
    ...folders,
    base: { name: 'nano', kind: 'nano', model: '', settings: {} },
    environment: process.env,
    signal: new AbortController().signal,
    // never done: what this watcher did not judge is left to the next
    keep: () => new Promise(() => {}),
    onEvent: ({ type }) => process.stdout.write(type + '\\n'),
  });
  while ((await trainer.poll(handle, { waitMs: 1000 })).state === 'running');`;

withPython('a watcher that is gone', () => {
  it('changes nothing: whoever starts the job again hears the whole story', async () => {
    const given = context({ evaluate: async ({ adapter }) => Number(adapter) });
    const whole = await ended(open(), job(13), { ...given, scratchFolder: join(scratch, 'whole') });

    const plan = { script, job: job(13), scratchFolder: given.scratchFolder, taskFolder: scratch, settings };
    const watcher = spawn(process.execPath, ['--input-type=module', '-e', watching, JSON.stringify(plan)]);
    let told = 0;
    for await (const line of createInterface(watcher.stdout)) if (line === 'step' && ++told === 3) watcher.kill('SIGKILL');
    expect(told).toBeGreaterThanOrEqual(3);
    expect(told).toBeLessThan(16);

    const status = await ended(open(), job(13), given);
    expect(status.state, status.error).toBe('succeeded');
    expect(status.outcome?.events).toEqual(whole.outcome?.events);
    expect(status.outcome?.model).toEqual(whole.outcome?.model);
  });

  it('can be asked by another process, which can end the job too', async () => {
    const events = Promise.withResolvers<void>();
    const watching = open();
    const handle = await watching.start(job(10), context({ onEvent: () => events.resolve() }));
    await events.promise;
    const other = open();
    expect(await other.poll(handle, { waitMs: 0 })).toEqual({ state: 'running' });
    await other.cancel(handle);
    expect(await other.poll(handle, { waitMs: 0 })).toMatchObject({ state: 'failed' });
    expect(await watching.poll(handle, { waitMs: 10_000 })).toMatchObject({ state: 'cancelled' });
  });

  it('finds a job that has ended without starting it again', async () => {
    const given = context();
    const first = await ended(open(), job(), given);
    const [name = ''] = await readdir(given.scratchFolder);
    const folder = join(given.scratchFolder, name);
    const { mtimeMs } = await stat(join(folder, 'process.pid'));
    const again = await ended(open(), job(), given);
    expect(again).toEqual(first);
    expect((await stat(join(folder, 'process.pid'))).mtimeMs).toBe(mtimeMs);
  });
});

withPython('what is looked at before a job begins', () => {
  const check = (asked: TrainingJob, changes: Partial<TrainerContext> = {}) => open().check?.(asked, context(changes));

  it('is fine with a job that is', async () => {
    await expect(check(job())).resolves.toBeUndefined();
    expect(await open().estimate?.(job(), context())).toMatchObject({ tokens: 800, cost: 0 });
    expect(await open().renderFirstRow?.(job(), context())).toEqual([{ text: 'yes', learnt: true }]);
  });

  it.each([
    ['no Python', { settings: { python: './python3' } }, /no Python at/],
    ['something that is no Python', { settings: { python: '/bin/rm' } }, /not the name of a Python/],
    ['a Python outside the task', { settings: { python: '../python3' } }, /leads out/],
    ['neither uv nor Python', { settings: {}, environment: { PATH: '/nowhere' } }, /Neither uv nor Python/],
    ['an unknown setting', { settings: { gpu: true } }, /trainer peft do not fit/],
  ])('refuses %s with a way out', async (_, changes, message) => {
    await expect(check(job(), changes)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w+ \w+/),
    });
  });

  it('passes on what the program refuses', async () => {
    await expect(check({ ...job(), train: [] } as TrainingJob)).rejects.toMatchObject({
      code: 'peft-rows',
      message: 'There are no training rows.',
      hint: 'Give at least one.',
    });
    await expect(check(job(12))).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('nothing works') });
  });

  it('refuses a base that is neither a folder nor a name', async () => {
    const base = { name: 'small', kind: 'transformers', model: '', settings: { model: 'no folder' } };
    await expect(check(job(), { base })).rejects.toMatchObject({ exitCode: 2, code: 'unknown-model' });
    await writeFile(join(scratch, 'config.json'), '{}');
    await expect(check(job(), { base: { ...base, settings: { model: '.' } } })).resolves.toBeUndefined();
  });

  it('starts one Python for a check and for the figures of the same job', async () => {
    const starts = join(scratch, 'starts');
    await writeFile(join(scratch, 'python3'), `#!/bin/sh\necho x >> '${starts}'\nexec '${python}' "$@"\n`, { mode: 0o755 });
    const once = context({ settings: { python: './python3' } });
    const [trainer, asked] = [open(), job()];
    await trainer.check?.(asked, once);
    await trainer.estimate?.(asked, once);
    expect(await readFile(starts, 'utf8')).toBe('x\n');
    await trainer.estimate?.(job(), once);
    expect(await readFile(starts, 'utf8')).toBe('x\nx\n');
  });
});

withPython('what a base’s entry says to its chat template', () => {
  it('stands in the job, and makes it another one', async () => {
    const jobs = async (more: object) => {
      const base = { name: 'small', kind: 'transformers', model: 'some/small', settings: { revision: 'v1', ...more } };
      const given = context({ base });
      expect(await ended(open(), job(), given)).toMatchObject({ state: 'succeeded' });
      const [folder = ''] = await readdir(given.scratchFolder);
      return { folder, base: JSON.parse(await readFile(join(given.scratchFolder, folder, 'job.json'), 'utf8')).base };
    };
    const told = { chatTemplate: { enable_thinking: false }, today: '2026-03-01' };
    const [plain, switched] = [await jobs({}), await jobs(told)];
    expect(plain.base).toEqual({ name: 'small', model: 'some/small', revision: 'v1' });
    expect(switched.base).toEqual({ ...plain.base, ...told });
    expect(switched.folder).not.toBe(plain.folder);
    const base = { name: 'small', kind: 'transformers', model: 'some/small', settings: { today: 'yesterday' } };
    await expect(open().start(job(), context({ base }))).rejects.toMatchObject({ exitCode: 2, code: 'chat-template' });
  });
});

it('knows the better checkpoint by the metric, then by the loss, then by being later', () => {
  const evaluation = (step: number, more: object) => ({ type: 'evaluation' as const, step, best: false, ...more });
  expect(judge([], 1)).toEqual({ best: undefined, goOn: true });
  const cases: [object[], number, boolean][] = [
    [[{ metric: 0.5 }, { metric: 0.6 }], 2, true],
    [[{ metric: 0.6 }, { metric: 0.5 }, { metric: 0.6 }], 1, false],
    [[{ validationLoss: 1 }, { validationLoss: 2 }], 1, true],
    [[{}, {}, {}], 3, true],
  ];
  for (const [told, best, goOn] of cases) {
    const result = judge(
      told.map((more, index) => evaluation(index + 1, more)),
      2,
    );
    expect([result.best?.step, result.goOn]).toEqual([best, goOn]);
  }
});

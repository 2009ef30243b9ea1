import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTaskJobs } from '../src/jobs/jobs.ts';
import { makeTinyModel } from '../src/nano/tiny-model.fixture.ts';
import { rung } from './command-line.fixture.ts';
import { row, smallTask as taskOn, usualRows as usual, type Written } from './tune-task.fixture.ts';

let model: string;
beforeAll(async () => {
  model = (await makeTinyModel()).folder;
});
afterAll(() => rm(model, { recursive: true, force: true }));

const smallTask = (written?: Written) => taskOn(model, written);

interface Printed {
  readonly job: string;
  readonly candidate: string;
  readonly status: string;
  readonly steps: readonly { readonly step: number; readonly trainLoss?: number }[];
  readonly guards: readonly { readonly id: string; readonly status: string }[];
}

const printed = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as Printed;
const recordOf = async (folder: string, job: string) => JSON.parse(await readFile(join(folder, '.rung/jobs', job, 'job.json'), 'utf8'));

/** A tune that goes on until somebody ends it. */
const endless = ['--epochs', '100', '--batch-size', '1', '--patience', '1000'];

async function startEndless(folder: string): Promise<{ job: string; pid: number }> {
  const { job } = printed(await rung(['tune', 'start', folder, '--detach', '--json', ...endless]));
  const events = join(folder, '.rung/jobs', job, 'events.jsonl');
  while (!(await readFile(events, 'utf8').catch(() => '')).includes('"step":3')) await sleep(20);
  const { pid } = JSON.parse(await readFile(join(folder, '.rung/jobs', job, 'holder.json'), 'utf8')) as { pid: number };
  return { job, pid };
}

it('tunes, shows what it did, and a later run of the rung finds the candidate', async () => {
  const folder = await smallTask();
  const started = await rung(['tune', 'start', folder, '--json']);
  expect(started, started.stderr).toMatchObject({ code: 0 });
  const document = printed(started);
  expect(document).toMatchObject({
    ...{ job: expect.stringMatching(/^ft_[0-9a-f]{12}$/), trainer: 'nano', status: 'succeeded', model: 'tiny', base: 'tiny' },
    ...{ rung: 'fine-tuned', rows: { train: 24, validation: 8 }, hyperparameters: { epochs: 1, rank: 2 } },
    ...{ best: { step: expect.any(Number) }, guards: [], spent: { dollars: 0, calls: expect.any(Number) } },
  });
  expect(document.steps.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(document.steps.at(-1)).toMatchObject({ trainLoss: expect.any(Number), metrics: { accuracy: expect.any(Number) } });
  expect(started.stderr).toMatch(
    /step 3 of 3, epoch 1, training loss [\d.]+, validation loss [\d.]+, accuracy [\d.]+ % on 8 validation rows/,
  );

  const measured = JSON.parse((await rung(['eval', folder, '--json'])).stdout) as { rungs: { candidate: string }[] };
  expect(measured.rungs[0]?.candidate).toBe(document.candidate);
  expect(JSON.parse((await rung(['tune', 'list', folder, '--json'])).stdout).jobs).toMatchObject([
    { job: document.job, status: 'succeeded', running: false },
  ]);
  const watched = await rung(['tune', 'watch', '--task', folder, '--json']);
  expect(watched.code).toBe(0);
  expect(printed(watched).steps).toEqual(document.steps);

  const shown = await rung(['tune', 'show', document.job.slice(3, 8), '--task', folder]);
  expect(shown.stdout).toMatch(/First row: [45] of \d+ tokens are learnt/);
  expect(shown.stdout).toMatch(/number \d+<\|end\|><\|assistant\|>⟦ (yes|no)<\|end\|>⟧/);
  expect(shown.stdout).toContain('training loss');
});

it('holds the model against the guards, and the exit code says what they found', async () => {
  const folder = await smallTask({ kept: ['quality'] });
  const ended = await rung(['tune', 'start', folder, '--json']);
  const { job, guards: found } = printed(ended);
  const [quality] = found;
  expect(quality).toMatchObject({ id: 'quality', why: expect.stringMatching(/\w+ \w+/) });
  expect(ended.code).toBe(quality?.status === 'undecided' ? 4 : 0);
  const watched = await rung(['tune', 'watch', '--task', folder, '--json']);
  expect([watched.code, printed(watched).guards]).toEqual([ended.code, found]);
  const because = { id: 'quality', why: 'It lost 30 points.', blocks: true, suggestions: ['train for fewer epochs'] };
  for (const [status, code] of [['failed', 3] as const, ['undecided', 4] as const, ['passed', 0] as const]) {
    await openTaskJobs(folder).change(job, { guards: [{ ...because, status }] });
    const again = await rung(['tune', 'watch', '--task', folder]);
    expect([again.code, again.stdout.includes('train for fewer epochs')]).toEqual([code, code !== 0]);
    expect(again.stdout).toContain('It lost 30 points.');
  }
});

it('a killed trainer says how to go on, and goes on where it was', async () => {
  const folder = await smallTask();
  const { job, pid } = await startEndless(folder);
  process.kill(pid, 'SIGKILL');
  while ((await rung(['tune', 'list', folder])).stdout.includes('running')) await sleep(50);
  expect((await rung(['tune', 'list', folder])).stdout).toMatch(/ft_\w+ +stopped/);
  const watched = await rung(['tune', 'watch', job, '--task', folder]);
  expect([watched.code, watched.stderr]).toEqual([1, expect.stringContaining('nobody works on it. Run the same rung tune start')]);
  const before = (await recordOf(folder, job)) as { startedAt: number };

  // Ctrl-C ends the watching and not the tune
  let interrupt = () => {};
  const watching = rung(['tune', 'start', folder, '--json', ...endless], { onInterrupt: (listener) => (interrupt = listener) });
  while (!(await rung(['tune', 'list', folder])).stdout.includes('running')) await sleep(50);
  await sleep(300);
  interrupt();
  expect(await watching).toMatchObject({ code: 130, stderr: expect.stringContaining('No longer watched; the tune goes on.') });
  expect((await rung(['tune', 'list', folder])).stdout).toContain('running');

  const cancelled = await rung(['tune', 'cancel', job.slice(0, 6), '--task', folder, '--json']);
  expect([cancelled.code, JSON.parse(cancelled.stdout)]).toEqual([0, { job, status: 'cancelled' }]);
  expect(await recordOf(folder, job)).toMatchObject({ state: 'cancelled', startedAt: before.startedAt });
  const steps = printed(await rung(['tune', 'show', job, '--task', folder, '--json'])).steps.map(({ step }) => step);
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  expect((await rung(['tune', 'cancel', job, '--task', folder])).stderr).toContain('has ended already');
});

it('a job that nobody runs is cancelled here', async () => {
  const folder = await smallTask();
  const jobs = openTaskJobs(folder);
  const turns = [
    { role: 'user' as const, content: 'one?' },
    { role: 'assistant' as const, content: 'yes' },
  ];
  const train = Array.from({ length: 12 }, () => ({ messages: turns }));
  const asked = { method: 'supervised' as const, base: { model: 'tiny' }, train, validation: [], hyperparameters: { epochs: 50 }, seed: 1 };
  const { id } = await jobs.create(asked, { trainer: 'nano' });
  await jobs.change(id, { state: 'running', handle: { trainer: 'nano', job: 'killed' } });
  expect((await rung(['tune', 'list', folder])).stdout).toMatch(/ft_\w+ +stopped/);
  expect((await rung(['tune', 'cancel', id, '--task', folder])).stdout).toBe(`${id} is cancelled.\n`);
});

it('a dry run trains nothing and says what would be trained', async () => {
  const folder = await smallTask();
  const { code, stdout } = await rung(['tune', 'start', folder, '--dry-run', '--json']);
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    { training: { trainer: 'nano', base: 'tiny', rows: { train: 24, validation: 8 }, dollars: 0 } },
  ]);
  expect((await rung(['tune', 'list', folder])).stdout).toContain('No training job yet');
});

const long = { ...row(1), input: 'very '.repeat(200) };
interface Wrong {
  readonly written?: Written;
  readonly flags?: readonly string[];
  readonly says: RegExp;
  prepare?(folder: string): Promise<unknown>;
  /** Where a dry run does not come so far. */
  readonly started?: boolean;
}

const wrong: Record<string, Wrong> = {
  'a row longer than the context': {
    written: { rows: [...usual, long] },
    says: /320|context/,
  },
  'one class only': {
    written: { rows: usual.map((each) => ({ ...each, expected: each.split === 'train' ? 'yes' : each.expected })) },
    says: /training row has the label "yes".* Add rows with the other labels: no/,
  },
  'fewer than ten rows': {
    written: { rows: usual.map((each, index) => ({ ...each, split: index < 9 ? 'train' : 'test' })) },
    says: /at least 10 training examples.*there are 9/,
    started: true,
  },
  'a base without a chat template': {
    prepare: (folder) => rm(join(folder, 'model', 'chat_template.jinja')),
    says: /chat_template/,
  },
  'a state folder that cannot be written': {
    prepare: (folder) => writeFile(join(folder, '.rung'), ''),
    says: /folder|written/,
    started: true,
  },
  'no Python for peft': {
    flags: ['--trainer', 'peft'],
    written: { more: 'trainers: { peft: { python: no/such/python } }' },
    says: /[Pp]ython/,
  },
  'four bits without a GPU': { flags: ['--quantization', 'nf4'], says: /full precision.*GPU/ },
  'an unknown trainer': { flags: ['--trainer', 'nobody'], says: /no trainer named "nobody".* Known are: .*nano/ },
  'an unknown rung': { flags: ['--rung', 'nothing'], says: /no rung named "nothing"/ },
  'an option out of bounds': { flags: ['--epochs', '0'], says: /epochs/ },
  'an unreadable number': { flags: ['--learning-rate', 'fast'], says: /--learning-rate: "fast" is not a number above 0. Write it as/ },
};

for (const [name, { written, flags = [], says, prepare, started = false }] of Object.entries(wrong)) {
  it(`says what is wrong and what to do: ${name}`, async () => {
    const folder = await smallTask(written);
    await prepare?.(folder);
    const { code, stdout, stderr } = await rung(['tune', 'start', folder, ...flags, ...(started ? [] : ['--dry-run'])]);
    expect(stderr).toMatch(says);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(/\n {4}at |undefined|NaN/);
  });
}

it('an unknown job is answered with those there are', async () => {
  const folder = await smallTask();
  expect(await rung(['tune', 'show', 'ft_1', '--task', folder])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no training job here. Start one'),
  });
  expect((await rung(['tune', 'watch', '--task', folder])).code).toBe(2);
});

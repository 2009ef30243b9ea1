import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTaskJobs } from '../src/jobs/jobs.ts';
import { makeTinyModel } from '../src/nano/tiny-model.fixture.ts';
import { plainText } from '../src/report/number-text.ts';
import { rung } from './command-line.fixture.ts';
import { smallTask as taskOn } from './tune-task.fixture.ts';

let model: string;
beforeAll(async () => {
  model = (await makeTinyModel()).folder;
});
afterAll(() => rm(model, { recursive: true, force: true }));

const smallTask = (more = '') => taskOn(model, { epochs: 2, more });

it('sweeps settings under one budget and tunes the best to its end', async () => {
  const folder = await smallTask();
  const { code, stdout, stderr } = await rung([
    'tune',
    'start',
    folder,
    '--json',
    '--sweep',
    'learning-rate=1e-4,1e-2',
    '--sweep',
    'rank=1,2',
  ]);
  expect(code, stderr).toBe(0);
  const { sweep, hyperparameters, status } = JSON.parse(stdout);
  expect(status).toBe('succeeded');
  expect(sweep).toHaveLength(4);
  expect(hyperparameters).toMatchObject(sweep[0].settings);
  expect(sweep.map(({ dropped }: { dropped?: number }) => dropped ?? 0)).toEqual([0, 2, 1, 1]);
  const { stdout: listed } = await rung(['tune', 'list', folder]);
  for (const { settings } of sweep) expect(listed).toContain(`learningRate ${plainText(settings.learningRate)}, rank ${settings.rank}`);
  const { jobs } = JSON.parse((await rung(['tune', 'list', folder, '--json'])).stdout);
  expect(jobs.map(({ running }: { running: boolean }) => running)).toEqual([false, false, false, false]);
});

it('ranks a sweep that is asked for again as it did, and trains nothing', async () => {
  const folder = await smallTask();
  const asked = ['tune', 'start', folder, '--json', '--sweep', 'learning-rate=1e-4,1e-2', '--sweep', 'rank=1,2'];
  const first = JSON.parse((await rung(asked)).stdout);
  const told = async () => {
    const jobs = openTaskJobs(folder);
    return Promise.all((await jobs.list()).map(async ({ id }) => [id, (await jobs.events(id)).length]));
  };
  const before = await told();
  const again = await rung(asked);
  expect(JSON.parse(again.stdout)).toMatchObject({ sweep: first.sweep, job: first.job, adapter: first.adapter });
  expect(before.length).toBe(4);
  expect(await told()).toEqual(before);
});

it('refuses a sweep over what cannot be swept, and one that is too large', async () => {
  const folder = await smallTask();
  const over = await rung(['tune', 'start', folder, '--sweep', 'trainer=1']);
  expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('cannot be swept')]);
  const many = Array.from({ length: 65 }, (_, index) => 1 + index).join(',');
  const large = await rung(['tune', 'start', folder, '--sweep', `rank=${many}`]);
  expect([large.code, large.stderr]).toEqual([2, expect.stringContaining('64 are the most')]);
});

it('writes the folder for another program, and takes in what comes back', async () => {
  const folder = await smallTask('trainers: { adapter: { folder: adapters/back } }');
  const exported = await rung(['tune', 'export', folder, '--for', 'llama-factory', '--json']);
  expect(exported.code, exported.stderr).toBe(0);
  expect(JSON.parse(exported.stdout)).toMatchObject({ program: 'llama-factory', rows: { train: 24, validation: 8 } });
  const lines = (await readFile(join(folder, 'tune-llama-factory/train.jsonl'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(24);
  expect(JSON.parse(lines[0]!).messages.at(-1)).toMatchObject({ role: 'assistant' });
  const again = await rung(['tune', 'export', folder, '--for', 'llama-factory']);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('nothing is written over')]);

  const tuned = JSON.parse((await rung(['tune', 'start', folder, '--json'])).stdout);
  const artefact = join(folder, '.rung/artefacts', tuned.adapter);
  const imported = await rung(['tune', 'import', artefact, folder, '--name', 'back', '--json']);
  expect(imported.code, imported.stderr).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({ folder: 'adapters/back', source: 'peft' });
  const taken = await rung(['tune', 'start', folder, '--trainer', 'adapter', '--json']);
  expect(taken.code, taken.stderr).toBe(0);
  expect(JSON.parse(taken.stdout)).toMatchObject({ trainer: 'adapter', status: 'succeeded', adapter: tuned.adapter });

  await writeFile(
    join(folder, 'adapters/back/adapter_config.json'),
    JSON.stringify({ peft_type: 'LORA', base_model_name_or_path: 'Qwen/Qwen3' }),
  );
  const other = await rung(['tune', 'start', folder, '--trainer', 'adapter']);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('was trained on Qwen/Qwen3')]);
});

it('says what an import lacks', async () => {
  const folder = await smallTask();
  const none = await rung(['tune', 'import', folder, folder]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('holds no adapter')]);
});

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTinyModel } from '../src/nano/tiny-model.fixture.ts';
import { rung } from './command-line.fixture.ts';
import { row, smallTask, usualRows } from './tune-task.fixture.ts';

let model: string;
beforeAll(async () => {
  model = (await makeTinyModel()).folder;
});
afterAll(() => rm(model, { recursive: true, force: true }));

const tooLong = { ...row(3), input: 'x'.repeat(400) };

it('names a row that is too long by the line of its file, before anything is trained and in the record', async () => {
  const folder = await smallTask(model, { rows: usualRows.map((each, index) => (index === 3 ? tooLong : each)) });
  const file = join(folder, 'examples.jsonl');
  // a blank line: lines are those of the file, not the rows' numbers
  await writeFile(file, (await readFile(file, 'utf8')).replace('\n', '\n\n'));
  for (const flags of [['--dry-run'], []]) {
    const { code, stdout } = await rung(['tune', 'start', folder, '--json', ...flags]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        ...{ code: 'training-rows', place: { file, line: 5 } },
        message: expect.stringMatching(/^This training row has 4\d\d tokens; the model reads 320/),
      },
    });
  }
  const shown = await rung(['tune', 'show', '--task', folder, '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('examples.jsonl:5: This training row has') },
  });
});

it('names a general row by its own file', async () => {
  const general = {
    messages: [
      { role: 'user', content: 'y'.repeat(400) },
      { role: 'assistant', content: 'no' },
    ],
  };
  const folder = await smallTask(model);
  await writeFile(
    join(folder, 'general-rows.jsonl'),
    `${JSON.stringify({
      messages: [
        { role: 'user', content: 'z' },
        { role: 'assistant', content: 'w' },
      ],
    })}\n${JSON.stringify(general)}\n`,
  );
  const file = join(folder, 'task.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('batchSize: 8,', 'batchSize: 8, mix: { file: general-rows.jsonl, share: 0.3 },'),
  );
  const { stderr } = await rung(['tune', 'start', folder, '--dry-run']);
  expect(stderr).toContain('general-rows.jsonl:2: This training row has');
});

it('cancels what is at work without its name, and says so where nothing is', async () => {
  const folder = await smallTask(model);
  const none = await rung(['tune', 'cancel', '--task', folder]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('There is no training job here.')]);
  const endless = ['--epochs', '100', '--batch-size', '1', '--patience', '1000'];
  const { job } = JSON.parse((await rung(['tune', 'start', folder, '--detach', '--json', ...endless])).stdout) as { job: string };
  const cancelled = await rung(['tune', 'cancel', '--task', folder, '--json']);
  expect(JSON.parse(cancelled.stdout)).toEqual({ job, status: 'cancelled' });
});

it('does not stumble over what a broken disk left of a run', async () => {
  const folder = await smallTask(model);
  const first = await rung(['tune', 'start', folder, '--json']);
  expect(first.code).toBe(0);
  const tunes = join(folder, '.rung/tunes');
  for (const name of await readdir(tunes)) {
    for (const file of ['outcome.json', 'doing.json', 'request.json']) await writeFile(join(tunes, name, file), '{"ha');
  }
  await mkdir(join(tunes, 'tune_garbage'), { recursive: true });
  const again = await rung(['tune', 'start', folder, '--json']);
  expect([again.code, JSON.parse(again.stdout).job]).toEqual([0, JSON.parse(first.stdout).job]);
});

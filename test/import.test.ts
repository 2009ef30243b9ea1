import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { jobIn, jsonLines, type Served, served, type TinyPlugins, tinyPlugins, uploaded } from '../src/gateway/gateway.fixture.ts';
import { rung } from './command-line.fixture.ts';

const key = 'sk-test-0123456789abcdef';
const system = { role: 'system', content: 'Is it a fruit or an animal?' };
const row = (index: number) => ({
  messages: [system, { role: 'user', content: `thing ${index}` }, { role: 'assistant', content: index % 2 ? 'animal' : 'fruit' }],
});

async function workFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-import-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ '.env': `OPENAI_API_KEY=${key}\n`, ...files })) await writeFile(join(folder, name), text);
  return folder;
}

describe('from an API', () => {
  let plugins: TinyPlugins;
  let server: Served;
  let job: Awaited<ReturnType<typeof jobIn>>;
  beforeAll(async () => {
    plugins = await tinyPlugins();
    server = await served(plugins, { key });
    const training_file = await uploaded(server.client, jsonLines(20, row));
    const validation_file = await uploaded(
      server.client,
      jsonLines(6, (index) => row(100 + index)),
      'validation.jsonl',
    );
    const hyperparameters = { n_epochs: 2, batch_size: 10, learning_rate_multiplier: 0.5 };
    const created = await server.client.fineTuning.jobs.create({
      model: 'nano',
      training_file,
      validation_file,
      suffix: 'kinds',
      hyperparameters,
    });
    job = await jobIn(server.client, created.id);
  });
  afterAll(async () => {
    await server.close();
    await plugins.close();
  });
  const bring = async (id: string, flags: readonly string[] = [], folder?: string) => {
    const workingFolder = folder ?? (await workFolder());
    const ended = await rung(['import', 'openai-finetune', id, '--base-url', server.gateway.baseUrl, ...flags], { workingFolder });
    return { ...ended, workingFolder };
  };

  it('brings rows, settings, metrics and a ladder that a climb takes', async () => {
    const { code, stdout, stderr, workingFolder } = await bring(job.id, ['-o', 'kinds', '--json']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'rung.import/1',
      job: job.id,
      output: 'labels',
      rows: { training: 20, validation: 3, test: 3 },
      model: { was: 'nano', tuned: job.fine_tuned_model, answers: true },
      hyperparameters: {
        was: { method: 'supervised', epochs: 2, batchSize: 10, learningRateMultiplier: 0.5 },
        now: { epochs: 2, batchSize: 10, learningRateMultiplier: 0.5 },
      },
      metrics: { step: 4, train_loss: expect.any(Number), valid_loss: expect.any(Number) },
    });
    const task = parse(await readFile(join(workingFolder, 'kinds', 'task.yaml'), 'utf8'));
    expect(task).toMatchObject({
      name: 'kinds',
      instructions: system.content,
      output: { labels: ['animal', 'fruit'] },
      providers: { old: { baseUrl: server.gateway.baseUrl } },
      ladder: [
        { rung: 'prompt', version: 'original', model: `old/${job.fine_tuned_model}` },
        { rung: 'zero-shot' },
        { rung: 'fine-tuned', epochs: 2, batchSize: 10, learningRateMultiplier: 0.5 },
      ],
    });
    const examples = (await readFile(join(workingFolder, 'kinds', 'examples.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(examples[1]).toEqual({ input: 'thing 1', expected: 'animal', split: 'train' });
    expect(examples.slice(20).map(({ split, tags }) => [split, tags[0]])).toEqual(
      ['test', 'validation', 'test', 'validation', 'test', 'validation'].map((split) => [split, 'validation-file']),
    );
    const original = JSON.parse(await readFile(join(workingFolder, 'kinds', 'original.json'), 'utf8'));
    expect(original.job.id).toBe(job.id);
    expect(original.metrics).toHaveLength(4);
    expect(original.events[0].message).toBe(`Created fine-tuning job: ${job.id}`);
    expect(original.checkpoints.length).toBeGreaterThan(0);
    // the old model is asked in the very words that it was trained on
    const climbed = await rung(['climb', 'kinds', '--rung', 'before', '--json'], { workingFolder });
    const [before] = (JSON.parse(climbed.stdout) as { rungs: { rung: string; metrics: { accuracy: { n: number } }; failures?: number }[] })
      .rungs;
    expect(before).toMatchObject({ rung: 'before', metrics: { accuracy: { n: 3 } } });
    expect(before?.failures ?? 0).toBe(0);
    const files = await readdir(join(workingFolder, 'kinds'), { recursive: true });
    for (const name of files.filter((file) => /\.(json|jsonl|yaml|md)$/.test(file))) {
      expect(await readFile(join(workingFolder, 'kinds', name), 'utf8')).not.toContain(key);
    }
  });

  it('writes over nothing, and leaves nothing behind where it cannot write', async () => {
    const workingFolder = await workFolder({ 'taken.txt': 'x' });
    const first = await bring(job.id, ['-o', '.'], workingFolder);
    expect([first.code, first.stderr]).toEqual([2, expect.stringContaining('nothing is written over')]);
    expect((await readdir(workingFolder)).sort()).toEqual(['.env', 'taken.txt']);
  });

  it('asks for nothing in a dry run', async () => {
    const { code, stdout, workingFolder } = await bring('ftjob-none', ['--dry-run', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).asked[0]).toBe(`${server.gateway.baseUrl}/fine_tuning/jobs/ftjob-none`);
    expect(await readdir(workingFolder)).toEqual(['.env']);
  });

  it('says which files are gone, and takes copies of them', async () => {
    const training_file = await uploaded(server.client, jsonLines(10, row));
    const validation_file = await uploaded(server.client, jsonLines(4, row));
    const created = await server.client.fineTuning.jobs.create({
      model: 'nano',
      training_file,
      validation_file,
      hyperparameters: { n_epochs: 1 },
    });
    const ended = await jobIn(server.client, created.id);
    for (const id of [training_file, validation_file, ended.result_files[0]!]) await server.client.files.delete(id);
    await server.client.models.delete(ended.fine_tuned_model!);
    const refused = await bring(created.id);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`The training file ${training_file} was deleted`);
    expect(refused.stderr).toContain('--training FILE');
    const workingFolder = await workFolder({ 'mine.jsonl': jsonLines(10, row) });
    const { code, stdout } = await bring(created.id, ['--training', 'mine.jsonl', '--json'], workingFolder);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ rows: { training: 0, drawn: 10 }, model: { answers: false }, metrics: {} });
    expect(document.notes.join('\n')).toContain(`The validation file ${validation_file} was deleted`);
    expect(document.notes.join('\n')).toContain(`The result file ${ended.result_files[0]} was deleted`);
    expect(await readFile(join(document.folder, 'task.yaml'), 'utf8')).not.toContain('name: before');
  });

  it('says so where the key is refused, and where the job is not known', async () => {
    const folder = await workFolder({ '.env': 'OPENAI_API_KEY=sk-another-key-altogether\n' });
    const refused = await bring(job.id, [], folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('OPENAI_API_KEY');
    expect(refused.stderr).not.toContain('sk-another');
    const unknown = await bring('ftjob-unknown');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('knows no job ftjob-unknown')]);
    const unfit = await bring('../../models');
    expect([unfit.code, unfit.stderr]).toEqual([2, expect.stringContaining('is no id of a fine-tuning job')]);
    const without = await bring(job.id, [], await workFolder({ '.env': '' }));
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('OPENAI_API_KEY')]);
  });
});

it('asks again where a service is busy, and reads results that come as base64', async () => {
  const table = 'step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,0.5,0.9,,\n2,0.25,,0.4,0.8\n';
  const replies: Record<string, string> = {
    '/v1/fine_tuning/jobs/ftjob-a': JSON.stringify({
      id: 'ftjob-a',
      model: 'gpt-4o-mini-2024-07-18',
      status: 'succeeded',
      fine_tuned_model: 'ft:gpt-4o-mini:org::a',
      training_file: 'file-t',
      validation_file: null,
      result_files: ['file-r'],
    }),
    '/v1/files/file-t/content': jsonLines(12, row),
    '/v1/files/file-r/content': Buffer.from(table).toString('base64'),
  };
  let asked = 0;
  const busy = createServer((request, response) => {
    asked++;
    if (asked === 1) return response.writeHead(429, { 'retry-after-ms': '5' }).end('{}');
    if (asked === 3) return void request.socket.destroy();
    const body = replies[(request.url ?? '').split('?')[0]!];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body ?? '{}');
  });
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void busy.close());
  const workingFolder = await workFolder();
  const baseUrl = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/v1`;
  const { code, stdout, stderr } = await rung(['import', 'openai-finetune', 'ftjob-a', '--base-url', baseUrl, '--json'], { workingFolder });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    metrics: { step: 2, train_loss: 0.25, train_accuracy: 0.9, valid_loss: 0.4, valid_mean_token_accuracy: 0.8 },
    model: { answers: false, retiresOn: '2027-01-14' },
    notes: expect.arrayContaining(['Its events cannot be had any more.']),
  });
});

describe('a service that answers in other ways', () => {
  const job = {
    id: 'ftjob-a',
    model: 'gpt-4o-mini',
    status: 'succeeded',
    fine_tuned_model: 'ft:gpt-4o-mini:org::a',
    training_file: 'file-t',
  };
  /** Imports from a server that gives each path a status and a body; 200 with the rows for the training file. */
  const from = async (replies: Readonly<Record<string, readonly [number, string]>>) => {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0]!.replace('/v1/', '');
      const [status, body] = replies[path] ?? (path === 'files/file-t/content' ? [200, jsonLines(12, row)] : [404, '{}']);
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const workingFolder = await workFolder();
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const ended = await rung(['import', 'openai-finetune', 'ftjob-a', '--base-url', baseUrl, '-o', 'to', '--json'], { workingFolder });
    return { ...ended, task: () => readFile(join(workingFolder, 'to', 'task.yaml'), 'utf8') };
  };
  const path = 'fine_tuning/jobs/ftjob-a';

  it('says that an address which gives no JSON is none of the API', async () => {
    const page = await from({ [path]: [200, '<html>Sign in</html>'] });
    expect([page.code, JSON.parse(page.stdout).error]).toMatchObject([
      2,
      { code: 'import-reply', hint: expect.stringContaining('--base-url') },
    ]);
  });

  it('goes on without what the key may not read, and does not take a model for gone that it may not ask for', async () => {
    const { code, stdout, task } = await from({
      [path]: [200, JSON.stringify({ ...job, validation_file: 'file-v', result_files: ['file-r'] })],
      ...Object.fromEntries(['files/file-v/content', 'files/file-r/content', `${path}/events`].map((each) => [each, [403, '{}'] as const])),
      [`models/${encodeURIComponent(job.fine_tuned_model)}`]: [403, '{}'],
    });
    expect(code).toBe(0);
    const { model, notes } = JSON.parse(stdout);
    expect(model.answers).toBeNull();
    for (const what of ['validation file file-v', 'result file file-r', 'Its events', 'tuned model still answers'])
      expect(notes.filter((note: string) => note.includes(what) && note.includes('HTTP status 403'))).toHaveLength(1);
    expect(await task()).toContain('take the # away where it still answers');
  });

  it('says that a job which has not succeeded left nothing to compare with', async () => {
    const { stdout, task } = await from({ [path]: [200, JSON.stringify({ ...job, status: 'failed', fine_tuned_model: null })] });
    expect(JSON.parse(stdout).notes[0]).toBe('The job is "failed": there is no tuned model to compare with.');
    expect(await task()).toContain('# The job left no tuned model.');
  });
});

describe('from a folder', () => {
  const saved = (changes: object = {}, rows = jsonLines(12, row)) => ({
    'job.json': JSON.stringify({
      id: 'ftjob-b',
      model: 'gpt-4o-mini',
      status: 'succeeded',
      fine_tuned_model: 'ft:gpt-4o-mini:org:Kinds:b',
      training_file: 'file-t',
      ...changes,
    }),
    'training.jsonl': rows,
  });
  const bring = async (files: Record<string, string>, flags: readonly string[] = []) => {
    const workingFolder = await workFolder(files);
    return {
      workingFolder,
      ...(await rung(['import', 'openai-finetune', '--from', '.', '-o', 'out', '--json', ...flags], { workingFolder })),
    };
  };

  it('leaves the old model to be switched on, with the day on which it ends', async () => {
    const { code, stderr, workingFolder } = await bring(saved());
    expect(code, stderr).toBe(0);
    const text = await readFile(join(workingFolder, 'out', 'task.yaml'), 'utf8');
    expect(text).toContain('# - { rung: prompt, version: original, name: before, model: "openai/ft:gpt-4o-mini:org:Kinds:b" }');
    expect(text).toContain('switched off on 2027-01-14');
    expect((await rung(['climb', 'out', '--dry-run', '--json'], { workingFolder })).code).toBe(0);
  });

  it('sees JSON and text answers for what they are', async () => {
    const json = await bring(
      saved(
        {},
        jsonLines(12, (index) => ({
          messages: [
            { role: 'user', content: `q ${index}` },
            { role: 'assistant', content: JSON.stringify({ n: index, ...(index % 2 ? { note: 'odd' } : {}) }) },
          ],
        })),
      ),
    );
    const task = parse(await readFile(join(json.workingFolder, 'out', 'task.yaml'), 'utf8'));
    expect(task.output).toEqual({
      schema: { type: 'object', properties: { n: { type: 'number' }, note: { type: 'string' } }, required: ['n'] },
    });
    expect(JSON.parse(json.stdout).notes.join()).toContain('no system prompt in common');
    const text = await bring(
      saved(
        {},
        jsonLines(12, (index) => ({
          messages: [system, { role: 'user', content: `q ${index}` }, { role: 'assistant', content: `Answer number ${index}.` }],
        })),
      ),
    );
    expect(parse(await readFile(join(text.workingFolder, 'out', 'task.yaml'), 'utf8')).output).toEqual({ text: true });
  });

  it('keeps the pairs of a dpo job', async () => {
    const pair = (index: number) => ({
      input: { messages: [{ role: 'user', content: `q ${index}` }] },
      preferred_output: [{ role: 'assistant', content: 'good' }],
      non_preferred_output: [{ role: 'assistant', content: 'bad' }],
    });
    const { stdout, workingFolder } = await bring(
      saved({ method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.2, n_epochs: 'auto' } } } }, jsonLines(10, pair)),
    );
    expect(JSON.parse(stdout).hyperparameters.was).toEqual({ method: 'dpo', beta: 0.2 });
    const side = (index: number) => (index % 5 === 4 ? 'test' : index % 10 === 3 ? 'validation' : 'train');
    const pairs = await readFile(join(workingFolder, 'out', 'preferences.jsonl'), 'utf8');
    expect(pairs).toBe(jsonLines(10, (index) => ({ ...pair(index), split: side(index) })));
    const dry = await rung(['climb', 'out', '--dry-run', '--json'], { workingFolder });
    expect(dry.code, dry.stderr).toBe(0);
  });

  it.each([
    [{ 'training.jsonl': '' }, 'job.json'],
    [{ 'job.json': '{' }, 'not JSON'],
    [{ 'job.json': '{"id": 1}', 'training.jsonl': '' }, 'no fine-tuning job'],
    [saved({}, 'nothing\n'), 'No row of its files can become an example'],
    [{ 'job.json': saved()['job.json'] }, 'training.jsonl'],
  ])('refuses %j with a sentence', async (files, why) => {
    const { code, stderr, workingFolder } = await bring(files as Record<string, string>);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
    expect(await readdir(workingFolder)).not.toContain('out');
  });
});

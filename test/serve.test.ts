import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI, { toFile } from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readServeConfig } from '../src/gateway/config.ts';
import { rung } from './command-line.fixture.ts';

const command = join(import.meta.dirname, '..', 'bin', 'rung.js');

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-serve-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** `rung serve` as a process of its own, and a client of it. */
async function serving(state: string, flags: readonly string[] = [], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [command, 'serve', '--state', state, '--port', '0', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true', ...environment },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  const ready = await Promise.race([once(child.stdout, 'data'), exit.then(() => undefined)]);
  if (ready === undefined) throw new Error(`The server ended: ${stderr}`);
  const { baseUrl, pid } = JSON.parse(String(ready[0])) as { baseUrl: string; pid: number };
  const client = new OpenAI({ baseURL: baseUrl, apiKey: environment['RUNG_API_KEY'] ?? 'none', maxRetries: 0 });
  return { pid, exit, client, stderr: () => stderr };
}

const rows = Array.from({ length: 12 }, (_, index) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: `item ${index}` },
      { role: 'assistant', content: 'ab'[index % 2] },
    ],
  }),
).join('\n');

it('a job outlives a server that is killed, and a server that is asked to end', async () => {
  const state = await emptyFolder();
  const first = await serving(state);
  const file = await first.client.files.create({ file: await toFile(Buffer.from(rows), 'rows.jsonl'), purpose: 'fine-tune' });
  const asked = { model: 'nano', training_file: file.id, seed: 1, hyperparameters: { n_epochs: 10, batch_size: 4 } } as const;
  const { id } = await first.client.fineTuning.jobs.create(asked);
  const stepsOf = async ({ client }: { client: OpenAI }) => {
    const steps: number[] = [];
    for await (const { data } of client.fineTuning.jobs.listEvents(id, { limit: 100 })) {
      const step = (data as { step?: number; train_loss?: number } | null) ?? {};
      if (step.train_loss !== undefined) steps.push(step.step ?? 0);
    }
    return steps.reverse();
  };
  const progressed = async (server: { client: OpenAI }, than: number) => {
    while (((await stepsOf(server)).at(-1) ?? 0) <= than) await new Promise((resolve) => setTimeout(resolve, 30));
  };
  await progressed(first, 2);
  process.kill(first.pid, 'SIGKILL');
  await first.exit;

  const second = await serving(state);
  const reached = (await stepsOf(second)).at(-1) ?? 0;
  expect((await second.client.fineTuning.jobs.retrieve(id)).status).toMatch(/queued|running/);
  await progressed(second, reached + 2);
  process.kill(second.pid, 'SIGTERM');
  expect(await second.exit).toEqual([0, null]);
  expect(second.stderr()).toContain('jobs go on at the next start');

  const third = await serving(state);
  for (;;) {
    const job = await third.client.fineTuning.jobs.retrieve(id);
    if (job.status !== 'running' && job.status !== 'queued') {
      expect(job).toMatchObject({ status: 'succeeded', error: null, training_file: file.id });
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // every step counts once, whatever was done again after the kill
  const steps = await stepsOf(third);
  expect(steps).toEqual(steps.map((_, index) => index + 1));
  expect(await (await third.client.files.content(file.id)).text()).toBe(rows);
  process.kill(third.pid, 'SIGINT');
  expect(await third.exit).toEqual([0, null]);
}, 180_000);

it('asks for a key where other machines can reach it, and never shows it', async () => {
  const state = await emptyFolder();
  const open = await rung(['serve', '--state', state, '--host', '0.0.0.0', '--port', '0'], { workingFolder: state });
  expect(open.code).toBe(2);
  expect(open.stderr).toContain('RUNG_API_KEY is not set');
  const key = 'a-key-of-more-than-sixteen-characters';
  const server = await serving(state, ['--host', '0.0.0.0'], { RUNG_API_KEY: key });
  expect((await server.client.models.list()).data[0]?.id).toBe('nano');
  process.kill(server.pid, 'SIGTERM');
  await server.exit;
  expect(server.stderr()).not.toContain(key);
});

it('says so where its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const state = await emptyFolder();
  const ended = await rung(['serve', '--state', state, '--port', String(port)], { workingFolder: state });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(`Port ${port} is in use.`);
  expect(ended.stderr).toContain('--port');
});

it.each([
  ['models: []', 'at models'],
  ['modells: [nano]', 'modells'],
  ['upstreams: { a: { kind: ollama, baseUrl: "http://x/v1", model: m } }', 'at upstreams.a.kind'],
  ['upstreams: { a: { kind: vllm, baseUrl: "file:///x", model: m } }', 'at upstreams.a.baseUrl'],
  ['{', 'column 2. Name a YAML'],
])('refuses the configuration %s with a sentence', async (text, why) => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'serve.yaml'), text);
  const ended = await rung(['serve', '--state', folder, '--port', '0', '--config', 'serve.yaml'], { workingFolder: folder });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(why);
  expect(ended.stderr).toContain('serve.yaml');
});

it('says that a configuration is not there', async () => {
  await expect(readServeConfig('none.yaml', {}, await emptyFolder())).rejects.toThrow('There is no such file.');
});

describe('docs/serve.md', () => {
  const page = async () => readFile(join(import.meta.dirname, '..', 'docs', 'serve.md'), 'utf8');

  it('has a configuration that is one', async () => {
    const [, text = ''] = /```yaml\n([^`]*)```/.exec(await page()) ?? [];
    const folder = await emptyFolder();
    await writeFile(join(folder, 'serve.yaml'), text);
    const config = await readServeConfig('serve.yaml', {}, folder);
    expect(config).toMatchObject({ organization: 'acme', upstreams: { llama: { kind: 'vllm', base: 'transformers/small' } }, folder });
  });

  it('has a program that tunes and asks', async () => {
    const [, program = ''] = /<<'END'\n([^`]*)\nEND\n/.exec(await page()) ?? [];
    const folder = await emptyFolder();
    const server = await serving(folder);
    await symlink(join(import.meta.dirname, '..', 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'train.jsonl'), rows);
    await writeFile(
      join(folder, 'train.mjs'),
      program
        .replace('http://127.0.0.1:8787/v1', server.client.baseURL)
        .replace("suffix: 'kinds'", "suffix: 'kinds', hyperparameters: { n_epochs: 2 }"),
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['train.mjs'], { cwd: folder });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('The job has successfully completed');
    expect(lines.filter((line) => line.startsWith('Created fine-tuning job'))).toHaveLength(1);
  });
});

// Requests a second through `rung serve` on the embedded model, alone and while a job trains.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const instructions = { role: 'system', content: 'Is it a fruit or an animal?' };
const row = (index: number) => ({
  messages: [
    instructions,
    { role: 'user', content: `${index % 2 ? 'cat' : 'pear'} number ${index} is what I saw today on my way to the market` },
    { role: 'assistant', content: index % 2 ? 'animal' : 'fruit' },
  ],
});

export async function run(): Promise<void> {
  const state = await mkdtemp(join(tmpdir(), 'rung-bench-serve-'));
  const command = join(import.meta.dirname, '..', 'bin', 'rung.js');
  const server = spawn(process.execPath, [command, 'serve', '--state', state, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [ready] = await once(server.stdout, 'data');
    const { baseUrl } = JSON.parse(String(ready)) as { baseUrl: string };
    console.log(`${cpus().length} processors, load ${loadavg()[0]!.toFixed(1)}, Node ${process.versions.node}`);
    await measure(baseUrl);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    await rm(state, { recursive: true, force: true });
  }
}

async function measure(baseUrl: string): Promise<void> {
  const pool = new Pool(new URL(baseUrl).origin, { connections: 64 });
  try {
    await load(pool, 'warming', 8, 40);
    await load(pool, 'alone', 1, 200);
    await load(pool, 'alone', 32, 800);
    const form = new FormData();
    form.set('purpose', 'fine-tune');
    form.set('file', new Blob(Array.from({ length: 200 }, (_, index) => `${JSON.stringify(row(index))}\n`)), 'rows.jsonl');
    const file = (await (await fetch(`${baseUrl}/files`, { method: 'POST', body: form })).json()) as { id: string };
    const job = await post(pool, 'fine_tuning/jobs', { model: 'nano', training_file: file.id, hyperparameters: { n_epochs: 50 } });
    const status = async () => ((await (await fetch(`${baseUrl}/fine_tuning/jobs/${job['id']}`)).json()) as { status: string }).status;
    while ((await status()) !== 'running') await sleep(100);
    await load(pool, 'while a job trains', 1, 60);
    await load(pool, 'while a job trains', 8, 200);
    console.log(`the job is ${await status()}`);
  } finally {
    await pool.close();
  }
}

async function post(pool: Pool, path: string, body: object): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' };
  const { statusCode, body: reply } = await pool.request({ path: `/v1/${path}`, method: 'POST', headers, body: JSON.stringify(body) });
  const text = await reply.text();
  if (statusCode !== 200) throw new Error(text);
  return JSON.parse(text) as Record<string, string>;
}

async function load(pool: Pool, what: string, atATime: number, total: number): Promise<void> {
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  const ask = async () => {
    while (next < total) {
      const messages = [instructions, { role: 'user', content: `pear ${next++}` }];
      const from = performance.now();
      await post(pool, 'chat/completions', { model: 'nano', messages, max_tokens: 4, temperature: 0 });
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: atATime }, ask));
  const perSecond = total / ((performance.now() - begun) / 1000);
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(total - 1, Math.floor(share * total))]!.toFixed(0);
  console.log(`${what}, ${atATime} at a time: ${perSecond.toFixed(0)} requests/s, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, n ${total}`);
}

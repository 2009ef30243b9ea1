// Requests a second and streams through `rung serve` on the embedded model, alone, while a job trains, and while a large file is
// checked: npm run bench -- serve [rows of the large file]
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

/** 12 MB. */
const usualRows = 60_000;

export async function run([rows = String(usualRows)]: readonly string[]): Promise<void> {
  const state = await mkdtemp(join(tmpdir(), 'rung-bench-serve-'));
  const command = join(import.meta.dirname, '..', 'bin', 'rung.js');
  const server = spawn(process.execPath, [command, 'serve', '--state', state, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [ready] = await once(server.stdout, 'data');
    const { baseUrl } = JSON.parse(String(ready)) as { baseUrl: string };
    console.log(`${cpus().length} processors, load ${loadavg()[0]!.toFixed(1)}, Node ${process.versions.node}`);
    await measure(baseUrl, Number(rows));
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    await rm(state, { recursive: true, force: true });
  }
}

async function measure(baseUrl: string, rows: number): Promise<void> {
  const pool = new Pool(new URL(baseUrl).origin, { connections: 64 });
  try {
    await load(pool, 'warming', 8, 40);
    await load(pool, 'alone', 1, 200);
    await load(pool, 'alone', 32, 800);
    await streams(baseUrl, 'alone', 4);
    const job = await tuned(baseUrl, pool, fileOf(200));
    while ((await statusOf(baseUrl, job)) !== 'running') await sleep(100);
    await load(pool, 'while a job trains', 1, 60);
    await load(pool, 'while a job trains', 8, 200);
    await streams(baseUrl, 'while a job trains', 4);
    console.log(`the job is ${await statusOf(baseUrl, job)}`);
    await post(pool, `fine_tuning/jobs/${job}/cancel`, {});
    await besideLargeFile(baseUrl, pool, rows);
  } finally {
    await pool.close();
  }
}

function fileOf(rows: number): Blob {
  return new Blob(Array.from({ length: rows }, (_, index) => `${JSON.stringify(row(index))}\n`));
}

/** Uploads rows and starts a job on them; gives its id. */
async function tuned(baseUrl: string, pool: Pool, content: Blob): Promise<string> {
  const form = new FormData();
  form.set('purpose', 'fine-tune');
  form.set('file', content, 'rows.jsonl');
  const file = (await (await fetch(`${baseUrl}/files`, { method: 'POST', body: form })).json()) as { id: string };
  const { id } = await post(pool, 'fine_tuning/jobs', { model: 'nano', training_file: file.id, hyperparameters: { n_epochs: 50 } });
  return id!;
}

async function statusOf(baseUrl: string, job: string): Promise<string> {
  return ((await (await fetch(`${baseUrl}/fine_tuning/jobs/${job}`)).json()) as { status: string }).status;
}

/** How long other requests take from the upload of a large file to the tenth second of its training. */
async function besideLargeFile(baseUrl: string, pool: Pool, rows: number): Promise<void> {
  // made before anything is timed: making it holds this process up
  const file = fileOf(rows);
  const states = new Map<string, number[]>();
  let state = 'uploading';
  let ended = false;
  const ask = async () => {
    while (!ended) {
      const begun = performance.now();
      await (await fetch(`${baseUrl}/models`)).json();
      states.set(state, [...(states.get(state) ?? []), performance.now() - begun]);
      await sleep(10);
    }
  };
  const asking = ask();
  const begun = performance.now();
  const job = await tuned(baseUrl, pool, file);
  for (state = 'validating_files'; state === 'validating_files' || state === 'queued'; state = await statusOf(baseUrl, job))
    await sleep(100);
  const checked = ((performance.now() - begun) / 1000).toFixed(1);
  await sleep(10_000);
  ended = true;
  await asking;
  console.log(`${rows} rows were uploaded and checked in ${checked} s, then trained for 10 s; GET /v1/models meanwhile:`);
  for (const [name, times] of states) {
    times.sort((one, other) => one - other);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(0);
    console.log(`  ${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms, n ${times.length}`);
  }
  await post(pool, `fine_tuning/jobs/${job}/cancel`, {});
}

/** Time to the first piece of a stream, and between pieces, over many streams. */
async function streams(baseUrl: string, what: string, atATime: number): Promise<void> {
  const total = 60;
  const firsts: number[] = [];
  const gaps: number[] = [];
  let next = 0;
  const ask = async () => {
    while (next < total) {
      // hot, so that answers are long enough to be streamed
      const messages = [
        { role: 'system', content: 'Copy' },
        { role: 'user', content: 'one two three four five six seven eight nine ten eleven twelve' },
      ];
      const body = JSON.stringify({ model: 'nano', messages, stream: true, temperature: 2, seed: next++ });
      let last = performance.now();
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body });
      let pieces = 0;
      for await (const _chunk of reply.body!) {
        const now = performance.now();
        (pieces++ === 0 ? firsts : gaps).push(now - last);
        last = now;
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, ask));
  const at = (times: readonly number[], share: number) =>
    [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(share * times.length))]?.toFixed(0) ?? '–';
  const firstPiece = `first piece p50 ${at(firsts, 0.5)} ms, p95 ${at(firsts, 0.95)} ms`;
  console.log(
    `${what}, ${atATime} streams at a time: ${firstPiece}; between pieces p50 ${at(gaps, 0.5)} ms, p95 ${at(gaps, 0.95)} ms, n ${gaps.length}`,
  );
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

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const command = join(import.meta.dirname, '..', 'bin', 'rung.js');

async function folderAgainst(baseUrl: string): Promise<string> {
  return taskFolder({
    'task.yaml': `name: slow
instructions: Say it again.
output: { labels: [a, b] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${baseUrl}", concurrency: 4 } }
models: { base: local/mock }
metrics: [accuracy]
ladder: [zero-shot]
`,
    'examples.jsonl': jsonLines(
      Array.from({ length: 40 }, (_, i) => ({ input: `${'ab'[i % 2]} ${i}`, expected: 'ab'[i % 2], split: 'test' })),
    ),
  });
}

function start(folder: string) {
  const child = spawn(process.execPath, [command, 'climb', folder, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true' },
  });
  return { child, exit: once(child, 'exit') as Promise<[number | null, string | null]> };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

it('Ctrl-C lets rows in flight end; the next run asks for the others only', async () => {
  const server = await startFaultServer({ thinkMs: 200, answer: () => 'a' });
  try {
    const folder = await folderAgainst(server.baseUrl);
    const first = start(folder);
    await until(() => server.totals().delivered >= 4);
    first.child.kill('SIGINT');
    expect(await first.exit).toEqual([130, null]);
    const { received, delivered } = server.totals();
    expect(delivered).toBe(received);
    expect(received).toBeLessThan(40);
    expect([0, 3, 4]).toContain((await start(folder).exit)[0]);
    expect(server.totals()).toEqual({ received: 40, delivered: 40 });
  } finally {
    await server.close();
  }
});

it('Ctrl-C twice stops at once', async () => {
  const server = await startFaultServer({ thinkMs: 30_000 });
  try {
    const first = start(await folderAgainst(server.baseUrl));
    await until(() => server.totals().received >= 4);
    first.child.kill('SIGINT');
    await sleep(500);
    first.child.kill('SIGINT');
    expect(await first.exit).toEqual([130, null]);
    expect(server.totals().delivered).toBe(0);
  } finally {
    await server.close();
  }
});

it('a killed run frees the task, and what it was given is not asked for again', async () => {
  const server = await startFaultServer({ thinkMs: 50, answer: () => 'a' });
  try {
    const folder = await folderAgainst(server.baseUrl);
    const first = start(folder);
    await until(() => server.totals().delivered >= 12);
    first.child.kill('SIGKILL');
    await first.exit;
    await sleep(100);
    const before = new Set([...server.tallies].filter(([, { delivered }]) => delivered > 0).map(([body]) => body));
    expect([0, 3, 4]).toContain((await start(folder).exit)[0]);
    // what was delivered in the very moment of the kill may not have been read any more: at most the requests in flight
    const again = [...server.tallies].filter(([body, { delivered }]) => before.has(body) && delivered > 1);
    expect(again.length).toBeLessThanOrEqual(4);
    expect(server.tallies.size).toBe(40);
  } finally {
    await server.close();
  }
});

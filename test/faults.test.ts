import { describe, expect, it } from 'vitest';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { type Fault, randomFaults, startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const rows = 120;
const faults: readonly Fault[] = [
  { kind: 'rate-limited' },
  { kind: 'rate-limited', retryAfterSeconds: 0.01 },
  { kind: 'server-error' },
  { kind: 'server-error', status: 503 },
  { kind: 'no-answer' },
  { kind: 'connection-reset' },
  { kind: 'truncated' },
  { kind: 'invalid-json' },
  { kind: 'empty-choices' },
  { kind: 'missing-content' },
  { kind: 'wrong-content-type' },
];
const retryPolicy = { attempts: 6, firstWaitMs: 1, longestWaitMs: 5 };

async function climbAgainst(baseUrl: string, stream: boolean, plugins = defaultPlugins()) {
  const folder = await taskFolder({
    'task.yaml': `name: parity
instructions: Is the number even or odd?
output: { labels: [even, odd] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${baseUrl}", stream: ${stream}, timeoutMs: 500, concurrency: 8 } }
models: { base: local/mock }
prices: { local/mock: { inputPerMillion: 1, outputPerMillion: 1 } }
metrics: [accuracy, format]
ladder: [zero-shot, structured]
`,
    'examples.jsonl': jsonLines(
      Array.from({ length: rows }, (_, i) => ({ id: `n${i}`, input: `${i}`, expected: i % 2 ? 'odd' : 'even', split: 'test' })),
    ),
  });
  const climb = async () => {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    return climbTask(planned, { plugins, environment: {}, retryPolicy }, async ({ verdict }) => verdict);
  };
  return { climb };
}

const parityOf = ({ messages }: { messages: readonly { content: string }[] }) => (Number(messages.at(-1)?.content) % 2 ? 'odd' : 'even');

describe.each([{ stream: false }, { stream: true }])('a climb against a failing server, streaming $stream', ({ stream }) => {
  it('loses no row, pays for none twice, and counts what failed', async () => {
    const server = await startFaultServer({
      answer: parityOf,
      faults: randomFaults({ seed: 7, probability: 0.2, faults, mostAttempts: 3 }),
    });
    try {
      const { climb } = await climbAgainst(server.baseUrl, stream);
      const verdict = await climb();
      for (const rung of verdict.rungs) expect(rung.metrics['accuracy']).toMatchObject({ value: 1, n: rows });
      expect(verdict.spent.failures).toBe(0);
      expect(verdict.spent.retries).toBeGreaterThan(20);
      expect(verdict.spent.calls).toBe(server.totals().received);
      expect([...server.tallies.values()].map(({ delivered }) => delivered)).toEqual(Array(2 * rows).fill(1));

      const again = await climb();
      expect(again.spent).toMatchObject({ calls: 0, dollars: 0 });
      expect({ ...again, spent: undefined }).toEqual({ ...verdict, spent: undefined });
    } finally {
      await server.close();
    }
  });

  it('counts rows that never succeed against the candidate, and gets them when the server is well again', async () => {
    let ill = true;
    const server = await startFaultServer({
      answer: parityOf,
      faults: ({ body }) => (ill && /"content":"1\d"/.test(body) ? { kind: 'invalid-json' } : undefined),
    });
    try {
      const { climb } = await climbAgainst(server.baseUrl, stream);
      const verdict = await climb();
      expect(verdict.spent.failures).toBe(20);
      expect(verdict.rungs[0]).toMatchObject({ failures: 10, metrics: { accuracy: { value: (rows - 10) / rows, n: rows } } });
      ill = false;
      const again = await climb();
      expect(again.spent).toMatchObject({ failures: 0, calls: 20 });
    } finally {
      await server.close();
    }
  });
});

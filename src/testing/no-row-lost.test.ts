import { afterEach, expect, test } from 'vitest';
import { ModelError } from '#core/model-error.ts';
import { defaultRetryPolicy } from '#engine/backoff.ts';
import { Budget } from '#engine/budget.ts';
import { systemClock } from '#engine/clock.ts';
import { Meter } from '#engine/meter.ts';
import { meterModel } from '#engine/metered-model.ts';
import { openaiCompatible } from '#providers/openai-compatible.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { type Fault, type FaultServer, randomFaults, startFaultServer } from '#testing.ts';

// Provider, engine and store together against a server with every fault: what the whole is for.
const everyFault: Fault[] = [
  { kind: 'rate-limited' },
  { kind: 'rate-limited', retryAfterSeconds: 0.05 },
  { kind: 'server-error' },
  { kind: 'server-error', status: 503 },
  { kind: 'no-answer' },
  { kind: 'connection-reset' },
  { kind: 'truncated' },
  { kind: 'invalid-json' },
  { kind: 'empty-choices' },
  { kind: 'missing-content' },
  { kind: 'wrong-content-type' },
  { kind: 'slow-drip', millisecondsPerByte: 10 },
];
const { signal } = new AbortController();
const rows = 60;

let server: FaultServer | undefined;
afterEach(() => server?.close());

async function run({
  stream,
  faults,
  mostAttempts,
  probability,
}: {
  stream: boolean;
  faults: Fault[];
  mostAttempts: number;
  probability: number;
}) {
  server = await startFaultServer({
    faults: randomFaults({ seed: 3, probability, faults, mostAttempts }),
    answer: ({ messages }) => `answer to ${messages[0]?.content}`,
  });
  const settings = { baseUrl: server.baseUrl, stream, timeoutMs: 250, concurrency: 32 };
  const model = await openaiCompatible.open({ model: 'test', settings, taskFolder: '.', environment: {} });
  const store = await openSqliteStore(':memory:');
  const meter = new Meter();
  const budget = new Budget({});
  const retryPolicy = { ...defaultRetryPolicy, firstWaitMs: 2, longestWaitMs: 20 };
  const callable = meterModel({ model, store, budget, meter, retryPolicy, clock: systemClock });
  const ask = async (row: number) => {
    try {
      const { response } = await callable.generate({ messages: [{ role: 'user', content: `row ${row}` }] }, { signal });
      return response.text;
    } catch (error) {
      if (!ModelError.is(error)) throw error;
      return error.kind;
    }
  };
  const first = await Promise.all(Array.from({ length: rows }, (_, row) => ask(row)));
  const again = await Promise.all(Array.from({ length: rows }, (_, row) => ask(row)));
  await model.close?.();
  await store.close();
  return { first, again, calls: budget.calls, retries: meter.retries };
}

test.each([false, true])('no row is lost and none paid twice (stream: %s)', async (stream) => {
  const { first, again, calls, retries } = await run({ stream, faults: everyFault, mostAttempts: 2, probability: 0.35 });
  const wanted = Array.from({ length: rows }, (_, row) => `answer to row ${row}`);
  expect(first).toEqual(wanted);
  expect(again).toEqual(wanted);
  const tallies = [...(server?.tallies.values() ?? [])];
  expect(tallies).toHaveLength(rows);
  expect(tallies.every((tally) => tally.delivered === 1)).toBe(true);
  // The draw is fixed by its seed: some rows were tried again, and every attempt was counted.
  expect(retries).toBeGreaterThan(rows / 6);
  expect({ received: server?.totals().received, retries }).toEqual({ received: calls, retries: calls - rows });
});

test('a row that keeps failing is a failure with its kind, and was paid for by nobody', async () => {
  const faults: Fault[] = [{ kind: 'truncated' }, { kind: 'empty-choices' }];
  const { first, again, calls } = await run({ stream: false, faults, mostAttempts: Number.POSITIVE_INFINITY, probability: 0.8 });
  const undelivered = [...(server?.tallies.values() ?? [])].filter((tally) => tally.delivered === 0);
  expect(first.filter((text) => text === 'bad-response').length).toBeGreaterThan(0);
  // The second time round only the failures are asked again.
  expect(again.filter((text) => text === 'bad-response')).toHaveLength(undelivered.length);
  expect(again.filter((text) => text.startsWith('answer'))).toHaveLength(rows - undelivered.length);
  expect(server?.totals()).toEqual({ received: calls, delivered: rows - undelivered.length });
});

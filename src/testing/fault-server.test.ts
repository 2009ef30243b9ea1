import { afterEach, describe, expect, test } from 'vitest';
import { type Fault, type FaultServer, type FaultServerOptions, faultsInOrder, randomFaults, startFaultServer } from '#testing.ts';

let server: FaultServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: FaultServerOptions): Promise<FaultServer> {
  server = await startFaultServer(options);
  return server;
}

function ask(content: string, more: object = {}): Promise<Response> {
  return fetch(`${server?.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...more }),
  });
}

test('answers as OpenAI does, whole and as a stream', async () => {
  await start({ answer: ({ messages }) => `${messages.length} message` });
  expect(await (await ask('hello there')).json()).toMatchObject({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: '1 message' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
  });
  const stream = await ask('hello there', { stream: true, stream_options: { include_usage: true } });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  const events = (await stream.text()).split('\n\n').filter((event) => event !== '');
  expect(events.at(-1)).toBe('data: [DONE]');
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)));
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('1 message');
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 4 } });
});

test('counts requests and whole answers per body', async () => {
  await start({ faults: faultsInOrder([{ kind: 'server-error' }, { kind: 'truncated' }, undefined, { kind: 'invalid-json' }]) });
  expect((await ask('a')).status).toBe(500);
  await expect(ask('a').then((response) => response.text())).rejects.toThrow();
  expect((await ask('a')).status).toBe(200);
  await expect(ask('b').then((response) => response.json())).rejects.toThrow();
  expect([...(server?.tallies.values() ?? [])]).toEqual([
    { received: 3, delivered: 1 },
    { received: 1, delivered: 0 },
  ]);
  expect(server?.totals()).toEqual({ received: 4, delivered: 1 });
});

test('a request that the client gives up does not count as delivered', async () => {
  await start({ thinkMs: 20_000 });
  await expect(
    fetch(`${server?.baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: [] }),
      signal: AbortSignal.timeout(100),
    }),
  ).rejects.toThrow();
  expect(server?.totals()).toEqual({ received: 1, delivered: 0 });
});

describe('random faults', () => {
  const faults: Fault[] = [{ kind: 'rate-limited' }, { kind: 'no-answer' }, { kind: 'truncated' }];
  const plan = randomFaults({ seed: 7, probability: 0.3, faults });
  const drawn = Array.from({ length: 5000 }, (_, index) => plan({ index, attempt: 0, body: `body ${index}` }));

  test('come about as often as asked, in even parts', () => {
    // Bounds of five standard deviations: 0.3 ± 0.033 of 5000 draws, a third ± 0.061 of 1500.
    const met = drawn.filter((fault) => fault !== undefined);
    expect(Math.abs(met.length / drawn.length - 0.3)).toBeLessThan(0.033);
    for (const fault of faults) {
      expect(Math.abs(met.filter((other) => other.kind === fault.kind).length / met.length - 1 / 3)).toBeLessThan(0.061);
    }
  });

  test('hang on seed, body and attempt, not on the order', () => {
    const again = randomFaults({ seed: 7, probability: 0.3, faults });
    expect(drawn.map((_, index) => again({ index: 0, attempt: 0, body: `body ${index}` }))).toEqual(drawn);
    const other = randomFaults({ seed: 8, probability: 0.3, faults });
    expect(drawn.map((_, index) => other({ index, attempt: 0, body: `body ${index}` }))).not.toEqual(drawn);
  });

  test('let a client that tries again through in the end', () => {
    const always = randomFaults({ seed: 1, probability: 1, faults, mostAttempts: 2 });
    expect([0, 1, 2].map((attempt) => always({ index: attempt, attempt, body: 'x' }) === undefined)).toEqual([false, false, true]);
  });
});

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createNanoProvider } from '#providers/nano.ts';
import { openaiCompatible } from '#providers/openai-compatible.ts';
import { readServeConfig } from './config.ts';
import { served } from './gateway.fixture.ts';

const messages = [{ role: 'user' as const, content: 'Where is it?' }];
const event = (content: object) => `data: ${JSON.stringify(content)}\n\n`;
const delta = (content: string, more: object = {}) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }] });
const ending = `${event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}${event({
  ...{ choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 3 } } },
})}data: [DONE]\n\n`;

const streaming = (reply: ServerResponse) => reply.writeHead(200, { 'content-type': 'text/event-stream' });

/** A service that answers chat requests as a test says, and this server with it under models:. */
async function far(answer: (asked: Record<string, unknown>, reply: ServerResponse) => void) {
  const asked: Record<string, unknown>[] = [];
  const service = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>);
      answer(asked.at(-1)!, reply);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    service.closeAllConnections();
    service.close();
  });
  const baseUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}/v1`;
  const settings = { baseUrl, apiKeyEnv: null, logProbabilities: true };
  const config = {
    ...(await readServeConfig(undefined, {}, '/')),
    ...{ models: ['far/one'], providers: { far: { kind: 'openai-compatible', settings } } },
  };
  const none = createNanoProvider({ open: () => Promise.reject(new TypeError('Not asked.')), close: async () => {} });
  const server = await served({ providers: [none, openaiCompatible], trainers: [] }, { config });
  onTestFinished(server.close);
  return { client: server.client, asked };
}

it('hands the stream of a service on as it comes, with its usage', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { client, asked } = await far(async (_asked, reply) => {
    streaming(reply).write(delta('On its'));
    await released;
    reply.end(`${delta(' way.\n')}${ending}`);
  });
  const stream = await client.chat.completions.create({
    ...{ model: 'far/one', messages, stream: true, stream_options: { include_usage: true } },
  });
  const texts: string[] = [];
  let usage: unknown;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) texts.push(chunk.choices[0].delta.content);
    // the service goes on only when its first piece has arrived
    if (texts.length === 1) release();
    usage = chunk.usage ?? usage;
  }
  expect(texts).toEqual(['On its', ' way.\n']);
  expect(usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 3 } });
  expect(asked).toMatchObject([{ stream: true, stream_options: { include_usage: true } }]);
});

it('keeps the tokens of what it hands on', async () => {
  const token = (text: string) => ({ logprobs: { content: [{ token: text, logprob: -0.5 }] } });
  const { client } = await far((_asked, reply) => {
    streaming(reply).end(`${delta('a', token('a'))}${delta('', token('half'))}${delta('😀', token('other'))}${ending}`);
  });
  const stream = client.chat.completions.stream({ model: 'far/one', messages, logprobs: true });
  const [choice] = (await stream.finalChatCompletion()).choices;
  expect([choice?.message.content, choice?.logprobs?.content?.map((one) => one.token)]).toEqual(['a😀', ['a', 'half', 'other']]);
});

it('lets go of the service when its reader hangs up', async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const { client } = await far((_asked, reply) => {
    reply.on('close', () => end(reply.writableFinished ? 'answered' : 'let go'));
    streaming(reply).write(delta('On'));
  });
  const stream = await client.chat.completions.create({ model: 'far/one', messages, stream: true });
  for await (const { choices } of stream) if (choices[0]?.delta.content) break;
  expect(await ended).toBe('let go');
});

it.each([
  [
    'says an error',
    (reply: ServerResponse) => reply.end(`${event({ error: { message: 'out of memory' } })}data: [DONE]\n\n`),
    'holds an error',
  ],
  ['breaks off', (reply: ServerResponse) => reply.destroy(), 'broke off'],
  ['ends before its end', (reply: ServerResponse) => reply.end(), 'broke off'],
])('says in its own stream where that of the service %s after a piece', async (_what, fail, said) => {
  const { client } = await far((_asked, reply) => void streaming(reply).write(delta('On'), () => fail(reply)));
  const stream = await client.chat.completions.create({ model: 'far/one', messages, stream: true });
  const texts: string[] = [];
  const read = async () => {
    for await (const { choices } of stream) texts.push(choices[0]?.delta.content ?? '');
  };
  await expect(read()).rejects.toThrow(said);
  expect(texts).toEqual(['', 'On']);
});

it('asks for no stream where nobody reads one, and cuts up what came whole', async () => {
  const { client, asked } = await far((_asked, reply) => {
    reply.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        choices: [{ message: { role: 'assistant', content: 'On its way.' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 7, completion_tokens: 4 },
      }),
    );
  });
  const whole = await client.chat.completions.create({ model: 'far/one', messages });
  expect(whole.choices[0]?.message.content).toBe('On its way.');
  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toHaveProperty('stream');
  // a service that makes no streams
  const stream = await client.chat.completions.create({ model: 'far/one', messages, stream: true });
  const texts: string[] = [];
  for await (const { choices } of stream) if (choices[0]?.delta.content) texts.push(choices[0].delta.content);
  expect(texts).toEqual(['On', ' its', ' way.']);
});

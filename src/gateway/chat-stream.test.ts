import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { GenerateOptions, Model, ModelRequest, ModelResponse } from '#core/model.ts';
import { defineProvider } from '#core/provider.ts';
import { readServeConfig } from './config.ts';
import { type Served, served, type TinyPlugins, tinyPlugins } from './gateway.fixture.ts';

let plugins: TinyPlugins;
let server: Served;
beforeAll(async () => {
  plugins = await tinyPlugins();
  server = await served(plugins);
});
afterAll(async () => {
  await server.close();
  await plugins.close();
});

const messages = [{ role: 'user' as const, content: 'number 3' }];
const asked = { model: 'nano', messages, max_completion_tokens: 12, seed: 3, temperature: 1 };

/** A server of one model that answers by a function. */
async function servedModel(generate: (request: ModelRequest, options: GenerateOptions) => Promise<ModelResponse>): Promise<Served> {
  const model: Model = {
    ...{ name: 'slow', fingerprint: 'slow', can: {}, remote: false, concurrency: { initial: 1, maximum: 1 }, generate },
  };
  const provider = defineProvider({ id: 'slow', summary: 'Answers when it is told to.', open: async () => model });
  const config = { ...(await readServeConfig(undefined, {}, '/')), models: ['slow'] };
  const own = await served({ providers: [provider], trainers: [] }, { config });
  onTestFinished(own.close);
  return own;
}

const answerOf = (text: string): ModelResponse => ({
  text,
  finishReason: 'stop',
  usage: { inputTokens: 2, cachedInputTokens: 0, outputTokens: 3 },
});

it('brings each piece as it is made, not at the end', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { client } = await servedModel(async (_request, { onPiece }) => {
    onPiece?.({ text: 'a\nb' });
    await released;
    onPiece?.({ text: ' 😀"' });
    return answerOf('a\nb 😀"');
  });
  const stream = await client.chat.completions.create({ model: 'slow', messages, stream: true });
  const texts: (string | null | undefined)[] = [];
  for await (const { choices } of stream) {
    if (choices[0]?.delta.content) texts.push(choices[0].delta.content);
    // the model goes on only when its first piece has arrived
    if (texts.length === 1) release();
  }
  expect(texts).toEqual(['a\nb', ' 😀"']);
});

it('ends the answer when its reader hangs up', async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const { client } = await servedModel(async (_request, { onPiece, signal }) => {
    onPiece?.({ text: 'a' });
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        end('ended');
        reject(signal.reason);
      });
    });
  });
  const stream = await client.chat.completions.create({ model: 'slow', messages, stream: true });
  for await (const { choices } of stream) if (choices[0]?.delta.content) break;
  expect(await ended).toBe('ended');
});

it('says in the stream what went wrong after its beginning, and in the log what that was', async () => {
  const { client, lines } = await servedModel(async (_request, { onPiece }) => {
    onPiece?.({ text: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new TypeError('a secret of the inside');
  });
  const stream = await client.chat.completions.create({ model: 'slow', messages, stream: true });
  const read = async () => {
    for await (const _chunk of stream);
  };
  await expect(read()).rejects.toThrow('The server had an error while it answered; its log says more.');
  expect(lines.filter((line) => line.endsWith(': a secret of the inside'))).toHaveLength(1);
});

it('is framed as events, the last of them [DONE]', async () => {
  const body = JSON.stringify({ ...asked, stream: true, n: 2 });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${server.gateway.baseUrl}/chat/completions`, { method: 'POST', headers, body });
  expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = (await reply.text()).split('\n\n');
  expect(events.splice(-2)).toEqual(['data: [DONE]', '']);
  for (const event of events) expect(JSON.parse(event.replace(/^data: /, ''))).toMatchObject({ object: 'chat.completion.chunk' });
});

it('gives the client of the vendor what it gives whole: several answers, log-probabilities, stop, usage', async () => {
  const { client } = server;
  const first = (await client.chat.completions.create(asked)).choices[0]!.message.content!;
  const several = { ...asked, n: 3, logprobs: true, stop: [first.slice(4, 6)] };
  const whole = await client.chat.completions.create(several);
  expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(new Set(whole.choices.map(({ message }) => message.content)).size).toBeGreaterThan(1);
  expect(whole.choices[0]!.message.content).toBe(first.slice(0, first.indexOf(first.slice(4, 6))));

  const stream = client.chat.completions.stream({ ...several, stream_options: { include_usage: true } });
  const final = await stream.finalChatCompletion();
  const told = ({ choices }: Pick<OpenAI.ChatCompletion, 'choices'>) =>
    choices.map(({ message, finish_reason, logprobs }) => [message.content ?? '', finish_reason, logprobs?.content ?? []]);
  expect(told(final)).toEqual(told(whole));
  expect(final.usage).toEqual(whole.usage);
  for (const { message, logprobs } of whole.choices) {
    const tokens = logprobs?.content ?? [];
    expect(tokens.length > 0).toBe(message.content !== '');
    for (const { logprob } of tokens) expect(logprob).toBeLessThanOrEqual(0);
  }
});

it('keeps many streams apart', async () => {
  const { client } = server;
  const ask = (seed: number) => ({ ...asked, seed });
  const seeds = Array.from({ length: 12 }, (_, index) => index);
  const streamed = await Promise.all(
    seeds.map(async (seed) => {
      const texts = [];
      for await (const { choices } of await client.chat.completions.create({ ...ask(seed), stream: true })) {
        texts.push(choices[0]?.delta.content ?? '');
      }
      return texts.join('');
    }),
  );
  const whole = await Promise.all(seeds.map(async (seed) => (await client.chat.completions.create(ask(seed))).choices[0]?.message.content));
  expect(streamed).toEqual(whole);
});

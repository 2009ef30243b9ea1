import { NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readServeConfig, type ServeConfig } from './config.ts';
import { chatRows, jobIn, served, type TinyPlugins, tinyPlugins, uploaded } from './gateway.fixture.ts';
import { type ModelServerOptions, startModelServer } from './model-server.fixture.ts';

let plugins: TinyPlugins;
beforeAll(async () => {
  plugins = await tinyPlugins();
});
afterAll(() => plugins.close());

/** A server before a model server, whose base is tuned by the embedded model's trainer. */
async function servedBefore(options: ModelServerOptions, upstream: object = {}, environment: Record<string, string> = {}) {
  const behind = await startModelServer(options);
  onTestFinished(behind.close);
  const usual = await readServeConfig(undefined, {}, '/');
  const entry = { kind: options.kind, baseUrl: behind.baseUrl, model: options.model, base: 'nano', timeoutMs: 5_000, ...upstream };
  const config: ServeConfig = { ...usual, models: ['nano'], upstreams: { llama: entry } };
  const server = await served(plugins, { config, environment });
  onTestFinished(server.close);
  const ask = (model: string, more: object = {}) =>
    server.client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Who?' }], ...more });
  const tune = async () => {
    const training_file = await uploaded(server.client, chatRows(10));
    const { id } = await server.client.fineTuning.jobs.create({ model: 'llama', training_file, hyperparameters: { n_epochs: 1 } });
    const job = await jobIn(server.client, id);
    expect(job).toMatchObject({ status: 'succeeded', model: 'llama', fine_tuned_model: expect.stringMatching(/^ft:llama:rung::/) });
    return job.fine_tuned_model!;
  };
  return { behind, server, ask, tune };
}

describe('a vLLM server', () => {
  it('answers as the base, and with an adapter that it is given when first asked', async () => {
    const { behind, server, ask, tune } = await servedBefore({ kind: 'vllm', model: 'meta/llama' });
    expect(await ask('llama')).toMatchObject({ model: 'llama', choices: [{ message: { content: 'I am meta/llama' } }] });
    const tuned = await tune();
    const [one, other] = await Promise.all([ask(tuned), ask(tuned, { temperature: 0.2, seed: 4 })]);
    expect(one).toMatchObject({ model: tuned, choices: [{ message: { content: `I am ${tuned}` } }] });
    expect(other.model).toBe(tuned);
    expect([...behind.loaded.keys()]).toEqual([tuned]);
    expect(behind.loaded.get(tuned)).toMatch(/artefacts\/[0-9a-f]{64}$/);
    expect(behind.asked.at(-1)).toMatchObject({ model: tuned });
    // a restart: it has forgotten
    behind.loaded.clear();
    expect((await ask(tuned)).model).toBe(tuned);
    expect([...behind.loaded.keys()]).toEqual([tuned]);
    behind.loaded.clear();
    const stream = await server.client.chat.completions.create({
      model: tuned,
      messages: [{ role: 'user', content: 'Who?' }],
      stream: true,
    });
    for await (const { model } of stream) expect(model).toBe(tuned);
    expect([...behind.loaded.keys()]).toEqual([tuned]);
  });

  it('is handed what only it understands', async () => {
    const { behind, ask } = await servedBefore({ kind: 'vllm', model: 'm' });
    const tools = [{ type: 'function', function: { name: 'look', parameters: {} } }];
    await ask('llama', { tools, top_k: 5, n: 2 });
    expect(behind.asked.at(-1)).toMatchObject({ tools, top_k: 5, n: 2, model: 'm' });
  });

  it('streams under the name that was asked for', async () => {
    const { server } = await servedBefore({ kind: 'vllm', model: 'meta/llama' });
    const stream = await server.client.chat.completions.create({
      model: 'llama',
      messages: [{ role: 'user', content: 'Who?' }],
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) {
      expect(chunk.model).toBe('llama');
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('I am meta/llama');
  });

  it('tells in the stream that it broke off', async () => {
    const { server } = await servedBefore({ kind: 'vllm', model: 'm', breakAfter: 2 });
    const stream = await server.client.chat.completions.create({
      model: 'llama',
      messages: [{ role: 'user', content: 'Who?' }],
      stream: true,
    });
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toThrow('broke off');
  });

  it('says how to start it where it takes no adapters', async () => {
    const { ask, tune } = await servedBefore({ kind: 'vllm', model: 'm', runtimeAdapters: false });
    await expect(ask(await tune())).rejects.toMatchObject({
      status: 424,
      message: expect.stringContaining('VLLM_ALLOW_RUNTIME_LORA_UPDATING=True'),
    });
  });

  it('hands on what it says of a request, and the key of the environment', async () => {
    const { ask } = await servedBefore(
      { kind: 'vllm', model: 'm', key: 'their-key' },
      { apiKeyEnv: 'THEIR_KEY' },
      { THEIR_KEY: 'their-key' },
    );
    await expect(ask('llama', { temperature: 1.5 })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('temperature is too high'),
    });
    const refused = await servedBefore({ kind: 'vllm', model: 'm', key: 'their-key' }, { apiKeyEnv: 'THEIR_KEY' }, { THEIR_KEY: 'wrong' });
    const error = await refused.ask('llama').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 502 });
    expect(String(error)).not.toContain('wrong');
  });

  it('is told to be away', async () => {
    const { behind, ask } = await servedBefore({ kind: 'vllm', model: 'm' });
    await behind.close();
    await expect(ask('llama')).rejects.toMatchObject({ status: 502, code: 'network' });
    await expect(ask('gpt-4o')).rejects.toThrow(NotFoundError);
  });
});

describe('a llama.cpp server', () => {
  const said = (reply: { choices: readonly { message: { content: string | null } }[] }) => reply.choices[0]?.message.content;

  it('answers as the base with every adapter off, also where it was started with them on', async () => {
    for (const adapters of [[], ['other.gguf', 'third.gguf']]) {
      const { ask } = await servedBefore({ kind: 'llama.cpp', model: 'm', adapters, usualScale: 1 });
      expect(said(await ask('llama'))).toBe('I am m');
    }
  });

  it('answers with the adapter that it was started with, and says how where it was not', async () => {
    const adapters: string[] = ['/models/other.gguf'];
    const { behind, ask, tune } = await servedBefore({ kind: 'llama.cpp', model: 'm', adapters, usualScale: 1, prefix: '/models' });
    const tuned = await tune();
    const file = `${tuned.replace(/:+/g, '-')}.gguf`;
    await expect(ask(tuned)).rejects.toMatchObject({ status: 424, message: expect.stringContaining(`--lora ${file}`) });
    adapters.push(`/models/${file}`);
    expect(await ask(tuned)).toMatchObject({ model: tuned, choices: [{ message: { content: `I am m with /models/${file}` } }] });
    // started anew with the same adapters in another order
    adapters.reverse();
    expect(said(await ask(tuned))).toBe(`I am m with /models/${file}`);
    expect(said(await ask('llama', { cache_prompt: true }))).toBe('I am m');
    // what it keeps of a prompt does not say under which adapter it was read
    expect(behind.asked.map(({ cache_prompt }) => cache_prompt)).toEqual([false, false, false]);
  });
});

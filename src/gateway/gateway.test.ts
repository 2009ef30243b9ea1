import { createHash } from 'node:crypto';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError, PermissionDeniedError, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readServeConfig } from './config.ts';
import { chatRows, jobIn, type Served, served, type TinyPlugins, tinyPlugins, uploaded } from './gateway.fixture.ts';

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

describe('the fine-tuning flow with the official client', () => {
  it('uploads, trains, tells of it, and answers with the result', async () => {
    const { client } = server;
    const training_file = await uploaded(client, chatRows(12));
    const validation_file = await uploaded(client, chatRows(4), 'validation.jsonl');
    const created = await client.fineTuning.jobs.create({
      model: 'nano',
      training_file,
      validation_file,
      suffix: 'Even Odd',
      seed: 7,
      metadata: { team: 'numbers' },
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3, batch_size: 4 } } },
    });
    expect(created).toMatchObject({
      object: 'fine_tuning.job',
      id: expect.stringMatching(/^ftjob-[A-Za-z0-9]{24}$/),
      status: 'validating_files',
      model: 'nano',
      fine_tuned_model: null,
      finished_at: null,
      trained_tokens: null,
      error: null,
      result_files: [],
      seed: 7,
      training_file,
      validation_file,
      metadata: { team: 'numbers' },
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 3, batch_size: 4, learning_rate_multiplier: 'auto' } } },
    });
    const job = await jobIn(client, created.id);
    expect(job).toMatchObject({ status: 'succeeded', error: null });
    expect(job.fine_tuned_model).toMatch(/^ft:nano:rung:even-odd:[A-Za-z0-9]{8}$/);
    expect(job.hyperparameters).toEqual({ n_epochs: 3, batch_size: 4, learning_rate_multiplier: 1 });

    const events: string[] = [];
    for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 3 })) events.push(event.message);
    expect(new Set(events).size).toBe(events.length);
    expect(events[0]).toBe('The job has successfully completed');
    expect(events.at(-1)).toBe(`Created fine-tuning job: ${job.id}`);
    expect(events.filter((message) => /^Step \d+\/9: training loss=/.test(message))).toHaveLength(9);

    const checkpoints = [];
    for await (const checkpoint of client.fineTuning.jobs.checkpoints.list(job.id, { limit: 1 })) checkpoints.push(checkpoint);
    expect(checkpoints.length).toBeGreaterThan(0);
    for (const checkpoint of checkpoints) {
      expect(checkpoint).toMatchObject({
        object: 'fine_tuning.job.checkpoint',
        id: expect.stringMatching(/^ftckpt_/),
        fine_tuning_job_id: job.id,
        fine_tuned_model_checkpoint: `${job.fine_tuned_model}:ckpt-step-${checkpoint.step_number}`,
        metrics: { step: checkpoint.step_number, valid_loss: expect.any(Number) },
      });
    }

    const results = await (await client.files.content(job.result_files[0]!)).text();
    expect(results.split('\n')[0]).toBe('step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy');
    expect(results.trim().split('\n')).toHaveLength(10);

    const ask = (model: string) =>
      client.chat.completions.create({ model, messages: [{ role: 'user', content: 'number 4' }], max_tokens: 8, temperature: 0 });
    const answer = await ask(job.fine_tuned_model!);
    expect(answer).toMatchObject({ object: 'chat.completion', model: job.fine_tuned_model });
    const fromCheckpoint = await ask(checkpoints[0]!.fine_tuned_model_checkpoint);
    expect(fromCheckpoint.choices[0]?.message.role).toBe('assistant');
    const base = await ask('nano');
    expect(answer.system_fingerprint).not.toBe(base.system_fingerprint);

    const models = (await client.models.list()).data.map(({ id }) => id);
    expect(models).toContain(job.fine_tuned_model);
    expect(await client.models.delete(job.fine_tuned_model!)).toEqual({ id: job.fine_tuned_model, object: 'model', deleted: true });
    await expect(ask(job.fine_tuned_model!)).rejects.toThrow(NotFoundError);
  });

  it('lists jobs newest first, in pages and by their metadata', async () => {
    const { client } = server;
    const training_file = await uploaded(client, chatRows(3));
    const made = [];
    for (const name of ['a', 'b', 'a'])
      made.push((await client.fineTuning.jobs.create({ model: 'nano', training_file, metadata: { name } })).id);
    const listed: string[] = [];
    for await (const { id } of client.fineTuning.jobs.list({ limit: 1 })) listed.push(id);
    expect(listed.slice(0, 3)).toEqual(made.toReversed());
    const named = await client.fineTuning.jobs.list({ metadata: { name: 'a' } });
    expect(named.data.map(({ id }) => id)).toEqual([made[2], made[0]]);
    expect((await client.fineTuning.jobs.list({ query: { metadata: 'null' } } as never)).data).toEqual([]);
    for (const id of made) await jobIn(client, id);
  });

  it('cancels, pauses and resumes', async () => {
    const { client } = server;
    const training_file = await uploaded(client, chatRows(40));
    const long = { model: 'nano', training_file, hyperparameters: { n_epochs: 50, batch_size: 4 } } as const;
    const first = await client.fineTuning.jobs.create(long);
    const second = await client.fineTuning.jobs.create(long);
    expect((await jobIn(client, first.id, ['running'])).status).toBe('running');
    // one at a time
    expect((await jobIn(client, second.id, ['queued'])).status).toBe('queued');
    expect((await client.fineTuning.jobs.pause(first.id)).status).toBe('paused');
    expect((await jobIn(client, second.id, ['running'])).status).toBe('running');
    expect((await client.fineTuning.jobs.resume(first.id)).status).toBe('queued');
    expect((await client.fineTuning.jobs.cancel(second.id)).status).toBe('cancelled');
    expect((await jobIn(client, first.id, ['running'])).status).toBe('running');
    expect((await client.fineTuning.jobs.cancel(first.id)).status).toBe('cancelled');
    await expect(client.fineTuning.jobs.cancel(first.id)).rejects.toThrow(BadRequestError);
    const { data } = await client.fineTuning.jobs.listEvents(first.id, { limit: 100 });
    expect(data.map(({ message }) => message)).toContain('Fine-tuning job goes on from its checkpoint');
  });
});

describe('a server that is started again', () => {
  it('goes on with what it had, and keeps what was made', async () => {
    const before = await served(plugins);
    const training_file = await uploaded(before.client, chatRows(20));
    const quick = await before.client.fineTuning.jobs.create({ model: 'nano', training_file, hyperparameters: { n_epochs: 1 } });
    const done = await jobIn(before.client, quick.id);
    const long = { model: 'nano', training_file, hyperparameters: { n_epochs: 6, batch_size: 4 } } as const;
    const running = await before.client.fineTuning.jobs.create(long);
    const queued = await before.client.fineTuning.jobs.create(long);
    await jobIn(before.client, running.id, ['running']);
    await before.gateway.close();

    const after = await served(plugins, { state: before.state });
    onTestFinished(after.close);
    expect((await after.client.files.list()).data.map(({ id }) => id)).toContain(training_file);
    expect(await jobIn(after.client, running.id)).toMatchObject({ status: 'succeeded', error: null });
    expect(await jobIn(after.client, queued.id)).toMatchObject({ status: 'succeeded', error: null });
    const model = done.fine_tuned_model!;
    const answer = await after.client.chat.completions.create({ model, messages: [{ role: 'user', content: 'number 1' }], max_tokens: 3 });
    expect(answer.model).toBe(model);
  });

  it('says so where another server has its state', async () => {
    await expect(served(plugins, { state: server.state })).rejects.toThrow('Another server is at work on this state.');
  });
});

describe('chat', () => {
  const messages = [{ role: 'user' as const, content: 'number 3' }];

  it('streams the same answer as it gives whole', async () => {
    const { client } = server;
    const asked = { model: 'nano', messages, max_completion_tokens: 12, seed: 3, temperature: 0.7 };
    const whole = await client.chat.completions.create(asked);
    const stream = await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    const ends: unknown[] = [];
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.finish_reason) ends.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(ends).toEqual([whole.choices[0]?.finish_reason]);
    expect(usage).toEqual(whole.usage);
    const final = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(text);
  });

  it('gives log-probabilities, one per token', async () => {
    const answer = await server.client.chat.completions.create({ model: 'nano', messages, max_tokens: 6, logprobs: true, seed: 1 });
    const tokens = answer.choices[0]?.logprobs?.content ?? [];
    expect(tokens.length).toBeGreaterThan(0);
    for (const { logprob, bytes, token } of tokens) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(bytes).toEqual([...Buffer.from(token)]);
    }
  });

  it.each([
    [{ model: 'gpt-4o', messages }, NotFoundError, 'model_not_found', 'model'],
    [{ model: 'nano', messages, n: 17 }, BadRequestError, 'invalid_value', 'n'],
    [{ model: 'nano', messages: [] }, BadRequestError, 'invalid_value', 'messages'],
    [{ model: 'nano', messages, best_of: 2 }, BadRequestError, 'unknown_parameter', 'best_of'],
    [{ model: 'nano', messages, temperature: 3 }, BadRequestError, 'invalid_value', 'temperature'],
    [{ model: 'nano', messages: [{ role: 'user', content: 'x'.repeat(500) }] }, BadRequestError, 'context_length_exceeded', 'messages'],
    [
      { model: 'nano', messages, response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } } },
      BadRequestError,
      'unsupported_parameter',
      'response_format',
    ],
  ])('refuses %j in the words of the vendor', async (body, kind, code, param) => {
    const error = await server.client.chat.completions.create(body as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code, param, type: 'invalid_request_error' });
  });
});

describe('files', () => {
  it('keeps bytes as they came, and takes them away', async () => {
    const { client } = server;
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
    const file = await client.files.create({ file: await toFile(bytes, '../../näme\u0007.jsonl'), purpose: 'fine-tune' });
    expect(file).toMatchObject({
      object: 'file',
      bytes: bytes.length,
      purpose: 'fine-tune',
      status: 'processed',
      id: expect.stringMatching(/^file-/),
    });
    expect(file.filename).toBe('näme_.jsonl');
    const same = await client.files.create({ file: await toFile(bytes, 'same.jsonl'), purpose: 'fine-tune' });
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    const content = Buffer.from(await (await client.files.content(same.id)).arrayBuffer());
    expect(createHash('sha256').update(content).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    await expect(client.files.retrieve(file.id)).rejects.toThrow(NotFoundError);
    await expect(client.files.content(file.id)).rejects.toThrow(NotFoundError);
    const pages = await client.files.list({ limit: 1, purpose: 'fine-tune' });
    expect(pages.data).toHaveLength(1);
    await client.files.delete(same.id);
  });

  it.each(['../../../etc/passwd', '..%2f..%2fjobs', 'file-x/../../y'])('knows no file %s', async (id) => {
    await expect(server.client.files.content(id)).rejects.toThrow(NotFoundError);
  });

  it('refuses another purpose, an empty file and one that is too large', async () => {
    const { client } = server;
    const file = await toFile(Buffer.from('{}'), 'x.jsonl');
    await expect(client.files.create({ file, purpose: 'vision' })).rejects.toThrow(BadRequestError);
    await expect(client.files.create({ file: await toFile(Buffer.from(''), 'x.jsonl'), purpose: 'fine-tune' })).rejects.toThrow('empty');
    const small = await served(plugins, { config: { ...(await readServeConfig(undefined, {}, '/')), fileMegabytes: 0.001 } });
    onTestFinished(small.close);
    const large = await toFile(Buffer.alloc(3000, 'x'), 'x.jsonl');
    await expect(small.client.files.create({ file: large, purpose: 'fine-tune' })).rejects.toMatchObject({ status: 413 });
    expect((await small.client.files.list()).data).toEqual([]);
  });
});

describe('who may ask', () => {
  it('lets in whoever shows the key, and nobody else', async () => {
    const guarded = await served(plugins, { key: 'a-secret-of-some-length' });
    onTestFinished(guarded.close);
    expect((await guarded.client.models.list()).data).toHaveLength(1);
    const error = await new OpenAI({ baseURL: guarded.gateway.baseUrl, apiKey: 'another', maxRetries: 0 }).models.list().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ code: 'invalid_api_key' });
    expect((await fetch(`${guarded.gateway.baseUrl}/models`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${guarded.gateway.port}/healthz`)).status).toBe(200);
    expect(guarded.lines.join()).not.toContain('a-secret');
  });

  it('refuses pages of other origins, and names that only point here', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const error = await new OpenAI({ baseURL: server.gateway.baseUrl, apiKey: 'any', maxRetries: 0, defaultHeaders: headers }).models
      .list()
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(PermissionDeniedError);
    const open = await served(plugins, { origins: ['https://elsewhere.example'] });
    onTestFinished(open.close);
    const reply = await fetch(`${open.gateway.baseUrl}/models`, { headers });
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, 'https://elsewhere.example']);
  });

  it('gives every reply a name, and keeps to its own paths', async () => {
    const reply = await fetch(`${server.gateway.baseUrl}/nothing`);
    expect(reply.status).toBe(404);
    expect(reply.headers.get('x-rung-request-id')).toMatch(/^req_/);
    expect(await reply.json()).toMatchObject({ error: { type: 'invalid_request_error', code: 'unknown_url', param: null } });
  });
});

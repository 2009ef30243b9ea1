import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readServeConfig } from './config.ts';
import { chatRows, jobIn, jsonLines, served, type TinyPlugins, tinyPlugins, uploaded } from './gateway.fixture.ts';
import { pageOf } from './paging.ts';

let plugins: TinyPlugins;
beforeAll(async () => {
  plugins = await tinyPlugins();
});
afterAll(() => plugins.close());

const usual = () => readServeConfig(undefined, {}, '/');
const opened = async (changes: object = {}) => {
  const server = await served(plugins, { config: { ...(await usual()), ...changes } });
  onTestFinished(server.close);
  return server;
};

describe('a job', () => {
  it('learns preferences by dpo', async () => {
    const { client } = await opened();
    const row = (index: number) => ({
      input: { messages: [{ role: 'user', content: `number ${index}` }] },
      preferred_output: [{ role: 'assistant', content: 'yes' }],
      non_preferred_output: [{ role: 'assistant', content: 'no' }],
    });
    const training_file = await uploaded(client, jsonLines(10, row));
    const method = { type: 'dpo', dpo: { hyperparameters: { beta: 0.2, n_epochs: 1, batch_size: 5 } } } as const;
    const created = await client.fineTuning.jobs.create({ model: 'nano', training_file, method });
    const job = await jobIn(client, created.id);
    expect(job).toMatchObject({
      status: 'succeeded',
      error: null,
      method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.2, n_epochs: 1, batch_size: 5, learning_rate_multiplier: 1 } } },
    });
  });

  it('goes on from a tuned model', async () => {
    const { client } = await opened();
    const training_file = await uploaded(client, chatRows(10));
    const asked = { training_file, hyperparameters: { n_epochs: 1, batch_size: 10 } } as const;
    const first = await jobIn(client, (await client.fineTuning.jobs.create({ model: 'nano', ...asked })).id);
    const model = first.fine_tuned_model!;
    const second = await jobIn(client, (await client.fineTuning.jobs.create({ model, ...asked })).id);
    expect(second).toMatchObject({ status: 'succeeded', error: null, model, fine_tuned_model: expect.stringMatching(/^ft:nano:rung::/) });
    expect(second.fine_tuned_model).not.toBe(model);
  });

  it('takes in an adapter that was trained elsewhere, and tells of it', async () => {
    const { client, state } = await opened();
    const training_file = await uploaded(client, chatRows(10));
    await jobIn(client, (await client.fineTuning.jobs.create({ model: 'nano', training_file, hyperparameters: { n_epochs: 1 } })).id);
    const artefacts = join(state, 'artefacts');
    const [adapter = ''] = await readdir(artefacts);
    const config = join(artefacts, adapter, 'adapter_config.json');
    await writeFile(config, JSON.stringify({ ...JSON.parse(await readFile(config, 'utf8')), base_model_name_or_path: 'nano' }));
    const other = await opened({ trainers: { adapter: { folder: adapter } }, folder: artefacts });
    const asked = { model: 'nano', training_file: await uploaded(other.client, chatRows(10)), metadata: { trainer: 'adapter' } };
    const job = await jobIn(other.client, (await other.client.fineTuning.jobs.create(asked)).id);
    expect(job).toMatchObject({ status: 'succeeded', error: null });
    const messages = (await other.client.fineTuning.jobs.listEvents(job.id)).data.map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringMatching(/adapter/i));
  });

  it('that cannot be kept is refused and is none', async () => {
    const { client, state } = await opened();
    const training_file = await uploaded(client, chatRows(10));
    await rm(join(state, 'jobs'), { recursive: true });
    await expect(client.fineTuning.jobs.create({ model: 'nano', training_file })).rejects.toMatchObject({ status: 500 });
    expect((await client.fineTuning.jobs.list()).data).toEqual([]);
  });

  it.each([
    ['a file with a fault', `${chatRows(10)}{"messages": []}\n`, 'invalid_training_file', /train\.jsonl, line 11/],
    ['too few rows', chatRows(9), 'invalid_n_examples', /9 example/],
    [
      'a row that is too long',
      chatRows(12, (index) => (index === 3 ? { messages: longRow } : {})),
      'example_too_long',
      /line 4: This training row has/,
    ],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1'), 'invalid_training_file', /line 1 is not JSON/],
  ])('ends before training on %s', async (_what, text, code, message) => {
    const { client } = await opened();
    const { id } = await client.fineTuning.jobs.create({ model: 'nano', training_file: await uploaded(client, text) });
    const job = await jobIn(client, id);
    expect(job).toMatchObject({ status: 'failed', error: { code, param: 'training_file', message: expect.stringMatching(message) } });
    const { data } = await client.fineTuning.jobs.listEvents(id);
    expect(data[0]).toMatchObject({ level: 'error', message: job.error?.message });
  });

  it.each([
    [{ model: 'gpt-4o' }, 'model_not_available', 'model'],
    [{ training_file: 'file-none' }, 'invalid_file', 'training_file'],
    [{ metadata: { trainer: 'nobody' } }, 'no_trainer', 'metadata.trainer'],
    [{ method: { type: 'reinforcement', reinforcement: {} } }, 'unsupported_method', 'method.type'],
    [{ integrations: [{ type: 'wandb', wandb: { project: 'x' } }] }, 'unsupported_integration', 'integrations'],
    [{ hyperparameters: { n_epochs: 0 } }, 'invalid_value', 'hyperparameters.n_epochs'],
    [{ hyperparameters: { rank: 4 } }, 'unknown_parameter', 'hyperparameters.rank'],
    [{ suffix: 'x'.repeat(65) }, 'invalid_value', 'suffix'],
    [{ seed: -1 }, 'invalid_value', 'seed'],
  ])('is refused with %j', async (changes, code, param) => {
    const { client } = await opened();
    const body = { model: 'nano', training_file: await uploaded(client, chatRows(10)), ...changes };
    await expect(client.fineTuning.jobs.create(body as never)).rejects.toMatchObject({ status: 400, code, param });
    expect((await client.fineTuning.jobs.list()).data).toEqual([]);
  });

  it('is one of so many that may wait', async () => {
    const { client } = await opened({ waitingJobs: 1 });
    const training_file = await uploaded(client, chatRows(40));
    const asked = { model: 'nano', training_file, hyperparameters: { n_epochs: 50, batch_size: 2 } } as const;
    const { id } = await client.fineTuning.jobs.create(asked);
    await expect(client.fineTuning.jobs.create(asked)).rejects.toThrow(RateLimitError);
    await client.fineTuning.jobs.cancel(id);
  });
});

const longRow = [
  { role: 'user', content: 'x'.repeat(400) },
  { role: 'assistant', content: 'y' },
];

it('refuses more requests than it takes at a time, and takes the next', async () => {
  const { client } = await opened({ requestsAtATime: 1 });
  const ask = () =>
    client.chat.completions.create({ model: 'nano', messages: [{ role: 'user', content: 'hello' }], max_tokens: 200, seed: 1 });
  const settled = await Promise.allSettled([ask(), ask(), ask(), ask()]);
  const refused = settled.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  for (const one of refused) expect((one as PromiseRejectedResult).reason).toBeInstanceOf(RateLimitError);
  expect((await ask()).choices).toHaveLength(1);
});

it('answers under names of this machine alone', async () => {
  const { gateway } = await opened();
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ port: gateway.port, path: '/v1/models', headers: { host } }, (reply) => resolve(reply.resume().statusCode));
      sent.on('error', reject).end();
    });
  expect(await statusFor(`localhost:${gateway.port}`)).toBe(200);
  expect(await statusFor('[::1]')).toBe(200);
  expect(await statusFor('[::1]:80')).toBe(200);
  for (const host of ['evil.example', '[::1].evil.example', '[::2]', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'])
    expect(await statusFor(host)).toBe(403);
});

describe('a request that is no request', () => {
  it.each([
    ['GET /v1/files/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    [`GET /v1/files/${'a'.repeat(500)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 414],
    ['no HTTP\r\n\r\n', 400],
    ['POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', 400],
    [
      'POST /v1/files HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc',
      400,
    ],
    [
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}',
      415,
    ],
  ])('is refused in the shape that clients read: %j', async (bytes, status) => {
    const { gateway } = await opened();
    const reply = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text)).on('error', reject);
    });
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(reply.slice(reply.indexOf('\r\n\r\n')))).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: expect.toSatisfy(isTextOrNull) },
    });
  });

  it('leaves the connection to the next one where it was an upload', async () => {
    const { gateway } = await opened({ fileMegabytes: 1 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const upload = (bytes: number, name: string) => {
      const head = `--B\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\n\r\n`;
      const body = Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, 'a'), Buffer.from('\r\n--B--\r\n')]);
      const headers = { 'content-type': 'multipart/form-data; boundary=B', 'content-length': body.length };
      return new Promise<number | undefined>((resolve, reject) => {
        const sent = request({ agent, port: gateway.port, path: '/v1/files', method: 'POST', headers }, (reply) =>
          reply.resume().on('end', () => resolve(reply.statusCode)),
        );
        sent.on('error', reject).end(body);
      });
    };
    // refused before it is read, refused while it is read, and one more on the same connection
    expect(await upload(900_000, 'picture')).toBe(400);
    expect(await upload(2_000_000, 'file')).toBe(413);
    expect(await upload(10, 'file')).toBe(400);
  });
});

const isTextOrNull = (code: unknown) => code === null || typeof code === 'string';

it('a list is walked through whole, in pages of any size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 50 }), (count, limit) => {
      const items = Array.from({ length: count }, (_, index) => ({ id: `i${index}` }));
      const seen: { id: string }[] = [];
      for (let after: string | undefined; ; ) {
        const page = pageOf(items, { limit: String(limit), after }, { usual: 10, most: 20 });
        expect(page.data.length).toBeLessThanOrEqual(Math.min(limit, 20));
        seen.push(...page.data);
        if (!page.has_more) break;
        after = page.last_id ?? undefined;
      }
      expect(seen).toEqual(items);
    }),
  );
});

import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTuningServer, type TuningServer } from './tuning-server.ts';

let server: TuningServer;
let folder: string;
beforeAll(async () => {
  server = await startTuningServer({ service: 'openai', key: 'sk-test' });
  folder = await mkdtemp(join(tmpdir(), 'rung-tuning-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

// The server is only worth testing trainers against where the vendor's own client takes it for the vendor's.
test("OpenAI's own client runs its fine-tuning flow against the server", async () => {
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: server.baseUrl, maxRetries: 0 });
  const path = join(folder, 'rows.jsonl');
  const row = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  };
  await writeFile(path, `${JSON.stringify(row)}\n`.repeat(10));
  const file = await client.files.create({ file: createReadStream(path), purpose: 'fine-tune' });
  expect((await client.files.list({ purpose: 'fine-tune' })).data).toMatchObject([{ id: file.id, filename: 'rows.jsonl' }]);
  const method = { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2, batch_size: 5 } } } as const;
  const job = await client.fineTuning.jobs.create({ model: 'gpt-4o-mini', training_file: file.id, method });
  expect(job.status).toBe('validating_files');
  let now = job;
  while (now.finished_at === null) now = await client.fineTuning.jobs.retrieve(job.id);
  expect(now).toMatchObject({ status: 'succeeded', trained_tokens: 1000, hyperparameters: { n_epochs: 2 } });
  const events = [];
  for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 2 })) events.push(event);
  expect(events.filter(({ type }) => type === 'metrics').map(({ data }) => (data as { step: number }).step)).toEqual([4, 3, 2, 1]);
  expect((await client.fineTuning.jobs.checkpoints.list(job.id)).data).toEqual([]);
  await expect(client.fineTuning.jobs.cancel(job.id)).rejects.toMatchObject({ status: 400 });
  expect((await client.models.retrieve(now.fine_tuned_model ?? '')).id).toBe(now.fine_tuned_model);
  await expect(new OpenAI({ apiKey: 'sk-other', baseURL: server.baseUrl, maxRetries: 0 }).files.list()).rejects.toMatchObject({
    status: 401,
  });
});

import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startTuningServer } from '#testing/tuning-server.ts';
import { testKey, testTools } from '#trainers/hosted.fixture.ts';
import { openaiTrainer } from '#trainers/openai.ts';
import { readServeConfig } from './config.ts';
import { chatRows, jobIn, served, type TinyPlugins, tinyPlugins, uploaded } from './gateway.fixture.ts';

let plugins: TinyPlugins;
beforeAll(async () => {
  plugins = await tinyPlugins();
});
afterAll(() => plugins.close());

const base = 'vendor/gpt-4o-mini-2024-07-18';

/** A server whose models are another service's. */
async function servedOver(key: string) {
  const service = await startTuningServer({ service: 'openai', key: testKey });
  onTestFinished(service.close);
  const providers = { vendor: { kind: 'openai', settings: { baseUrl: service.baseUrl } } };
  const server = await served(
    { providers: plugins.providers, trainers: [openaiTrainer(testTools())] },
    { config: { ...(await readServeConfig(undefined, {}, '/')), models: [base], providers }, environment: { OPENAI_API_KEY: key } },
  );
  onTestFinished(server.close);
  const training_file = await uploaded(server.client, chatRows(12));
  const { id } = await server.client.fineTuning.jobs.create({
    model: base,
    training_file,
    suffix: 'Kinds',
    hyperparameters: { n_epochs: 1 },
  });
  return { service, client: server.client, job: await jobIn(server.client, id) };
}

it('a hosted base is tuned by its service and listed under a name of this server', async () => {
  const { service, client, job } = await servedOver(testKey);
  expect(job).toMatchObject({ status: 'succeeded', error: null, model: base });
  expect(job.fine_tuned_model).toMatch(new RegExp(`^ft:${base}:rung:kinds:`));
  expect(service.jobs.size).toBe(1);
  expect((await client.models.retrieve(job.fine_tuned_model!)).id).toBe(job.fine_tuned_model);
});

it('a refused key ends the job with a sentence that does not show it', async () => {
  const { job } = await servedOver('sk-wrong-0123456789abcdef');
  expect(job).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('OPENAI_API_KEY') } });
  expect(JSON.stringify(job)).not.toContain('sk-wrong');
});

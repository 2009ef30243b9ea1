import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainerContext, TrainingEvent, TrainingJob, TrainingStatus } from '#core/trainer.ts';
import { type HubRepository, type HubServer, startHubServer } from '#testing/hub-server.ts';
import { peftTrainer } from './peft.ts';

const { PATH = '', RUNG_PYTHON } = process.env;
const shipped = join(import.meta.dirname, '../../models/nano');
const first = 'a'.repeat(40);
const second = 'b'.repeat(40);
const secret = 'hf_aTokenThatNobodyMaySee';
const names = ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

let scratch: string;
let hub: HubServer;
let open: HubRepository;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'rung-hub-'));
  const present = (await readdir(shipped)).filter((name) => names.includes(name) || name.endsWith('.jinja'));
  const files = Object.fromEntries(await Promise.all(present.map(async (name) => [name, await readFile(join(shipped, name))] as const)));
  // what must not be fetched: the weights once more in a form that can run code
  const all = { ...files, 'pytorch_model.bin': Buffer.from('pickle'), 'onnx/model.onnx': Buffer.from('onnx') };
  const commits = { [first]: all, [second]: { ...all, 'README.md': Buffer.from('new') } };
  open = { commits, refs: { main: first } };
  hub = await startHubServer({
    'small/open': open,
    'small/gated': { commits, refs: { main: first }, gated: secret },
  });
});
afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

let folders = 0;
function context(model: string, changes: Partial<TrainerContext> = {}, variables: Record<string, string> = {}): TrainerContext {
  const place = join(scratch, `${++folders}`);
  return {
    base: { name: `hub/${model}`, kind: 'transformers', model, settings: {} },
    settings: { threads: 1 },
    environment: { PATH, RUNG_PYTHON, HF_ENDPOINT: hub.url, HF_HOME: join(scratch, 'cache'), HOME: scratch, ...variables },
    taskFolder: scratch,
    scratchFolder: place,
    keep: async (folder) => JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8')).revision,
    adapterFolder: async (artefact) => artefact,
    onEvent: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
}

const row = (index: number) => ({
  messages: [
    { role: 'user' as const, content: `number ${index}` },
    { role: 'assistant' as const, content: 'yes' },
  ],
});
const job = (model: string, seed = 1): TrainingJob => ({
  method: 'supervised',
  train: [row(1), row(2)],
  validation: [row(3)],
  base: { model: `hub/${model}` },
  hyperparameters: { epochs: 1, batchSize: 2, rank: 2 },
  seed,
});

async function ended(asked: TrainingJob, given: TrainerContext): Promise<TrainingStatus> {
  const trainer = peftTrainer();
  const handle = await trainer.start(asked, given);
  for (;;) {
    const status = await trainer.poll(handle, { waitMs: 1_000 });
    if (status.state !== 'running') return status;
  }
}

const messagesOf = (events: readonly TrainingEvent[] = []) => events.flatMap((event) => (event.type === 'message' ? [event.message] : []));

describe.skipIf(!RUNG_PYTHON)('a base model of the hub (skipped where RUNG_PYTHON names no Python)', { timeout: 300_000 }, () => {
  it('is fetched once at one commit, which is put down, and serves offline from then on', async () => {
    hub.cut('model.safetensors', 200_000, 2);
    const status = await ended(job('small/open'), context('small/open'));
    expect(status.state, status.error).toBe('succeeded');
    expect(status.outcome?.model.adapter).toBe(first);
    expect(messagesOf(status.outcome?.events)).toContainEqual(expect.stringContaining(`small/open at the commit ${first}`));
    const fetched = hub.requests.filter(({ method, path }) => method === 'GET' && path.includes('/resolve/'));
    expect(fetched.filter(({ path }) => /\.bin$|onnx/.test(path))).toEqual([]);
    // cut off twice, and asked for again
    expect(fetched.filter(({ path }) => path.endsWith('model.safetensors'))).toHaveLength(3);

    const asked = hub.requests.length;
    const offline = await ended(job('small/open', 2), context('small/open', {}, { HF_HUB_OFFLINE: '1' }));
    expect(offline.state, offline.error).toBe('succeeded');
    expect(hub.requests).toHaveLength(asked);
  });

  it('is that of the first start for the whole job, though its branch has moved on', async () => {
    const given = context('small/open');
    const controller = new AbortController();
    const begun: TrainerContext = { ...given, signal: controller.signal, onEvent: () => controller.abort() };
    open.refs['main'] = first;
    await ended(job('small/open', 3), begun);
    open.refs['main'] = second;
    const status = await ended(job('small/open', 3), given);
    open.refs['main'] = first;
    expect(status.state, status.error).toBe('succeeded');
    expect(status.outcome?.model.adapter).toBe(first);
  });

  it.each([
    ['small/gated', {}, /is gated: its owner/],
    ['small/gated', { HF_TOKEN: 'hf_another' }, /not let in/],
    ['small/absent', {}, /knows no model small\/absent/],
    ['small/unseen', { HF_ENDPOINT: 'http://127.0.0.1:9' }, /hub cannot be asked/],
  ])('%s with %o is refused with a sentence and a way out', async (model, variables, message) => {
    const checked = peftTrainer().check?.(job(model), context(model, {}, variables));
    await expect(checked).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w+ \w+/),
    });
  });

  it('is refused where it has no such revision', async () => {
    const base = { name: 'hub', kind: 'transformers', model: 'small/open', settings: { revision: 'v9' } };
    await expect(peftTrainer().check?.(job('small/open'), context('small/open', { base }))).rejects.toMatchObject({
      message: expect.stringContaining('no revision v9'),
    });
  });

  it('opens to a token, which is written nowhere', async () => {
    const given = context('small/gated', {}, { HF_TOKEN: secret });
    const status = await ended(job('small/gated'), given);
    expect(status.state, status.error).toBe('succeeded');
    expect(JSON.stringify(status)).not.toContain(secret);
    const files = await readdir(given.scratchFolder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      expect((await readFile(join(file.parentPath, file.name), 'latin1')).includes(secret), file.name).toBe(false);
    }
  });
});

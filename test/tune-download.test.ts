import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TrainingJob } from '../src/core/trainer.ts';
import { openTaskJobs } from '../src/jobs/jobs.ts';
import { runJob } from '../src/jobs/run-job.ts';
import { makeTinyModel } from '../src/nano/tiny-model.fixture.ts';
import { startTuningServer, type TuningFault, type TuningServer } from '../src/testing/tuning-server.ts';
import { testTools } from '../src/trainers/hosted.fixture.ts';
import { togetherTrainer } from '../src/trainers/together.ts';
import { rung } from './command-line.fixture.ts';
import { taskFolder } from './task-folder.fixture.ts';
import { smallTask } from './tune-task.fixture.ts';

interface Tuned {
  readonly job: string;
  readonly adapter: string;
  readonly steps: readonly { readonly step: number; readonly metrics?: { readonly accuracy: number } }[];
  readonly best: { readonly step: number };
}

let model: string;
let trained: Promise<{ readonly folder: string; readonly tuned: Tuned }> | undefined;
beforeAll(async () => {
  model = (await makeTinyModel()).folder;
});
afterAll(async () => {
  for (const folder of [model, (await trained)?.folder]) if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** A task whose model was tuned on this machine, to be copied. */
async function train() {
  const made = await smallTask(model, { epochs: 2, more: 'trainers: { adapter: { folder: adapters/back } }' });
  const tuned: Tuned = JSON.parse((await rung(['tune', 'start', made, '--json'])).stdout);
  const folder = await mkdtemp(join(tmpdir(), 'rung-trained-'));
  await cp(made, folder, { recursive: true });
  return { folder, tuned };
}

const names = ['adapter_config.json', 'adapter_model.safetensors'];
const hosted: TrainingJob = {
  ...{ method: 'supervised', base: { model: 'together/llama-8b' }, validation: [], hyperparameters: { epochs: 1 }, seed: 1 },
  train: [
    {
      messages: [
        { role: 'user', content: 'number 1' },
        { role: 'assistant', content: 'no' },
      ],
    },
  ],
};

/** That task, and a service that was given the same adapter to hand out. */
async function tunedTask(faults: readonly TuningFault[] = []) {
  trained ??= train();
  const { folder: from, tuned } = await trained;
  const folder = await taskFolder({});
  await cp(from, folder, { recursive: true });
  const contents = names.map(async (name) => [name, await readFile(join(folder, '.rung/artefacts', tuned.adapter, name))]);
  const server = await startTuningServer({
    service: 'together',
    weights: { files: Object.fromEntries(await Promise.all(contents)) },
    faults,
  });
  onTestFinished(server.close);
  const task = await readFile(join(folder, 'task.yaml'), 'utf8');
  const entry = `together: { kind: openai-compatible, baseUrl: "${server.baseUrl}", apiKeyEnv: null }`;
  await writeFile(join(folder, 'task.yaml'), task.replace('folder: model }', `folder: model }, ${entry}`));
  const { id } = await tunedAt(server, folder);
  return { folder, tuned, server, id };
}

function tunedAt(server: TuningServer, folder: string) {
  const base = {
    name: 'together/llama-8b',
    kind: 'openai-compatible',
    model: 'llama-8b',
    settings: { baseUrl: server.baseUrl, apiKeyEnv: null },
  };
  const site = {
    base,
    settings: {},
    environment: {},
    taskFolder: folder,
    adapterFolder: async () => '',
    signal: new AbortController().signal,
  };
  return runJob(hosted, { jobs: openTaskJobs(folder), trainer: togetherTrainer(testTools()), site, keep: async () => '' });
}

const fetches = ({ requests }: TuningServer) => requests.filter(({ action }) => action === 'weights-file');

describe('rung tune download', () => {
  it('brings home the adapter that a service tuned, which answers as it did', async () => {
    const { folder, tuned, id } = await tunedTask();
    const shown = await rung(['tune', 'show', id, '--task', folder]);
    expect(shown.stdout.replace(/\s+/g, ' ')).toContain(`weights at together: rung tune download ${id}`);
    const { code, stdout, stderr } = await rung(['tune', 'download', id, folder, '--name', 'back', '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/fetched .* of /);
    expect(JSON.parse(stdout)).toMatchObject({
      job: id,
      trainer: 'together',
      adapter: { folder: 'adapters/back', source: 'peft', rank: 2 },
    });
    expect(existsSync(join(folder, '.rung/jobs', id, 'scratch/download'))).toBe(false);

    const taken = await rung(['tune', 'start', folder, '--trainer', 'adapter', '--json']);
    expect(taken.code, taken.stderr).toBe(0);
    const found = JSON.parse(taken.stdout);
    // an artefact's id is the hash of its content: the same weights give the same logits
    expect(found.adapter).toBe(tuned.adapter);
    const metricOf = ({ steps, best }: Tuned) => steps.find(({ step }) => step === best.step)?.metrics?.accuracy;
    expect(metricOf(tuned)).toBeTypeOf('number');
    expect(metricOf(found)).toBe(metricOf(tuned));
  });

  it('says how to use what it brought, and does not write over it', async () => {
    const { folder, id } = await tunedTask();
    const { code, stdout } = await rung(['tune', 'download', id.slice(0, 8), folder, '--base', 'hub/small']);
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(join(folder, 'adapters', id, names[0]!), 'utf8'))).toMatchObject({
      ...{ peft_type: 'LORA', r: 2, base_model_name_or_path: 'hub/small' },
    });
    expect(stdout).toContain('rank 2, trained on hub/small');
    expect(stdout).toContain(`trainers: { adapter: { folder: adapters/${id} } }`);
    expect(stdout).toContain('kind: transformers');
    const again = await rung(['tune', 'download', id, folder]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('Give another name with --name')]);
    const odd = await rung(['tune', 'download', id, folder, '--name', '../out']);
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('cannot be the name of an adapter')]);
  });

  it('says where an adapter is that nobody need fetch, and what cannot be fetched', async () => {
    const { folder, tuned } = await tunedTask();
    const here = await rung(['tune', 'download', tuned.job, folder]);
    expect([here.code, here.stderr]).toEqual([2, expect.stringContaining(join(folder, '.rung/artefacts', tuned.adapter))]);
    const shown = await rung(['tune', 'show', tuned.job, '--task', folder, '--json']);
    expect(JSON.parse(shown.stdout).weights).toEqual({ kind: 'here', artefact: tuned.adapter });

    const jobs = openTaskJobs(folder);
    const waiting = await jobs.create({ ...hosted, seed: 2 }, { trainer: 'together' });
    const early = await rung(['tune', 'download', waiting.id, folder]);
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('is queued: it has no weights')]);
    await jobs.change(waiting.id, { state: 'succeeded', model: { model: 'together/gone' } });
    const lost = await rung(['tune', 'download', waiting.id, folder]);
    expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('is not known any more')]);

    const kept = await jobs.create({ ...hosted, seed: 3 }, { trainer: 'mistral' });
    await jobs.change(kept.id, { state: 'succeeded', model: { model: 'mistral/ft' } });
    const withheld = await rung(['tune', 'download', kept.id, folder]);
    expect([withheld.code, withheld.stderr]).toEqual([2, expect.stringContaining('not possible to download fine-tuned models')]);
    expect(withheld.stderr).toContain('--trainer peft');
    const unknown = await rung(['tune', 'download', 'ft_zz', folder]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('There is no job "ft_zz"')]);
  });

  it('is stopped by Ctrl-C with nothing half there, and goes on', async () => {
    const { folder, server, id } = await tunedTask([{ on: 'weights-file', kind: 'stalled', times: 1 }]);
    let interrupt = () => {};
    const stopped = rung(['tune', 'download', id, folder], { onInterrupt: (listener) => (interrupt = listener) });
    await expect.poll(() => existsSync(join(folder, '.rung/jobs', id, 'scratch/download/fetched/archive')), { timeout: 20_000 }).toBe(true);
    interrupt();
    expect(await stopped).toMatchObject({ code: 130, stderr: expect.stringContaining('goes on where it was') });
    expect(existsSync(join(folder, 'adapters'))).toBe(false);
    const again = await rung(['tune', 'download', id, folder]);
    expect(again.code, again.stderr).toBe(0);
    expect(fetches(server)).toHaveLength(2);
  });

  it('goes on where a killed process was, and leaves nothing half there', async () => {
    const { folder, server, id } = await tunedTask([{ on: 'weights-file', kind: 'stalled', times: 1 }]);
    const main = resolve(import.meta.dirname, '../src/cli/main.ts');
    const child = spawn(process.execPath, [main, 'tune', 'download', id, folder], { stdio: 'ignore', env: { ...process.env, CI: 'true' } });
    const archive = join(folder, '.rung/jobs', id, 'scratch/download/fetched/archive');
    const bytesOf = async () => (await readFile(archive).catch(() => '')).length;
    await expect.poll(bytesOf, { timeout: 30_000 }).toBeGreaterThan(0);
    const meanwhile = await rung(['tune', 'download', id, folder]);
    expect([meanwhile.code, meanwhile.stderr]).toEqual([2, expect.stringContaining('Another process works on the job')]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(folder, 'adapters'))).toBe(false);
    const kept = await bytesOf();
    const again = await rung(['tune', 'download', id, folder, '--json']);
    expect(again.code, again.stderr).toBe(0);
    expect(fetches(server).map(({ from }) => from)).toEqual([undefined, kept]);
  });
});

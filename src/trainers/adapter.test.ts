import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainerContext, TrainingJob } from '#core/trainer.ts';
import { openNano } from '#nano/index.ts';
import { formatSafetensors, parseSafetensors } from '#nano/safetensors.ts';
import { makeTinyModel } from '#nano/tiny-model.fixture.ts';
import { adapterTrainer } from './adapter.ts';
import { readAdapterFolder } from './adapter-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-adapter-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rows = [
  {
    messages: [
      { role: 'user' as const, content: 'a' },
      { role: 'assistant' as const, content: 'b' },
    ],
  },
];
const job: TrainingJob = { method: 'supervised', train: rows, validation: [], base: { model: 'nano' }, hyperparameters: {}, seed: 1 };

function contextOf(settings: TrainerContext['settings'], model = ''): TrainerContext {
  return {
    base: { name: 'nano', kind: 'nano', model, settings: {} },
    settings,
    environment: {},
    taskFolder: folder,
    scratchFolder: join(folder, 'scratch'),
    signal: new AbortController().signal,
    adapterFolder: async () => '',
    keep: async (path) => {
      await cp(path, join(folder, 'kept'), { recursive: true });
      return 'kept';
    },
    evaluate: async () => 0.75,
    onEvent: () => {},
  };
}

async function peft(into: string, base: string | null = 'nano'): Promise<void> {
  await mkdir(into, { recursive: true });
  await writeFile(
    join(into, 'adapter_config.json'),
    JSON.stringify({ peft_type: 'LORA', r: 1, lora_alpha: 2, base_model_name_or_path: base }),
  );
  await writeFile(join(into, 'adapter_model.safetensors'), formatSafetensors(new Map()));
}

const taken = async (settings: TrainerContext['settings']) => {
  const trainer = adapterTrainer();
  return trainer.poll(await trainer.start(job, contextOf(settings)), { waitMs: 0 });
};

describe('an adapter that was trained elsewhere', () => {
  it('is taken in, measured and kept', async () => {
    await peft(join(folder, 'out'));
    const status = await taken({ folder: 'out' });
    expect(status).toMatchObject({ state: 'succeeded', outcome: { model: { model: 'nano', adapter: 'kept' }, bestStep: 0 } });
    expect(status.outcome?.events.at(-1)).toMatchObject({ type: 'evaluation', metric: 0.75 });
    expect((await readFile(join(folder, 'kept', 'adapter_config.json'))).length).toBeGreaterThan(0);
  });

  it('is known by what its files hold', async () => {
    await peft(join(folder, 'out'));
    const identity = () => adapterTrainer().identity!(contextOf({ folder: 'out' }));
    const before = await identity();
    expect(await identity()).toBe(before);
    await peft(join(folder, 'out'), 'Hub/nano');
    expect(await identity()).not.toBe(before);
  });

  it('is the last checkpoint of a folder of them', async () => {
    await peft(join(folder, 'out', 'checkpoint-9'));
    await peft(join(folder, 'out', 'checkpoint-10'));
    await mkdir(join(folder, 'out', 'checkpoint-11'));
    expect((await readAdapterFolder(join(folder, 'out'))).folder).toBe(join(folder, 'out', 'checkpoint-10'));
  });

  it.each([
    ['no folder is named', {}, 'was told of no folder'],
    ['the folder is absent', { folder: 'gone' }, 'does not exist'],
    ['the folder lies outside', { folder: '../..' }, 'leads out of the task folder'],
    ['the folder holds none', { folder: '.' }, 'holds no adapter'],
  ])('fails with a sentence where %s', async (_name, settings, sentence) => {
    expect(await taken(settings)).toMatchObject({ state: 'failed', error: expect.stringContaining(sentence) });
  });

  it('is refused where it was trained on another base', async () => {
    await peft(join(folder, 'out'), 'Qwen/Qwen3-0.6B');
    await expect(adapterTrainer().check!(job, contextOf({ folder: 'out' }))).rejects.toMatchObject({ code: 'adapter-of-another-base' });
  });
});

describe("MLX-LM's adapter", () => {
  it('gives the logits of the PEFT adapter that it is the same as', async () => {
    const { folder: model } = await makeTinyModel();
    const nano = await openNano({ folder: model, workers: 1 });
    try {
      const trained = await nano.train({
        method: 'supervised',
        train: rows,
        validation: [],
        seed: 1,
        folder: join(folder, 'training'),
        epochs: 3,
        rank: 2,
        alpha: 6,
      });
      const { tensors } = parseSafetensors(await readFile(join(trained.adapterFolder, 'adapter_model.safetensors')), 'adapter');
      const mlx = new Map(
        [...tensors].map(([name, { shape, data }]) => {
          const [height = 0, width = 0] = shape;
          const turned = Float32Array.from(
            { length: data.length },
            (_, index) => data[(index % height) * width + Math.floor(index / height)]!,
          );
          const renamed = name.replace('base_model.model.', '').replace('.lora_A.weight', '.lora_a').replace('.lora_B.weight', '.lora_b');
          return [renamed, { shape: [width, height], data: turned }] as const;
        }),
      );
      await mkdir(join(folder, 'mlx'));
      await writeFile(join(folder, 'mlx', 'adapters.safetensors'), formatSafetensors(mlx));
      const config = { fine_tune_type: 'lora', model: 'nano', lora_parameters: { rank: 2, scale: 3, dropout: 0 } };
      await writeFile(join(folder, 'mlx', 'adapter_config.json'), JSON.stringify(config));
      const { files, source } = await readAdapterFolder(join(folder, 'mlx'));
      expect(source).toBe('mlx-lm');
      await mkdir(join(folder, 'converted'));
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, 'converted', name), bytes);
      const tokens = nano.encode('a');
      const ours = await nano.logits({ tokens, adapter: trained.adapterFolder });
      expect(await nano.logits({ tokens, adapter: join(folder, 'converted') })).toEqual(ours);
      expect(await nano.logits({ tokens })).not.toEqual(ours);
    } finally {
      await nano.close();
      await rm(model, { recursive: true, force: true });
    }
  });

  it('is refused where it is no plain LoRA of attention and feed-forward layers', async () => {
    await mkdir(join(folder, 'mlx'));
    await writeFile(
      join(folder, 'mlx', 'adapters.safetensors'),
      formatSafetensors(new Map([['lm_head.lora_a', { shape: [1, 1], data: new Float32Array(1) }]])),
    );
    await writeFile(join(folder, 'mlx', 'adapter_config.json'), JSON.stringify({ lora_parameters: { rank: 2, scale: 3 } }));
    await expect(readAdapterFolder(join(folder, 'mlx'))).rejects.toMatchObject({ message: expect.stringContaining('lm_head.lora_a') });
    await writeFile(join(folder, 'mlx', 'adapter_config.json'), JSON.stringify({ fine_tune_type: 'dora' }));
    await expect(readAdapterFolder(join(folder, 'mlx'))).rejects.toMatchObject({ message: expect.stringContaining('dora') });
  });
});

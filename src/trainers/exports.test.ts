import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { TrainingData, TrainingJob } from '#core/trainer.ts';
import { trainingExports } from './exports.ts';
import { exportedJob } from './training-export.ts';

const supervised: TrainingData = {
  method: 'supervised',
  train: [
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One?' },
        { role: 'assistant', content: '1', weight: 0 },
        { role: 'user', content: 'Two?' },
        { role: 'assistant', content: '2' },
        { role: 'user', content: 'Three?' },
        { role: 'assistant', content: '"3"\n' },
      ],
    },
  ],
  validation: [
    {
      messages: [
        { role: 'user', content: 'Four?' },
        { role: 'assistant', content: '4' },
      ],
    },
  ],
};
const preference: TrainingData = {
  method: 'preference',
  train: [{ messages: [{ role: 'user', content: 'Hi' }], chosen: 'Hello.', rejected: 'What?' }],
  validation: [],
};
const pretraining: TrainingData = { method: 'pretraining', train: [{ text: 'Bread is baked.' }], validation: [{ text: 'Tea is brewed.' }] };

function exported(id: string, data: TrainingData, hyperparameters: TrainingJob['hyperparameters'] = {}) {
  const found = trainingExports.find((one) => one.id === id)!;
  const job: TrainingJob = { ...data, base: { model: 'local/qwen' }, hyperparameters, seed: 7 };
  return found.files(exportedJob(job, 'Qwen/Qwen3-0.6B'));
}
const rows = (text: string | undefined) =>
  (text ?? '')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('every export', () => {
  for (const { id, methods, adapter, command } of trainingExports) {
    it(`${id} writes data and a configuration that names the base, for every method that it knows`, () => {
      for (const data of [supervised, preference, pretraining].filter(({ method }) => methods.includes(method))) {
        const files = exported(id, data);
        const all = Object.values(files).join('\n');
        expect(all).toContain('Qwen/Qwen3-0.6B');
        expect(all).toContain(adapter);
        const text = Object.entries(files).find(([path]) => path.endsWith('train.jsonl'))?.[1];
        expect(rows(text).length).toBeGreaterThan(0);
        const asked = command.split(' ').at(-1)!;
        expect(Object.keys(files)).toContain(asked);
        for (const path of Object.keys(files)) expect(path).toMatch(/^[\w/.-]+$/);
      }
    });

    it(`${id} says what it does otherwise`, () => {
      const { differences } = trainingExports.find((one) => one.id === id)!;
      expect(differences.length).toBeGreaterThan(0);
    });
  }
});

describe('settings', () => {
  it('are the same everywhere: the defaults of a LoRA tune with their sources, or what was asked', () => {
    const axolotl = parse(exported('axolotl', supervised)['config.yaml']!);
    expect(axolotl).toMatchObject({ lora_r: 16, lora_alpha: 32, learning_rate: 2e-4, num_epochs: 3, adapter: 'lora', seed: 7 });
    const factory = parse(exported('llama-factory', supervised, { rank: 8, alpha: 8, epochs: 2 })['train.yaml']!);
    expect(factory).toMatchObject({ lora_rank: 8, lora_alpha: 8, num_train_epochs: 2, stage: 'sft', lora_target: 'all' });
    const mlx = parse(exported('mlx-lm', supervised, { rank: 8, alpha: 24 })['lora.yaml']!);
    expect(mlx.lora_parameters).toMatchObject({ rank: 8, scale: 3 });
    expect(exported('unsloth', supervised, { rank: 8 })['train.py']).toContain('r=8,');
  });

  it('ask for four bits where the job does', () => {
    expect(parse(exported('axolotl', supervised, { quantization: 'nf4' })['config.yaml']!)).toMatchObject({
      adapter: 'qlora',
      load_in_4bit: true,
    });
    expect(exported('unsloth', supervised, { quantization: 'nf4' })['train.py']).toContain('load_in_4bit=True');
  });

  it('name no validation file where there are no validation rows', () => {
    const files = exported('axolotl', preference);
    expect(files['validation.jsonl']).toBeUndefined();
    expect(parse(files['config.yaml']!)).toMatchObject({ rl: 'dpo', val_set_size: 0 });
  });
});

describe('rows', () => {
  it('keep the weights of turns where the program knows them', () => {
    expect(rows(exported('axolotl', supervised)['train.jsonl'])[0].messages[2]).toEqual({ role: 'assistant', content: '1', train: false });
  });

  it('are cut at every learnt turn for programs that learn the last one', () => {
    const cut = rows(exported('mlx-lm', supervised)['data/train.jsonl']);
    expect(cut.map(({ messages }) => messages.at(-1).content)).toEqual(['2', '"3"\n']);
    const completed = rows(exported('unsloth', supervised)['train.jsonl']);
    expect(completed.map(({ prompt, completion }) => [prompt.length, completion[0].content])).toEqual([
      [4, '2'],
      [6, '"3"\n'],
    ]);
  });
});

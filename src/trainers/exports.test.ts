import fc from 'fast-check';
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

describe('the length that rows are cut at', () => {
  const fieldOf = (id: string, data: TrainingData): number => {
    const files = exported(id, data);
    const lengths = {
      axolotl: () => parse(files['config.yaml']!).sequence_len,
      'llama-factory': () => parse(files['train.yaml']!).cutoff_len,
      'mlx-lm': () => parse(files['lora.yaml']!).max_seq_length,
      unsloth: () => Number(/length = min\((\d+),/.exec(files['train.py']!)?.[1]),
    };
    return lengths[id as keyof typeof lengths]();
  };

  it('is told to every program, and above the bytes of the longest row of either split', () => {
    const long = 'é'.repeat(5_000);
    const turns = [
      { role: 'user', content: long },
      { role: 'assistant', content: 'short' },
    ] as const;
    const cases: TrainingData[] = [
      { method: 'supervised', train: supervised.train as never, validation: [{ messages: turns }] },
      { method: 'pretraining', train: [{ text: long }], validation: [] },
      { method: 'preference', train: [{ messages: [turns[0]], chosen: 'a', rejected: 'b' }], validation: [] },
      { method: 'preference', train: [{ messages: [{ role: 'user', content: 'Hi' }], chosen: 'a', rejected: long }], validation: [] },
    ];
    for (const { id, methods } of trainingExports)
      for (const data of cases.filter(({ method }) => methods.includes(method))) {
        expect(fieldOf(id, data)).toBeGreaterThan(10_000);
        expect(fieldOf(id, data)).toBeLessThan(11_000);
      }
  });
});

describe('batches of MLX-LM, which learns full ones alone', () => {
  const row = (index: number) => ({
    messages: [
      { role: 'user' as const, content: `Question ${index}` },
      { role: 'assistant' as const, content: `Answer ${index}` },
    ],
  });
  const rowsFrom = (count: number) => Array.from({ length: count }, (_, index) => row(index));
  const made = (train: number, validation: number, hyperparameters: TrainingJob['hyperparameters'] = {}) => {
    const files = exported('mlx-lm', { method: 'supervised', train: rowsFrom(train), validation: rowsFrom(validation) }, hyperparameters);
    return { config: parse(files['lora.yaml']!), train: rows(files['data/train.jsonl']), valid: files['data/valid.jsonl'] };
  };

  it('hold every row in every epoch, the last one filled up with the first rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (count, batchSize, epochs) => {
          const { config, train } = made(count, 0, { batchSize, epochs });
          expect(train.length % config.batch_size).toBe(0);
          expect(train.length - count).toBeLessThan(config.batch_size);
          expect(config.batch_size).toBe(Math.min(batchSize, count));
          expect(config.iters).toBe((train.length / config.batch_size) * epochs);
          expect(new Set(train.map(({ messages }) => messages[0].content)).size).toBe(count);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leave validation rows out that fill no batch, which would end its training', () => {
    expect(made(40, 16).valid).toBeDefined();
    expect(made(40, 15).valid).toBeUndefined();
  });

  it('begin with corrected moments, as the other programs do', () => {
    expect(made(40, 16).config.optimizer_config.adamw).toEqual({ weight_decay: 0.01, bias_correction: true });
  });
});

describe('rows', () => {
  it('that were cut count in the warm-up: 30 rows of two turns are 60', () => {
    const turn = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
    ] as const;
    const train = Array.from({ length: 30 }, () => ({ messages: [...turn, ...turn] }));
    const data: TrainingData = { method: 'supervised', train, validation: [] };
    const asked = { batchSize: 6, epochs: 2, warmupRatio: 0.5 };
    expect(exported('unsloth', data, asked)['train.py']).toContain('warmup_steps=10,');
    expect(parse(exported('axolotl', data, asked)['config.yaml']!).warmup_steps).toBe(5);
  });

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

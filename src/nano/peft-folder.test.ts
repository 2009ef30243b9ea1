import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLlamaConfig } from './llama-config.ts';
import { readPeftFolder } from './peft-folder.ts';
import { formatSafetensors, type Tensor } from './safetensors.ts';

const config = parseLlamaConfig(
  {
    model_type: 'llama',
    vocab_size: 16,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 8,
  },
  'config.json',
);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiny-adapter-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tensor = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });

async function read(settings: Record<string, unknown>, tensors: Record<string, Tensor> = {}) {
  const prefix = 'base_model.model.model.layers';
  const whole = {
    [`${prefix}.0.self_attn.q_proj.lora_A.weight`]: tensor(4, 16),
    [`${prefix}.0.self_attn.q_proj.lora_B.weight`]: tensor(16, 4),
    [`${prefix}.1.mlp.down_proj.lora_A.weight`]: tensor(9, 24),
    [`${prefix}.1.mlp.down_proj.lora_B.weight`]: tensor(16, 9),
    ...tensors,
  };
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 4, lora_alpha: 8, ...settings }));
  await writeFile(join(folder, 'adapter_model.safetensors'), formatSafetensors(new Map(Object.entries(whole))));
  const { modules } = await readPeftFolder(folder, config);
  return Object.fromEntries([...modules].map(([name, { rank, scale }]) => [name, { rank, scale }]));
}

test('scales follow alpha, its patterns and rank-stabilised scaling', async () => {
  expect(await read({})).toEqual({
    'layers.0.self_attn.q_proj': { rank: 4, scale: 2 },
    'layers.1.mlp.down_proj': { rank: 9, scale: 8 / 9 },
  });
  expect(await read({ use_rslora: true, alpha_pattern: { down_proj: 27 }, rank_pattern: { down_proj: 9 } })).toEqual({
    'layers.0.self_attn.q_proj': { rank: 4, scale: 4 },
    'layers.1.mlp.down_proj': { rank: 9, scale: 9 },
  });
});

test.each([
  [{ peft_type: 'IA3' }, 'peft_type'],
  [{ use_dora: true }, 'use_dora'],
  [{ bias: 'all' }, 'biases'],
  [{ modules_to_save: ['lm_head'] }, 'whole modules'],
  [{ lora_alpha: null }, 'lora_alpha'],
])('what would change the result and is not understood is refused: %o', async (settings, word) => {
  await expect(read(settings)).rejects.toMatchObject({ code: 'adapter-unsupported', message: expect.stringContaining(word) });
});

test.each([
  ['base_model.model.model.embed_tokens.lora_embedding_A', tensor(4, 16)],
  ['base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight', tensor(4, 16)],
  ['base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight', tensor(4, 8)],
  ['base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight', tensor(16, 4)],
])('tensors that do not fit the model are refused: %s', async (name, wrong) => {
  await expect(read({}, { [name]: wrong })).rejects.toMatchObject({ code: 'adapter-unsupported' });
});

test('a folder that is no adapter says which file is at fault', async () => {
  await expect(readPeftFolder(join(folder, 'absent'), config)).rejects.toMatchObject({ code: 'adapter-missing' });
  await read({});
  await writeFile(join(folder, 'adapter_config.json'), '{"peft_type"');
  await expect(readPeftFolder(folder, config)).rejects.toMatchObject({
    code: 'adapter-unreadable',
    place: { file: join(folder, 'adapter_config.json') },
  });
});

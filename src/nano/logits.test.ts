import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openNano } from './index.ts';
import { linearModules } from './linear-layers.ts';
import { loraLayout, toAdapter } from './lora-layout.ts';
import { writePeftFolder } from './peft-folder.ts';
import { plainLogits } from './plain-llama.fixture.ts';
import { makeTinyModel, randomFloats } from './tiny-model.fixture.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const tokens = Array.from({ length: 120 }, (_, index) => (index * index * 31 + 7 * index) % 262);

const shapes = {
  plain: {},
  'grouped-query attention': { num_attention_heads: 4, num_key_value_heads: 2, head_dim: 8 },
  'its own output head': { tie_word_embeddings: false },
  'heads wider than the model': { num_attention_heads: 3, num_key_value_heads: 1, head_dim: 16 },
  'another rotary base': { rope_parameters: { rope_type: 'default', rope_theta: 500 }, rms_norm_eps: 1e-3 },
};

test.each(Object.entries(shapes))('logits equal those of plain loops: %s', async (_, changes) => {
  const { folder, config, tensors } = await makeTinyModel(changes);
  folders.push(folder);
  const settings = { rank: 3, alpha: 5, dropout: 0, targetModules: linearModules };
  const { slots, size } = loraLayout(config, settings);
  const adapter = toAdapter(randomFloats(size, 0.2, 9), slots, settings, 'test');
  const adapterFolder = join(folder, 'adapter');
  await writePeftFolder(adapterFolder, adapter, { ...settings, baseModel: 'tiny' }, config);
  const nano = await openNano({ folder, workers: 1 });
  try {
    expect(largestDifference(await nano.logits({ tokens }), plainLogits(config, tensors, tokens))).toBeLessThan(1e-4);
    const adapted = await nano.logits({ tokens, adapter: adapterFolder });
    expect(largestDifference(adapted, plainLogits(config, tensors, tokens, adapter))).toBeLessThan(1e-4);
    expect(largestDifference(adapted, plainLogits(config, tensors, tokens))).toBeGreaterThan(0.1);
  } finally {
    await nano.close();
  }
});

function largestDifference(ours: readonly Float32Array[], theirs: readonly (readonly number[])[]): number {
  expect(ours.length).toBe(theirs.length);
  return Math.max(...ours.flatMap((row, index) => theirs[index]!.map((value, column) => Math.abs(row[column]! - value))));
}

import { RungError } from '#core/errors.ts';
import type { Heap } from './heap.ts';
import { type FusedModule, fusedModules, type LinearModule, linearModules, linearShapes } from './linear-layers.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LoraAdapter } from './lora-adapter.ts';
import { type LinearWeight, type PackedMatrix, packForward } from './packed-matrix.ts';
import type { Tensor } from './safetensors.ts';

export type RawWeights = ReadonlyMap<string, Tensor>;

export type LayerWeights = { readonly [fused in FusedModule]: PackedMatrix } & {
  readonly attentionNorm: number;
  readonly mlpNorm: number;
};

/** The weights of one model, base or with an adapter merged in, where the kernels can reach them. */
export interface ModelWeights {
  readonly layers: readonly LayerWeights[];
}

/** The parts that no adapter changes. */
export interface SharedWeights {
  /** [vocabularySize, hiddenSize], row-major. */
  readonly embedding: number;
  readonly finalNorm: number;
  readonly head: PackedMatrix;
}

/** Checks that every tensor a Llama of this shape needs is there; returns only those. Throws `model-incomplete`. */
export function checkWeights(tensors: RawWeights, config: LlamaConfig, file: string): RawWeights {
  const shapes = linearShapes(config);
  const expected = new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [config.vocabularySize, config.hiddenSize]],
    ['model.norm.weight', [config.hiddenSize]],
  ]);
  if (!config.tiedEmbeddings) expected.set('lm_head.weight', [config.vocabularySize, config.hiddenSize]);
  for (let layer = 0; layer < config.layers; layer++) {
    expected.set(`model.layers.${layer}.input_layernorm.weight`, [config.hiddenSize]);
    expected.set(`model.layers.${layer}.post_attention_layernorm.weight`, [config.hiddenSize]);
    for (const module of linearModules) expected.set(weightName(layer, module), [shapes[module].outputs, shapes[module].inputs]);
  }
  const kept = new Map<string, Tensor>();
  for (const [name, shape] of expected) {
    const tensor = tensors.get(name);
    if (!tensor || tensor.shape.join() !== shape.join()) {
      throw new RungError({
        code: 'model-incomplete',
        message: `${file}: tensor "${name}" ${tensor ? `has shape [${tensor.shape}], not [${shape}]` : 'is missing'}.`,
        hint: 'The weights and config.json must come from the same model; fetch the folder again.',
        place: { file },
      });
    }
    kept.set(name, tensor);
  }
  return kept;
}

export function loadShared(heap: Heap, config: LlamaConfig, raw: RawWeights): SharedWeights {
  const embedding = raw.get('model.embed_tokens.weight')!.data;
  const head = config.tiedEmbeddings ? embedding : raw.get('lm_head.weight')!.data;
  return {
    embedding: heap.store(embedding),
    finalNorm: heap.store(raw.get('model.norm.weight')!.data),
    head: packForward(heap, [{ data: head, outputs: config.vocabularySize, inputs: config.hiddenSize }]),
  };
}

/** Loads the blocks; with an adapter, W + scale · up × down in place of W. */
export function loadWeights(heap: Heap, config: LlamaConfig, raw: RawWeights, adapter?: LoraAdapter): ModelWeights {
  const layers = Array.from({ length: config.layers }, (_, layer): LayerWeights => {
    const pack = (fused: FusedModule): PackedMatrix =>
      packForward(
        heap,
        fusedModules[fused].map((module) => merged(heap, linearWeight(config, raw, layer, module), adapter, `layers.${layer}.${module}`)),
      );
    return {
      attentionNorm: heap.store(raw.get(`model.layers.${layer}.input_layernorm.weight`)!.data),
      mlpNorm: heap.store(raw.get(`model.layers.${layer}.post_attention_layernorm.weight`)!.data),
      queryKeyValue: pack('queryKeyValue'),
      attentionOutput: pack('attentionOutput'),
      gateUp: pack('gateUp'),
      down: pack('down'),
    };
  });
  return { layers };
}

export function releaseWeights(heap: Heap, weights: ModelWeights): void {
  for (const layer of weights.layers) {
    for (const fused of Object.keys(fusedModules) as FusedModule[]) heap.release(layer[fused].address);
    heap.release(layer.attentionNorm);
    heap.release(layer.mlpNorm);
  }
}

export function linearWeight(config: LlamaConfig, raw: RawWeights, layer: number, module: LinearModule): LinearWeight {
  return { data: raw.get(weightName(layer, module))!.data, ...linearShapes(config)[module] };
}

const weightName = (layer: number, module: LinearModule): string => `model.layers.${layer}.${module}.weight`;

function merged(heap: Heap, weight: LinearWeight, adapter: LoraAdapter | undefined, name: string): LinearWeight {
  const lora = adapter?.modules.get(name);
  if (!lora) return weight;
  const { outputs, inputs } = weight;
  const sum = heap.store(weight.data);
  const up = heap.store(lora.up.map((value) => value * lora.scale));
  const down = heap.store(lora.down);
  heap.kernels.matmul(up, lora.rank * 4, 4, down, inputs * 4, 32, sum, inputs * 4, outputs, inputs, lora.rank, 1);
  const data = heap.floats(sum, outputs * inputs).slice();
  for (const address of [sum, up, down]) heap.release(address);
  return { outputs, inputs, data };
}

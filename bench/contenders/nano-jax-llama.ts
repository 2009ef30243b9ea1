// A Llama with LoRA in jax-js, batched, written to be jitted: everything that changes comes in as an argument.
import { nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { linearModules, linearShapes } from '../../src/nano/linear-layers.ts';
import type { LlamaConfig } from '../../src/nano/llama-config.ts';
import type { RawWeights } from '../../src/nano/model-weights.ts';

export type Tensors = Record<string, np.Array>;
/** Cosines and sines, [1, count, 1, headSize], turn as in src/nano/jax-llama.fixture.ts, and what attention must not see. */
export interface Places extends Tensors {
  cosines: np.Array;
  sines: np.Array;
  turn: np.Array;
  bias: np.Array;
}
type Attend = (layer: number, key: np.Array, value: np.Array) => readonly [np.Array, np.Array];

/** Matrices are turned to [inputs, outputs], which jax-js multiplies by a little faster. */
export function weightsOf(weights: RawWeights): Tensors {
  return Object.fromEntries(
    [...weights].map(([name, { data, shape }]) => {
      const [outputs = 1, inputs] = shape;
      if (inputs === undefined) return [name, np.array(new Float32Array(data))];
      const turned = Float32Array.from(data, (_, index) => data[(index % outputs) * inputs + Math.floor(index / outputs)] ?? 0);
      return [name, np.array(turned).reshape([inputs, outputs])];
    }),
  );
}

export function placesOf(config: LlamaConfig, positions: readonly number[], bias: np.Array): Places {
  const { headSize, ropeTheta } = config;
  const angles = positions.map((position) => [
    Array.from({ length: headSize }, (_, index) => position * ropeTheta ** ((-2 * (index % (headSize / 2))) / headSize)),
  ]);
  const turn = Array.from({ length: headSize }, (_, from) =>
    Array.from({ length: headSize }, (_, to) => (from - to === headSize / 2 ? -1 : to - from === headSize / 2 ? 1 : 0)),
  );
  const table = (of: (angle: number) => number) => np.array([angles.map((position) => position.map((line) => line.map(of)))]);
  return { cosines: table(Math.cos), sines: table(Math.sin), turn: np.array(turn), bias };
}

export function causalBias(count: number): np.Array {
  return np.array(Array.from({ length: count }, (_, query) => Array.from({ length: count }, (_, key) => (key > query ? -1e9 : 0))));
}

/** Normed output of the last block, [batch × count, hiddenSize]; consumes its arguments but for the head. */
function blocks(config: LlamaConfig, weights: Tensors, adapter: Tensors, places: Places, inputs: np.Array, batch: number, attend: Attend) {
  const { heads, headSize, hiddenSize } = config;
  const take = (tensors: Tensors, name: string) => (tensors[name] as np.Array).ref;
  const linear = (x: np.Array, layer: number, module: (typeof linearModules)[number]): np.Array => {
    const name = `model.layers.${layer}.${module}`;
    const straight = np.matmul(x.ref, take(weights, `${name}.weight`));
    if (!adapter[`${name}.down`]) {
      x.dispose();
      return straight;
    }
    const hidden = np.einsum('ti,ri->tr', x, take(adapter, `${name}.down`));
    // Alpha is twice the rank.
    return straight.add(np.einsum('tr,or->to', hidden, take(adapter, `${name}.up`)).mul(2));
  };
  const norm = (x: np.Array, name: string): np.Array => {
    const mean = np.mean(np.square(x.ref), 1, { keepdims: true });
    return x.div(np.sqrt(mean.add(config.normEpsilon))).mul(take(weights, name));
  };
  const split = (x: np.Array, number: number): np.Array => x.reshape([batch, -1, number, headSize]);
  const rotated = (x: np.Array): np.Array =>
    x.ref.mul(places.cosines.ref).add(np.einsum('bthi,ij->bthj', x, places.turn.ref).mul(places.sines.ref));
  const repeats = heads / config.keyValueHeads;
  const spread = (x: np.Array): np.Array => (repeats === 1 ? x : np.repeat(x, repeats, 2));
  let stream = inputs;
  for (let layer = 0; layer < config.layers; layer++) {
    const normed = norm(stream.ref, `model.layers.${layer}.input_layernorm.weight`);
    const query = rotated(split(linear(normed.ref, layer, 'self_attn.q_proj'), heads));
    const [key, value] = attend(
      layer,
      rotated(split(linear(normed.ref, layer, 'self_attn.k_proj'), config.keyValueHeads)),
      split(linear(normed, layer, 'self_attn.v_proj'), config.keyValueHeads),
    );
    const scores = np.einsum('bqhi,bkhi->bhqk', query, spread(key)).mul(headSize ** -0.5);
    const weighted = nn.softmax(scores.add(places.bias.ref), -1);
    const attended = np.einsum('bhqk,bkhi->bqhi', weighted, spread(value)).reshape([-1, heads * headSize]);
    stream = stream.add(linear(attended, layer, 'self_attn.o_proj'));
    const middle = norm(stream.ref, `model.layers.${layer}.post_attention_layernorm.weight`);
    const gate = nn.silu(linear(middle.ref, layer, 'mlp.gate_proj'));
    stream = stream.add(linear(gate.mul(linear(middle, layer, 'mlp.up_proj')), layer, 'mlp.down_proj'));
  }
  const last = norm(stream, 'model.norm.weight').reshape([-1, hiddenSize]);
  tree.dispose(places);
  tree.dispose(adapter);
  return last;
}

function head(config: LlamaConfig, weights: Tensors, rows: np.Array): np.Array {
  const name = config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
  const logits = np.matmul(rows, (weights[name] as np.Array).ref);
  tree.dispose(weights);
  return logits;
}

/** Logits after the last of `count` tokens; `pick` is 1 at that token, [1, count]. */
export const prefill = (config: LlamaConfig) => (weights: Tensors, places: Places, inputs: np.Array, pick: np.Array) => {
  const rows = blocks(config, weights, {}, places, inputs, 1, (_, key, value) => [key, value]);
  return head(config, weights, np.einsum('pt,ti->pi', pick, rows));
};

/** One token more for each of `batch` sequences: `here` is 1 at its place in the padded cache, [1, length, 1, 1]. */
export const decode =
  (config: LlamaConfig, batch: number) => (weights: Tensors, places: Places, inputs: np.Array, cache: Tensors, here: np.Array) => {
    const next: Tensors = {};
    const put = (name: string, fresh: np.Array): np.Array => {
      const joined = (cache[name] as np.Array).mul(np.subtract(1, here.ref)).add(fresh.mul(here.ref));
      next[name] = joined.ref;
      return joined;
    };
    const rows = blocks(config, weights, {}, places, inputs, batch, (layer, key, value) => [
      put(`k${layer}`, key),
      put(`v${layer}`, value),
    ]);
    here.dispose();
    return { logits: head(config, weights, rows), cache: next };
  };

/** Summed loss and its gradient by the adapter; `targets` is 1 at the judged tokens, [batch × count, vocabulary]. */
export const lossAndGradient = (config: LlamaConfig, batch: number) =>
  valueAndGrad((adapter: Tensors, weights: Tensors, places: Places, inputs: np.Array, targets: np.Array) => {
    const rows = blocks(config, weights, adapter, places, inputs, batch, (_, key, value) => [key, value]);
    return np.negative(np.sum(nn.logSoftmax(head(config, weights, rows), -1).mul(targets)));
  });

export function freshAdapter(config: LlamaConfig, rank: number): Tensors {
  const adapter: Tensors = {};
  for (let layer = 0; layer < config.layers; layer++) {
    for (const module of linearModules) {
      const { inputs, outputs } = linearShapes(config)[module];
      const down = Float32Array.from({ length: rank * inputs }, (_, index) => Math.sin(index * 12.9898) / Math.sqrt(inputs));
      adapter[`model.layers.${layer}.${module}.down`] = np.array(down).reshape([rank, inputs]);
      adapter[`model.layers.${layer}.${module}.up`] = np.zeros([outputs, rank]);
    }
  }
  return adapter;
}

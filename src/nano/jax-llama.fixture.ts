import { init, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { type linearModules, linearShapes } from './linear-layers.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LoraSettings, LoraSlot } from './lora-layout.ts';
import type { RawWeights } from './model-weights.ts';
import type { TrainingRow } from './packed-batch.ts';

/**
 * Loss of one conversation and its gradient by the flat parameters, through automatic differentiation: an independent way to
 * what `LoraGradient` computes by hand.
 */
export async function jaxGradient(
  config: LlamaConfig,
  weights: RawWeights,
  row: TrainingRow,
  parameters: Float32Array,
  slots: readonly LoraSlot[],
  settings: LoraSettings,
): Promise<{ loss: number; gradient: Float32Array }> {
  await init('wasm');
  const { heads, keyValueHeads, headSize, hiddenSize } = config;
  const count = row.tokens.length - 1;
  const constant = (data: Float32Array, shape: readonly number[]) => np.array(new Float32Array(data)).reshape([...shape]);
  const tensor = (name: string) => constant(weights.get(name)!.data, weights.get(name)!.shape);
  const angles = Array.from({ length: count }, (_, position) =>
    Array.from({ length: headSize }, (_, index) => position * config.ropeTheta ** ((-2 * (index % (headSize / 2))) / headSize)),
  );
  // x × turn is x with its halves swapped and the new first half negated.
  const turn = Array.from({ length: headSize }, (_, from) =>
    Array.from({ length: headSize }, (_, to) => (from - to === headSize / 2 ? -1 : to - from === headSize / 2 ? 1 : 0)),
  );
  const past = Array.from({ length: count }, (_, query) => Array.from({ length: count }, (_, key) => (key > query ? -1e9 : 0)));
  const embedding = weights.get('model.embed_tokens.weight')!.data;
  const inputs = row.tokens.slice(0, -1).map((token) => [...embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize)]);
  const targets = row.tokens
    .slice(1)
    .map((token, index) => Array.from({ length: config.vocabularySize }, (_, id) => (row.mask[index + 1] && id === token ? 1 : 0)));

  const loss = (adapter: np.Array[]): np.Array => {
    const linear = (x: np.Array, layer: number, module: (typeof linearModules)[number]): np.Array => {
      const { inputs: width } = linearShapes(config)[module];
      const straight = np.einsum('ti,oi->to', x.ref.reshape([count, width]), tensor(`model.layers.${layer}.${module}.weight`));
      const slot = slots.findIndex((candidate) => candidate.layer === layer && candidate.module === module);
      if (slot < 0) {
        x.dispose();
        return straight;
      }
      const hidden = np.einsum('ti,ri->tr', x, adapter[slot * 2]!.ref);
      return straight.add(np.einsum('tr,or->to', hidden, adapter[slot * 2 + 1]!.ref).mul(settings.alpha / settings.rank));
    };
    const norm = (x: np.Array, name: string): np.Array => {
      const mean = np.mean(np.square(x.ref), 1, { keepdims: true });
      return x.div(np.sqrt(mean.add(config.normEpsilon))).mul(tensor(name));
    };
    const split = (x: np.Array, number: number): np.Array => x.reshape([count, number, headSize]);
    const rotated = (x: np.Array): np.Array => {
      const cosine = np.array(angles.map((line) => [line.map(Math.cos)]));
      const sine = np.array(angles.map((line) => [line.map(Math.sin)]));
      return x.ref.mul(cosine).add(np.einsum('thi,ij->thj', x, np.array(turn)).mul(sine));
    };
    const spread = (x: np.Array): np.Array => np.repeat(x, heads / keyValueHeads, 1);
    let stream = np.array(inputs);
    for (let layer = 0; layer < config.layers; layer++) {
      const normed = norm(stream.ref, `model.layers.${layer}.input_layernorm.weight`);
      const q = rotated(split(linear(normed.ref, layer, 'self_attn.q_proj'), heads));
      const k = spread(rotated(split(linear(normed.ref, layer, 'self_attn.k_proj'), keyValueHeads)));
      const v = spread(split(linear(normed, layer, 'self_attn.v_proj'), keyValueHeads));
      const scores = np.einsum('qhi,khi->hqk', q, k).mul(headSize ** -0.5);
      const attended = np.einsum('hqk,khi->qhi', nn.softmax(scores.add(np.array(past)), -1), v).reshape([count, heads * headSize]);
      stream = stream.add(linear(attended, layer, 'self_attn.o_proj'));
      const middle = norm(stream.ref, `model.layers.${layer}.post_attention_layernorm.weight`);
      const gate = nn.silu(linear(middle.ref, layer, 'mlp.gate_proj'));
      stream = stream.add(linear(gate.mul(linear(middle, layer, 'mlp.up_proj')), layer, 'mlp.down_proj'));
    }
    const head = tensor(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight');
    const logits = np.einsum('ti,vi->tv', norm(stream, 'model.norm.weight'), head);
    for (const part of adapter) part.dispose();
    return np.negative(np.sum(nn.logSoftmax(logits, -1).mul(np.array(targets))));
  };
  const parts = slots.flatMap(({ down, up, inputs: width, outputs }) => [
    constant(parameters.slice(down, up), [settings.rank, width]),
    constant(parameters.slice(up, up + outputs * settings.rank), [outputs, settings.rank]),
  ]);
  const [value, gradients] = valueAndGrad(loss)(parts);
  const flat = await Promise.all(gradients.map((part) => part.data()));
  return { loss: (await value.data())[0]!, gradient: Float32Array.from(flat.flatMap((part) => [...part])) };
}

import type { LlamaConfig } from './llama-config.ts';
import type { LoraAdapter } from './lora-adapter.ts';
import type { RawWeights } from './model-weights.ts';

type Rows = number[][];

/**
 * The same model in plain loops and double precision, written from the definition: what the fast one is compared with.
 * Returns the logits after every token.
 */
export function plainLogits(config: LlamaConfig, weights: RawWeights, tokens: readonly number[], adapter?: LoraAdapter): Rows {
  const tensor = (name: string): Float32Array => weights.get(name)!.data;
  const norm = (rows: Rows, weight: Float32Array): Rows =>
    rows.map((row) => {
      const root = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length + config.normEpsilon);
      return row.map((value, index) => (value / root) * weight[index]!);
    });
  const product = (row: readonly number[], matrix: Float32Array): number[] =>
    Array.from({ length: matrix.length / row.length }, (_, output) =>
      row.reduce((sum, value, input) => sum + value * matrix[output * row.length + input]!, 0),
    );
  const linear = (rows: Rows, layer: number, module: string): Rows => {
    const name = `layers.${layer}.${module}`;
    const lora = adapter?.modules.get(name);
    return rows.map((row) => {
      const straight = product(row, tensor(`model.${name}.weight`));
      if (!lora) return straight;
      const side = product(product(row, lora.down), lora.up);
      return straight.map((value, index) => value + lora.scale * side[index]!);
    });
  };
  const { heads, keyValueHeads, headSize } = config;
  const rotated = (rows: Rows): Rows =>
    rows.map((row, position) =>
      row.map((value, index) => {
        const within = index % headSize;
        const pair = within % (headSize / 2);
        const angle = position * config.ropeTheta ** ((-2 * pair) / headSize);
        const partner = within < headSize / 2 ? -row[index + headSize / 2]! : row[index - headSize / 2]!;
        return value * Math.cos(angle) + partner * Math.sin(angle);
      }),
    );
  const attention = (queries: Rows, keys: Rows, values: Rows): Rows =>
    queries.map((query, position) =>
      Array.from({ length: heads }, (_, head) => {
        const own = head * headSize;
        const shared = Math.floor((head * keyValueHeads) / heads) * headSize;
        const scores = keys.slice(0, position + 1).map((key) => {
          let dot = 0;
          for (let i = 0; i < headSize; i++) dot += query[own + i]! * key[shared + i]!;
          return Math.exp(dot / Math.sqrt(headSize));
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        return Array.from({ length: headSize }, (_, i) =>
          scores.reduce((sum, score, index) => sum + (score / total) * values[index]![shared + i]!, 0),
        );
      }).flat(),
    );
  const add = (left: Rows, right: Rows): Rows => left.map((row, index) => row.map((value, column) => value + right[index]![column]!));

  const embedding = tensor('model.embed_tokens.weight');
  let stream: Rows = tokens.map((token) => [...embedding.subarray(token * config.hiddenSize, (token + 1) * config.hiddenSize)]);
  for (let layer = 0; layer < config.layers; layer++) {
    const normed = norm(stream, tensor(`model.layers.${layer}.input_layernorm.weight`));
    const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(normed, layer, `self_attn.${name}_proj`)) as [Rows, Rows, Rows];
    stream = add(stream, linear(attention(rotated(q), rotated(k), v), layer, 'self_attn.o_proj'));
    const middle = norm(stream, tensor(`model.layers.${layer}.post_attention_layernorm.weight`));
    const gate = linear(middle, layer, 'mlp.gate_proj');
    const up = linear(middle, layer, 'mlp.up_proj');
    const activated = gate.map((row, index) => row.map((value, column) => (value / (1 + Math.exp(-value))) * up[index]![column]!));
    stream = add(stream, linear(activated, layer, 'mlp.down_proj'));
  }
  const head = config.tiedEmbeddings ? embedding : tensor('lm_head.weight');
  return norm(stream, tensor('model.norm.weight')).map((row) => product(row, head));
}

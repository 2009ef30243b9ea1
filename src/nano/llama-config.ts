import { RungError } from '#core/errors.ts';

/** What the forward pass needs of a Hugging Face `config.json` of a LlamaForCausalLM. */
export interface LlamaConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly contextLength: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly tiedEmbeddings: boolean;
  readonly endTokens: readonly number[];
}

/**
 * Reads a Llama config. Throws a RungError (`model-unsupported`) that names the setting which this runtime cannot do.
 */
export function parseLlamaConfig(json: Record<string, unknown>, file: string, generation: Record<string, unknown> = {}): LlamaConfig {
  const unsupported = (message: string): RungError =>
    new RungError({
      code: 'model-unsupported',
      message: `${file}: ${message}`,
      hint: 'The embedded runtime runs plain Llama models; use another provider for this one.',
      place: { file },
    });
  const count = (key: string, fallback?: number): number => {
    const value = json[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value <= 0) throw unsupported(`"${key}" must be a positive whole number`);
    return value;
  };
  const positive = (value: unknown, key: string): number => {
    if (typeof value !== 'number' || !(value > 0)) throw unsupported(`"${key}" must be a positive number`);
    return value;
  };
  if (json['model_type'] !== 'llama') throw unsupported(`model_type is ${JSON.stringify(json['model_type'])}, not "llama"`);
  if ((json['hidden_act'] ?? 'silu') !== 'silu') throw unsupported('only the silu activation is supported');
  if (json['attention_bias'] === true || json['mlp_bias'] === true) throw unsupported('biases are not supported');
  // Transformers 5 writes rope_parameters, earlier versions rope_theta and rope_scaling.
  const rope = (json['rope_parameters'] ?? json['rope_scaling'] ?? {}) as Record<string, unknown>;
  const ropeType = rope['rope_type'] ?? rope['type'] ?? 'default';
  if (ropeType !== 'default') throw unsupported(`rotary scaling of type ${JSON.stringify(ropeType)} is not supported`);

  const hiddenSize = count('hidden_size');
  const heads = count('num_attention_heads');
  const end = [json['eos_token_id'], generation['eos_token_id']].flat();
  const config: LlamaConfig = {
    vocabularySize: count('vocab_size'),
    hiddenSize,
    intermediateSize: count('intermediate_size'),
    layers: count('num_hidden_layers'),
    heads,
    keyValueHeads: count('num_key_value_heads', heads),
    headSize: count('head_dim', hiddenSize / heads),
    contextLength: count('max_position_embeddings'),
    ropeTheta: positive(rope['rope_theta'] ?? json['rope_theta'] ?? 10_000, 'rope_theta'),
    normEpsilon: positive(json['rms_norm_eps'] ?? 1e-6, 'rms_norm_eps'),
    tiedEmbeddings: json['tie_word_embeddings'] === true,
    endTokens: [...new Set(end.filter((token) => typeof token === 'number'))],
  };
  if (config.heads % config.keyValueHeads !== 0) throw unsupported('num_attention_heads must be a multiple of num_key_value_heads');
  for (const [name, value] of [
    ['hidden_size', config.hiddenSize],
    ['intermediate_size', config.intermediateSize],
    ['head_dim', config.headSize],
  ] as const) {
    if (value % 8 !== 0) throw unsupported(`"${name}" must be a multiple of 8`);
  }
  return config;
}

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linearModules, linearShapes } from './linear-layers.ts';
import { type LlamaConfig, parseLlamaConfig } from './llama-config.ts';
import { formatSafetensors, type Tensor } from './safetensors.ts';
import { uniform } from './sampler.ts';

export interface TinyModel {
  readonly folder: string;
  readonly config: LlamaConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const specials = ['<|pad|>', '<|begin|>', '<|end|>', '<|system|>', '<|user|>', '<|assistant|>'];

const template = `{{- '<|begin|>' -}}
{%- for message in messages -%}
{{- '<|' + message['role'] + '|>' -}}
{%- if message['role'] == 'assistant' -%}
{%- generation -%}{{- message['content'] | trim + '<|end|>' -}}{%- endgeneration -%}
{%- else -%}
{{- message['content'] | trim + '<|end|>' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}`;

/** A folder with a random Llama of two layers, small enough for tests to take seconds. */
export async function makeTinyModel(changes: Record<string, unknown> = {}, seed = 1): Promise<TinyModel> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-model-'));
  const json = {
    model_type: 'llama',
    // Six specials and 256 bytes: deliberately no multiple of eight.
    vocab_size: 262,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    head_dim: 16,
    max_position_embeddings: 320,
    rope_theta: 10_000,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    eos_token_id: 2,
    ...changes,
  };
  const config = parseLlamaConfig(json, 'config.json');
  const tensors = randomTensors(config, seed);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(json));
  await writeFile(join(folder, 'model.safetensors'), formatSafetensors(tensors));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(byteTokenizer()));
  await writeFile(join(folder, 'chat_template.jinja'), template);
  return { folder, config, tensors };
}

/** Numbers of about normal distribution, fixed by a seed. */
export function randomFloats(length: number, deviation: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, 2 * index)));
    return deviation * radius * Math.cos(2 * Math.PI * uniform(seed, 2 * index + 1));
  });
}

function randomTensors(config: LlamaConfig, seed: number): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  let next = seed * 1000;
  const add = (name: string, shape: number[], deviation: number, mean = 0): void => {
    const length = shape.reduce((product, size) => product * size, 1);
    tensors.set(name, { shape, data: randomFloats(length, deviation, next++).map((value) => value + mean) });
  };
  add('model.embed_tokens.weight', [config.vocabularySize, config.hiddenSize], 0.2);
  add('model.norm.weight', [config.hiddenSize], 0.1, 1);
  if (!config.tiedEmbeddings) add('lm_head.weight', [config.vocabularySize, config.hiddenSize], 0.2);
  for (let layer = 0; layer < config.layers; layer++) {
    add(`model.layers.${layer}.input_layernorm.weight`, [config.hiddenSize], 0.1, 1);
    add(`model.layers.${layer}.post_attention_layernorm.weight`, [config.hiddenSize], 0.1, 1);
    for (const module of linearModules) {
      const { outputs, inputs } = linearShapes(config)[module];
      add(`model.layers.${layer}.${module}.weight`, [outputs, inputs], inputs ** -0.5);
    }
  }
  return tensors;
}

/** Byte-level BPE without merges: every byte is a token. */
function byteTokenizer(): object {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const hidden = range(0, 255).filter((byte) => !printable.includes(byte));
  const letter = (byte: number): string => String.fromCodePoint(printable.includes(byte) ? byte : 256 + hidden.indexOf(byte));
  const vocabulary = Object.fromEntries([...specials, ...range(0, 255).map(letter)].map((token, id) => [token, id]));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', unk_token: null, byte_fallback: false, vocab: vocabulary, merges: [] },
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

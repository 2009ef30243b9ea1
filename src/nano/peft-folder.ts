import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RungError } from '#core/errors.ts';
import { linearModules, linearShapes } from './linear-layers.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LoraAdapter, LoraModule } from './lora-adapter.ts';
import { formatSafetensors, parseSafetensors, type Tensor } from './safetensors.ts';
import { shareTensors } from './shared-tensors.ts';

export interface PeftSettings {
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
  readonly targetModules: readonly string[];
  readonly baseModel: string;
  /** Fingerprint of the base model, where it is known: what keeps an adapter from another base of the same shape. */
  readonly baseFingerprint?: string;
}

const fingerprintKey = 'base_fingerprint';

const tensorName = /^base_model\.model\.model\.(layers\.\d+\.(?:self_attn|mlp)\.\w+)\.lora_(A|B)(?:\.default)?\.weight$/;

/**
 * Reads a LoRA adapter folder in PEFT's form. Rank and alpha patterns, rank-stabilised scaling and any subset of the linear
 * layers are understood; what would change the result and is not understood is refused with a RungError (`adapter-unsupported`).
 */
export async function readPeftFolder(folder: string, config: LlamaConfig): Promise<LoraAdapter> {
  const configFile = join(folder, 'adapter_config.json');
  const tensorFile = join(folder, 'adapter_model.safetensors');
  const [settingsBytes, tensorBytes] = await Promise.all([readPart(configFile), readPart(tensorFile)]);
  const settings = parseSettings(settingsBytes, configFile);
  // Every request with this adapter carries it to a worker: shared memory makes that free.
  const { tensors: stored, metadata } = parseSafetensors(tensorBytes, tensorFile);
  const tensors = shareTensors(stored);
  const shapes = linearShapes(config);
  const modules = new Map<string, LoraModule>();
  for (const [name, down] of tensors) {
    const match = tensorName.exec(name);
    if (!match) throw unsupported(tensorFile, `tensor "${name}" is not part of a LoRA of this model`);
    if (match[2] === 'B') continue;
    const module = match[1]!;
    const up = tensors.get(name.replace('.lora_A.', '.lora_B.'));
    const linear = linearModules.find((known) => module.endsWith(known));
    const layer = Number(module.split('.')[1]);
    if (!linear || layer >= config.layers) throw unsupported(tensorFile, `the model has no layer "${module}"`);
    const { inputs, outputs } = shapes[linear];
    const rank = down.shape[0] ?? 0;
    if (!up || down.shape[1] !== inputs || up.shape[0] !== outputs || up.shape[1] !== rank) {
      throw unsupported(tensorFile, `the tensors of "${module}" do not have the shapes of this model`);
    }
    modules.set(module, { rank, scale: settings.scale(module, rank), down: down.data, up: up.data });
  }
  if (modules.size * 2 !== tensors.size) throw unsupported(tensorFile, 'it has lora_B tensors without lora_A');
  const key = createHash('sha256').update(settingsBytes).update(tensorBytes).digest('hex');
  return { key, modules, baseFingerprint: metadata[fingerprintKey] };
}

/** Writes an adapter as a PEFT folder, whole or not at all; the same adapter gives the same bytes. */
export async function writePeftFolder(folder: string, adapter: LoraAdapter, settings: PeftSettings, config: LlamaConfig): Promise<void> {
  const shapes = linearShapes(config);
  const tensors = new Map<string, Tensor>();
  for (const [module, { rank, down, up }] of adapter.modules) {
    const { inputs, outputs } = shapes[linearModules.find((known) => module.endsWith(known))!];
    tensors.set(`base_model.model.model.${module}.lora_A.weight`, { shape: [rank, inputs], data: down });
    tensors.set(`base_model.model.model.${module}.lora_B.weight`, { shape: [outputs, rank], data: up });
  }
  const json = {
    base_model_name_or_path: settings.baseModel,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: settings.alpha,
    lora_dropout: settings.dropout,
    modules_to_save: null,
    peft_type: 'LORA',
    r: settings.rank,
    target_modules: settings.targetModules.map((module) => module.split('.').at(-1)).sort(),
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  };
  const { baseFingerprint } = settings;
  const metadata = { format: 'pt', ...(baseFingerprint !== undefined && { [fingerprintKey]: baseFingerprint }) };
  const temporary = `${folder}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await writeFile(join(temporary, 'adapter_config.json'), `${JSON.stringify(json, null, 2)}\n`);
  await writeFile(join(temporary, 'adapter_model.safetensors'), formatSafetensors(tensors, metadata));
  // A folder cannot replace one that has files in it, so the old one makes way first.
  await rm(folder, { recursive: true, force: true });
  await rename(temporary, folder);
}

async function readPart(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: unknown) => {
    throw new RungError({
      code: 'adapter-missing',
      message: `The adapter has no readable ${file}.`,
      hint: 'Point to a PEFT folder with adapter_config.json and adapter_model.safetensors.',
      place: { file },
      cause,
    });
  });
}

function unsupported(file: string, message: string): RungError {
  return new RungError({
    code: 'adapter-unsupported',
    message: `${file}: ${message}.`,
    hint: 'Train the adapter on this model, as plain LoRA on its linear layers.',
    place: { file },
  });
}

function parseSettings(bytes: Uint8Array, file: string): { scale: (module: string, rank: number) => number } {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch (cause) {
    throw new RungError({
      code: 'adapter-unreadable',
      message: `${file} is not JSON.`,
      hint: 'Write the adapter again.',
      place: { file },
      cause,
    });
  }
  if (json['peft_type'] !== 'LORA') throw unsupported(file, `peft_type is ${JSON.stringify(json['peft_type'])}, not "LORA"`);
  for (const key of [
    'use_dora',
    'fan_in_fan_out',
    'lora_bias',
    'use_qalora',
    'alora_invocation_tokens',
    'layer_replication',
    'trainable_token_indices',
  ]) {
    if (json[key]) throw unsupported(file, `"${key}" is set`);
  }
  if ((json['bias'] ?? 'none') !== 'none') throw unsupported(file, 'it trains biases');
  if (Array.isArray(json['modules_to_save']) && json['modules_to_save'].length > 0) throw unsupported(file, 'it replaces whole modules');
  const { lora_alpha: alpha, use_rslora: stabilised } = json;
  if (typeof alpha !== 'number') throw unsupported(file, '"lora_alpha" is missing');
  const patterns = Object.entries((json['alpha_pattern'] ?? {}) as Record<string, number>);
  return {
    scale: (module, rank) => {
      // PEFT matches a pattern against the end of the module's full name.
      const pattern = patterns.find(([key]) => new RegExp(`^(?:.*\\.)?(?:${key})$`).test(`base_model.model.model.${module}`));
      return (pattern?.[1] ?? alpha) / (stabilised === true ? Math.sqrt(rank) : rank);
    },
  };
}

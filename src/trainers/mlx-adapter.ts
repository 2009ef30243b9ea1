import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { Tensor } from '#nano/safetensors.ts';

export interface PeftAdapter {
  readonly config: JsonObject;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const mlxName = /^(model\.layers\.\d+\.(?:self_attn|mlp)\.(\w+))\.lora_(a|b)$/;

/**
 * MLX-LM's LoRA in PEFT's form. It keeps lora_a as [inputs, rank] and lora_b as [rank, outputs] and adds scale · x·a·b
 * (mlx_lm/tuner/lora.py); PEFT keeps both transposed and adds alpha / rank times them. Throws an Error whose message is a
 * clause for people where the folder is no such adapter.
 */
export function peftFromMlx(mlx: unknown, tensors: ReadonlyMap<string, Tensor>): PeftAdapter {
  if (!isJsonObject(mlx)) throw new Error('its adapter_config.json is no object');
  const parameters = mlx['lora_parameters'];
  if (mlx['fine_tune_type'] !== undefined && mlx['fine_tune_type'] !== 'lora')
    throw new Error(`it is ${String(mlx['fine_tune_type'])}, not LoRA`);
  if (!isJsonObject(parameters)) throw new Error('its adapter_config.json has no lora_parameters');
  const { rank, scale } = parameters;
  if (typeof rank !== 'number' || typeof scale !== 'number') throw new Error('its lora_parameters lack a rank or a scale');
  const renamed = new Map<string, Tensor>();
  const modules = new Set<string>();
  for (const [name, tensor] of tensors) {
    const match = mlxName.exec(name);
    if (match === null) throw new Error(`PEFT has no place for its tensor ${name}`);
    const [, path, module, half] = match;
    modules.add(module!);
    renamed.set(`base_model.model.${path}.lora_${half!.toUpperCase()}.weight`, transposed(tensor));
  }
  return {
    config: {
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: typeof mlx['model'] === 'string' ? mlx['model'] : null,
      r: rank,
      lora_alpha: scale * rank,
      lora_dropout: 0,
      target_modules: [...modules].sort(),
      bias: 'none',
      fan_in_fan_out: false,
      inference_mode: true,
    },
    tensors: renamed,
  };
}

function transposed({ shape, data }: Tensor): Tensor {
  const [rows = 0, columns = 0] = shape;
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column]!;
  return { shape: [columns, rows], data: turned };
}

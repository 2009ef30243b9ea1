import type { LlamaConfig } from './llama-config.ts';

/** The seven linear layers of a block, by the names that Hugging Face and PEFT use. */
export const linearModules = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.o_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
] as const;

export type LinearModule = (typeof linearModules)[number];

/** Layers that read the same input run as one matrix product. */
export const fusedModules = {
  queryKeyValue: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  attentionOutput: ['self_attn.o_proj'],
  gateUp: ['mlp.gate_proj', 'mlp.up_proj'],
  down: ['mlp.down_proj'],
} as const satisfies Record<string, readonly LinearModule[]>;

export type FusedModule = keyof typeof fusedModules;

export interface LinearShape {
  readonly outputs: number;
  readonly inputs: number;
}

/** Shape of each linear layer's weight, [outputs, inputs]. */
export function linearShapes(config: LlamaConfig): Record<LinearModule, LinearShape> {
  const queries = config.heads * config.headSize;
  const keys = config.keyValueHeads * config.headSize;
  const { hiddenSize, intermediateSize } = config;
  return {
    'self_attn.q_proj': { outputs: queries, inputs: hiddenSize },
    'self_attn.k_proj': { outputs: keys, inputs: hiddenSize },
    'self_attn.v_proj': { outputs: keys, inputs: hiddenSize },
    'self_attn.o_proj': { outputs: hiddenSize, inputs: queries },
    'mlp.gate_proj': { outputs: intermediateSize, inputs: hiddenSize },
    'mlp.up_proj': { outputs: intermediateSize, inputs: hiddenSize },
    'mlp.down_proj': { outputs: hiddenSize, inputs: intermediateSize },
  };
}

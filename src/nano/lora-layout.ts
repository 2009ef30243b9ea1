import { type LinearModule, linearModules, linearShapes } from './linear-layers.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LoraAdapter, LoraModule } from './lora-adapter.ts';
import { uniform } from './sampler.ts';

/** What decides the shape and effect of an adapter under training. */
export interface LoraSettings {
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
  readonly targetModules: readonly LinearModule[];
}

/** Where one adapted layer lies in the flat vector of parameters, which the optimiser sees as a whole. */
export interface LoraSlot {
  readonly layer: number;
  readonly module: LinearModule;
  readonly inputs: number;
  readonly outputs: number;
  /** Offset of lora_A, [rank, inputs]; lora_B, [outputs, rank], follows it. */
  readonly down: number;
  readonly up: number;
}

/** The slots of an adapter, in order, and the number of parameters. */
export function loraLayout(config: LlamaConfig, settings: LoraSettings): { slots: LoraSlot[]; size: number } {
  const shapes = linearShapes(config);
  const slots: LoraSlot[] = [];
  let size = 0;
  for (let layer = 0; layer < config.layers; layer++) {
    for (const module of linearModules) {
      if (!settings.targetModules.includes(module)) continue;
      const { inputs, outputs } = shapes[module];
      slots.push({ layer, module, inputs, outputs, down: size, up: size + settings.rank * inputs });
      size += settings.rank * (inputs + outputs);
    }
  }
  return { slots, size };
}

/** Fills a fresh adapter as PEFT does: A uniform in ±1/√inputs, B zero, so that it begins as no change at all. */
export function initialiseLora(parameters: Float32Array, slots: readonly LoraSlot[], rank: number, seed: number): void {
  parameters.fill(0);
  for (const { inputs, down } of slots) {
    const bound = 1 / Math.sqrt(inputs);
    for (let i = down; i < down + rank * inputs; i++) parameters[i] = (2 * uniform(seed, i) - 1) * bound;
  }
}

/** The adapter that a vector of parameters stands for. */
export function toAdapter(parameters: Float32Array, slots: readonly LoraSlot[], settings: LoraSettings, key: string): LoraAdapter {
  const { rank, alpha } = settings;
  const modules = new Map<string, LoraModule>();
  for (const { layer, module, inputs, outputs, down, up } of slots) {
    modules.set(`layers.${layer}.${module}`, {
      rank,
      scale: alpha / rank,
      down: parameters.slice(down, down + rank * inputs),
      up: parameters.slice(up, up + outputs * rank),
    });
  }
  return { key, modules };
}

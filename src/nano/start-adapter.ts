import { inputError } from '#core/errors.ts';
import { type LinearModule, linearModules } from './linear-layers.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LoraAdapter } from './lora-adapter.ts';
import { loraLayout } from './lora-layout.ts';

/** An adapter as the flat vector that training works on, with the settings that give it its shape. */
export interface StartAdapter {
  readonly rank: number;
  readonly alpha: number;
  readonly targetModules: readonly LinearModule[];
  readonly parameters: Float32Array;
}

/** What of an adapter's shape a job may ask for by itself. */
interface WantedShape {
  readonly rank?: number;
  readonly alpha?: number;
  readonly targetModules?: readonly LinearModule[];
}

/**
 * Lays an adapter out for training. Throws a usage error (`adapter-shape`) where it adapts only some layers of a kind, or with
 * ranks or scales of their own, or where the job asks for another shape than the adapter has.
 */
export function startFrom(adapter: LoraAdapter, config: LlamaConfig, wanted: WantedShape = {}): StartAdapter {
  const [first] = adapter.modules.values();
  if (first === undefined) throw unfit('The adapter to go on from is empty', 'Start from the base model.');
  const { rank, scale } = first;
  const alpha = scale * rank;
  const targetModules = linearModules.filter((module) => adapter.modules.has(`layers.0.${module}`));
  const even = [...adapter.modules.values()].every((module) => module.rank === rank && module.scale === scale);
  if (!even || adapter.modules.size !== targetModules.length * config.layers) {
    throw unfit(
      'The adapter to go on from has not the same rank, scale and layers throughout',
      'Go on from an adapter of one rank on the same layers of every block, or start from the base model.',
    );
  }
  const asked = [
    ['rank', wanted.rank, rank],
    ['alpha', wanted.alpha, alpha],
    ['targetModules', wanted.targetModules && [...wanted.targetModules].sort().join(', '), [...targetModules].sort().join(', ')],
  ] as const;
  for (const [name, want, has] of asked) {
    if (want === undefined || want === has) continue;
    throw unfit(
      `The job asks for the ${name} ${want}, and the adapter to go on from has ${has}`,
      `Leave ${name} out, or start from the base model.`,
    );
  }
  const { slots, size } = loraLayout(config, { rank, alpha, dropout: 0, targetModules });
  const parameters = new Float32Array(size);
  for (const { layer, module, down, up } of slots) {
    const part = adapter.modules.get(`layers.${layer}.${module}`)!;
    parameters.set(part.down, down);
    parameters.set(part.up, up);
  }
  return { rank, alpha, targetModules, parameters };
}

function unfit(message: string, hint: string) {
  return inputError({ code: 'adapter-shape', message: `${message}.`, hint });
}

import type { Heap } from './heap.ts';
import type { LlamaConfig } from './llama-config.ts';

export interface RotaryTable {
  readonly cosines: number;
  readonly sines: number;
}

/** cos and sin of position · θ^(−2i/d), [contextLength, headSize / 2] each, rounded where Transformers rounds. */
export function createRotaryTable(heap: Heap, config: LlamaConfig): RotaryTable {
  const half = config.headSize / 2;
  const cosines = new Float32Array(config.contextLength * half);
  const sines = new Float32Array(config.contextLength * half);
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(1 / Math.fround(config.ropeTheta ** ((2 * i) / config.headSize)));
    for (let position = 0; position < config.contextLength; position++) {
      const angle = Math.fround(position * frequency);
      cosines[position * half + i] = Math.cos(angle);
      sines[position * half + i] = Math.sin(angle);
    }
  }
  return { cosines: heap.store(cosines), sines: heap.store(sines) };
}

import type { Tensor } from './safetensors.ts';

/** Moves tensors into one shared buffer, so that threads read them without copies. */
export function shareTensors(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const total = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const buffer = new SharedArrayBuffer(total * 4);
  let offset = 0;
  const shared = new Map<string, Tensor>();
  for (const [name, { shape, data }] of tensors) {
    const view = new Float32Array(buffer, offset, data.length);
    view.set(data);
    shared.set(name, { shape, data: view });
    offset += data.byteLength;
  }
  return shared;
}

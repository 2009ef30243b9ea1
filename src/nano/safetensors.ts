import { RungError } from '#core/errors.ts';

/** One tensor in memory, row-major, always float32 whatever it was on disk. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const bytesPerElement: Record<string, number> = { F32: 4, F16: 2, BF16: 2 };

/**
 * Reads a safetensors file (https://huggingface.co/docs/safetensors): float32, float16 and bfloat16 tensors.
 * Throws a RungError (`tensors-unreadable`) naming the file and what is wrong in it.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const unreadable = (message: string, cause?: unknown): RungError =>
    new RungError({
      code: 'tensors-unreadable',
      message: `${file} is not a safetensors file that can be read: ${message}.`,
      hint: 'Fetch or write the file again; float32, float16 and bfloat16 tensors are supported.',
      place: { file },
      cause,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8) throw unreadable('it is shorter than its header');
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.byteLength - 8) throw unreadable('it is shorter than its header says');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + headerLength)));
  } catch (cause) {
    throw unreadable('its header is not JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw unreadable('its header is not an object');
  const start = 8 + headerLength;
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as Record<string, string>;
      continue;
    }
    if (!isHeaderEntry(entry)) throw unreadable(`the entry of "${name}" is malformed`);
    const size = bytesPerElement[entry.dtype];
    if (size === undefined) throw unreadable(`"${name}" has type ${entry.dtype}`);
    const length = entry.shape.reduce((product, dimension) => product * dimension, 1);
    const [from, to] = entry.data_offsets;
    if (to - from !== length * size || from < 0 || start + to > bytes.byteLength) throw unreadable(`"${name}" does not fit into it`);
    tensors.set(name, { shape: entry.shape, data: toFloats(bytes.subarray(start + from, start + to), entry.dtype, length) });
  }
  return { tensors, metadata };
}

/** The bytes of a float32 safetensors file; the same tensors give the same bytes, whatever the order they came in. */
export function formatSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const names = [...tensors.keys()].sort();
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  let offset = 0;
  for (const name of names) {
    const tensor = tensors.get(name)!;
    entries.push([name, { dtype: 'F32', shape: tensor.shape, data_offsets: [offset, offset + tensor.data.byteLength] }]);
    offset += tensor.data.byteLength;
  }
  // Not by assignment: a tensor may be named "__proto__".
  const header = Object.fromEntries(entries);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const name of names) {
    const { data } = tensors.get(name)!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

function isHeaderEntry(entry: unknown): entry is HeaderEntry {
  if (typeof entry !== 'object' || entry === null) return false;
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const counts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0);
  return typeof dtype === 'string' && counts(shape) && counts(offsets) && (offsets as unknown[]).length === 2;
}

function toFloats(bytes: Uint8Array, type: string, length: number): Float32Array {
  // Copied first: a tensor may lie at an offset that its element type cannot be viewed at.
  const copy = new Uint8Array(bytes).buffer;
  if (type === 'F32') return new Float32Array(copy);
  const halves = new Uint16Array(copy);
  const floats = new Float32Array(length);
  if (type === 'BF16') {
    const bits = new Uint32Array(floats.buffer);
    for (let i = 0; i < length; i++) bits[i] = halves[i]! << 16;
    return floats;
  }
  for (let i = 0; i < length; i++) {
    const half = halves[i]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) floats[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) floats[i] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else floats[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return floats;
}

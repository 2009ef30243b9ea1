import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSafetensors, parseSafetensors, type Tensor } from './safetensors.ts';

test('what was written is read again, bit by bit, and the order of the tensors does not matter', () => {
  const data = fc.float32Array({ maxLength: 20, noNaN: true });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), data), fc.dictionary(fc.string(), fc.string()), (arrays, metadata) => {
      const entries = Object.entries(arrays).filter(([name]) => name !== '__metadata__');
      const tensors = new Map(entries.map(([name, values]): [string, Tensor] => [name, { shape: [values.length], data: values }]));
      const bytes = formatSafetensors(tensors, metadata);
      expect(formatSafetensors(new Map([...tensors].reverse()), metadata)).toEqual(bytes);
      const read = parseSafetensors(bytes, 'x');
      expect(new Map(read.tensors)).toEqual(tensors);
      expect({ ...read.metadata }).toEqual({ ...metadata });
    }),
  );
});

test('half and brain floats become the numbers they stand for', () => {
  const file = (dtype: string, halves: readonly number[]): Uint8Array => {
    const header = new TextEncoder().encode(JSON.stringify({ t: { dtype, shape: [halves.length], data_offsets: [0, halves.length * 2] } }));
    const bytes = new Uint8Array(8 + header.length + halves.length * 2);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(header, 8);
    for (const [index, half] of halves.entries()) new DataView(bytes.buffer).setUint16(8 + header.length + index * 2, half, true);
    return bytes;
  };
  const read = (dtype: string, halves: readonly number[]) => [...parseSafetensors(file(dtype, halves), 'x').tensors.get('t')!.data];
  // From the tables of IEEE 754: 1, -2, largest, smallest subnormal, smallest normal, infinity.
  expect(read('F16', [0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00])).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
    Number.POSITIVE_INFINITY,
  ]);
  expect(read('BF16', [0x3f80, 0xc000, 0x3e80, 0x0000])).toEqual([1, -2, 0.25, 0]);
});

test('garbage is refused with the name of the file, never read', () => {
  const good = formatSafetensors(new Map([['a', { shape: [2, 3], data: new Float32Array(6) }]]));
  const unreadable = (bytes: Uint8Array) =>
    expect(() => parseSafetensors(bytes, 'model.bin')).toThrow(
      expect.objectContaining({ code: 'tensors-unreadable', place: { file: 'model.bin' } }),
    );
  for (let length = 0; length < good.length; length += 7) unreadable(good.subarray(0, length));
  const withHeader = (header: unknown): Uint8Array => {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + 24);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  unreadable(withHeader('{"a": '));
  unreadable(withHeader('[]'));
  unreadable(withHeader({ a: 5 }));
  unreadable(withHeader({ a: { dtype: 'I64', shape: [3], data_offsets: [0, 24] } }));
  unreadable(withHeader({ a: { dtype: 'F32', shape: [3], data_offsets: [0, 24] } }));
  unreadable(withHeader({ a: { dtype: 'F32', shape: [100], data_offsets: [0, 400] } }));
  unreadable(withHeader({ a: { dtype: 'F32', shape: [-6], data_offsets: [0, 24] } }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => parseSafetensors(bytes, 'model.bin')).toThrow(expect.objectContaining({ code: 'tensors-unreadable' }));
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKernels } from './kernels.ts';
import { webAssembly } from './web-assembly.ts';

const memory = new webAssembly.Memory({ initial: 16 });
const kernels = createKernels(memory);
const unfused = createKernels(memory, false);
const floats = new Float32Array(memory.buffer);

/** Lays arrays out one after another; returns their addresses. */
function place(...arrays: readonly (readonly number[])[]): number[] {
  let index = 64;
  return arrays.map((values) => {
    floats.set(values, index);
    const address = index * 4;
    index += Math.ceil(values.length / 16) * 16 + 16;
    return address;
  });
}

const read = (address: number, length: number): number[] => [...floats.subarray(address / 4, address / 4 + length)];
const numbers = (length: number): fc.Arbitrary<number[]> =>
  fc.array(
    fc.integer({ min: -1000, max: 1000 }).map((value) => Math.fround(value / 300)),
    { minLength: length, maxLength: length },
  );

const shape = fc.record({
  m: fc.integer({ min: 1, max: 20 }),
  n: fc.integer({ min: 1, max: 6 }).map((n) => n * 8),
  k: fc.integer({ min: 1, max: 24 }),
});

test('matmul equals plain loops for every blocking, plain, transposed and accumulating', () => {
  const cases = shape.chain(({ m, n, k }) => fc.tuple(fc.constant({ m, n, k }), numbers(m * k), numbers(k * n), numbers(m * n)));
  fc.assert(
    fc.property(cases, fc.boolean(), fc.boolean(), fc.boolean(), ([{ m, n, k }, left, right, before], transposed, accumulate, fused) => {
      const [a, b, c] = place(left, right, before) as [number, number, number];
      const [row, column] = transposed ? [4, m * 4] : [k * 4, 4];
      (fused ? kernels : unfused).matmul(a, row, column, b, n * 4, 32, c, n * 4, m, n, k, accumulate ? 1 : 0);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = accumulate ? before[i * n + j]! : 0;
          for (let d = 0; d < k; d++) sum += left[transposed ? d * m + i : i * k + d]! * right[d * n + j]!;
          expect(floats[c / 4 + i * n + j]).toBeCloseTo(sum, 3);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a row of matmul is bit-equal whatever rows are computed beside it', () => {
  const cases = shape.chain(({ m, n, k }) => fc.tuple(fc.constant({ m, n, k }), numbers(m * k), numbers(k * n)));
  fc.assert(
    fc.property(cases, ([{ m, n, k }, left, right]) => {
      const [a, b, c] = place(left, right, new Array<number>(m * n).fill(0)) as [number, number, number];
      kernels.matmul(a, k * 4, 4, b, n * 4, 32, c, n * 4, m, n, k, 0);
      const together = read(c, m * n);
      for (let row = 0; row < m; row++) kernels.matmul(a + row * k * 4, k * 4, 4, b, n * 4, 32, c + row * n * 4, n * 4, 1, n, k, 0);
      expect(read(c, m * n)).toEqual(together);
    }),
    { numRuns: 60 },
  );
});

test('softmax keeps the given length, clears the rest, and does not see the padding', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), numbers(16), (length, scores) => {
      const exponentials = scores.slice(0, length).map((score) => Math.exp(score * 0.5));
      const total = exponentials.reduce((sum, value) => sum + value, 0);
      const run = (width: number): number[] => {
        const [address, statistics] = place([...scores, ...new Array<number>(16).fill(Number.NaN)], [0, 0]) as [number, number];
        kernels.softmax(address, 0, 1, length, 0, width, 0.5, statistics);
        const [largest, sum] = read(statistics, 2) as [number, number];
        expect(largest + Math.log(sum)).toBeCloseTo(Math.log(total), 4);
        return read(address, width);
      };
      const narrow = run(16);
      for (const [index, value] of narrow.entries()) expect(value).toBeCloseTo(index < length ? exponentials[index]! / total : 0, 5);
      expect(run(32)).toEqual([...narrow, ...new Array<number>(16).fill(0)]);
    }),
  );
});

test('swiGlu is exact to float precision over the whole range, also where its exponential would overflow', () => {
  const gates = Array.from({ length: 400 }, (_, index) => (index - 200) / 1.7);
  const [gate, up, out] = place(
    gates,
    gates.map(() => 2),
    gates,
  ) as [number, number, number];
  kernels.swiGlu(gate, up, 0, out, 0, 1, gates.length);
  for (const [index, value] of read(out, gates.length).entries()) {
    const x = Math.fround(gates[index]!);
    const exact = (2 * x) / (1 + Math.exp(-x));
    expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 5e-7, 1e-35));
  }
});

test('turning back undoes turning', () => {
  const values = Array.from({ length: 64 }, (_, index) => Math.sin(index * 3));
  const angles = Array.from({ length: 40 }, (_, index) => index / 9);
  const [x, cosines, sines, positions] = place(values, angles.map(Math.cos), angles.map(Math.sin), [0, 0]) as [
    number,
    number,
    number,
    number,
  ];
  new Int32Array(memory.buffer, positions, 2).set([3, 9]);
  kernels.rotate(x, 128, positions, cosines, sines, 2, 4, 8, 1);
  expect(read(x, 64)).not.toEqual(values.map(Math.fround));
  kernels.rotate(x, 128, positions, cosines, sines, 2, 4, 8, -1);
  for (const [index, value] of read(x, 64).entries()) expect(value).toBeCloseTo(values[index]!, 5);
});

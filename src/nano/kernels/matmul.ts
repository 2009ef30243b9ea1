import { type Code, f32x4, i32, type Local, loop, type ModuleBuilder, when } from './assembler.ts';

/**
 * Matrix product C = A × B, or C += A × B.
 *
 * `matmul(a, aRow, aColumn, b, bRow, bPanel, c, cRow, m, n, k, accumulate)`: addresses and strides in bytes,
 * n a multiple of 8. A may be read transposed by swapping its strides. B is read in panels of eight columns, so
 * the same code serves plain rows (bPanel = 32) and packed weights (bRow = 32, bPanel = 32 k).
 *
 * Every element of C is one chain of multiply-adds over k in ascending order, whatever the number of rows and
 * however they are blocked: a row's result therefore does not depend on the rows computed beside it. Batching,
 * chunked prefill and the prefix cache rely on this for bit-equal answers.
 */
export function defineMatmul(module: ModuleBuilder, multiplyAdd: typeof f32x4.multiplyAdd): void {
  module.define('matmul', new Array<'i32'>(12).fill('i32'), [], (parameters, scope) => {
    const [a, aRow, aColumn, b, bRow, bPanel, c, cRow, m, n, k, accumulate] = parameters as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const four = (count: number, type: 'i32' | 'v128'): Local[] => Array.from({ length: count }, () => scope.local(type));
    const accumulators = four(12, 'v128');
    const columns = four(8, 'v128');
    const aAddress = four(6, 'i32');
    const bAddress = four(4, 'i32');
    const splat = scope.local('v128');
    const depth = scope.local('i32');
    const row = scope.local('i32');
    const panel = scope.local('i32');
    const bStart = scope.local('i32');
    const cStart = scope.local('i32');
    const cAddress = scope.local('i32');
    const aStart = scope.local('i32');

    /** One block of `rows` × (8 `panels`) elements kept in registers over the whole of k. */
    const block = (rows: number, panels: number): Code => {
      const width = panels * 2;
      const tile = (visit: (accumulator: Local, offset: number) => Code): Code => {
        const code: number[] = [];
        for (let r = 0; r < rows; r++) {
          code.push(...cAddress.set(r === 0 ? cStart.get : i32.add(cAddress.get, cRow.get)));
          for (let j = 0; j < width; j++) code.push(...visit(accumulators[r * width + j]!, j * 16));
        }
        return code;
      };
      const step: number[] = [];
      for (let p = 0; p < panels; p++) {
        const address = bAddress[p]!;
        step.push(...columns[p * 2]!.set(f32x4.load(address.get)), ...columns[p * 2 + 1]!.set(f32x4.load(address.get, 16)));
        step.push(...address.set(i32.add(address.get, bRow.get)));
      }
      for (let r = 0; r < rows; r++) {
        const address = aAddress[r]!;
        step.push(...splat.set(f32x4.loadSplat(address.get)), ...address.set(i32.add(address.get, aColumn.get)));
        for (let j = 0; j < width; j++) {
          const accumulator = accumulators[r * width + j]!;
          step.push(...accumulator.set(multiplyAdd(splat.get, columns[j]!.get, accumulator.get)));
        }
      }
      return [
        ...aAddress.slice(0, rows).flatMap((address, r) => address.set(r === 0 ? aStart.get : i32.add(aAddress[r - 1]!.get, aRow.get))),
        ...bAddress.slice(0, panels).flatMap((address, p) => address.set(p === 0 ? bStart.get : i32.add(bAddress[p - 1]!.get, bPanel.get))),
        ...when(
          accumulate.get,
          tile((accumulator, offset) => accumulator.set(f32x4.load(cAddress.get, offset))),
          tile((accumulator) => accumulator.set(f32x4.constant(0))),
        ),
        ...loop(depth, i32.constant(0), k.get, i32.constant(1), step),
        ...tile((accumulator, offset) => f32x4.store(cAddress.get, accumulator.get, offset)),
      ];
    };
    const advance = (rows: number): Code => [
      ...aStart.set(i32.add(aStart.get, i32.multiply(aRow.get, i32.constant(rows)))),
      ...cStart.set(i32.add(cStart.get, i32.multiply(cRow.get, i32.constant(rows)))),
      ...row.set(i32.add(row.get, i32.constant(rows))),
    ];
    const columnsOf = (index: Code): Code => i32.add(c.get, i32.shiftLeft(index, i32.constant(2)));
    const panelLoop = (start: Code, end: Code, panels: number, body: Code): Code =>
      loop(panel, start, end, i32.constant(8 * panels), [
        ...bStart.set(i32.add(b.get, i32.multiply(i32.shiftRight(panel.get, i32.constant(3)), bPanel.get))),
        ...cStart.set(columnsOf(panel.get)),
        ...aStart.set(a.get),
        ...body,
      ]);
    const wide = i32.and(n.get, i32.constant(-32));
    return when(
      i32.equal(m.get, i32.constant(1)),
      // One row is bound by reading B: four panels at once give the memory four streams.
      [...panelLoop(i32.constant(0), wide, 4, block(1, 4)), ...panelLoop(wide, n.get, 1, block(1, 1))],
      panelLoop(i32.constant(0), n.get, 1, [
        ...loop(row, i32.constant(0), i32.subtract(m.get, i32.constant(5)), i32.constant(0), [...block(6, 1), ...advance(6)]),
        ...when(i32.lessOrEqual(row.get, i32.subtract(m.get, i32.constant(4))), [...block(4, 1), ...advance(4)]),
        ...when(i32.lessOrEqual(row.get, i32.subtract(m.get, i32.constant(2))), [...block(2, 1), ...advance(2)]),
        ...when(i32.less(row.get, m.get), block(1, 1)),
      ]),
    );
  });
}

import { type Code, f32, f32x4, i32, i32x4, type Local, loop, type ModuleBuilder } from './assembler.ts';

type Exponential = (value: Code) => Code;

/**
 * eˣ on four lanes: x = n ln 2 + r with |r| ≤ ln 2 / 2, a polynomial for eʳ (Cephes `expf`), then n into the exponent
 * bits. Relative error about 2⁻²³; exactly 0 from −88 downwards, which is what masks attention.
 */
export function defineExponential(module: ModuleBuilder): Exponential {
  return module.define('exponential', ['v128'], ['v128'], (parameters, scope) => {
    const x = parameters[0]!;
    const n = scope.local('v128');
    const c = f32x4.constant;
    const coefficients = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];
    const horner = coefficients.reduce<Code>(
      (sum, coefficient, index) => (index === 0 ? c(coefficient) : f32x4.add(f32x4.multiply(sum, x.get), c(coefficient))),
      [],
    );
    return [
      ...x.set(f32x4.minimum(f32x4.maximum(x.get, c(-88)), c(88))),
      ...n.set(f32x4.nearest(f32x4.multiply(x.get, c(Math.LOG2E)))),
      ...x.set(f32x4.subtract(x.get, f32x4.multiply(n.get, c(0.693359375)))),
      ...x.set(f32x4.add(x.get, f32x4.multiply(n.get, c(2.1219444e-4)))),
      ...f32x4.multiply(
        f32x4.add(f32x4.add(f32x4.multiply(f32x4.multiply(x.get, x.get), horner), x.get), c(1)),
        i32x4.shiftLeft(i32x4.add(i32x4.truncate(n.get), i32x4.constant(127)), 23),
      ),
    ];
  });
}

const next = (address: Local, stride: Local): Code => address.set(i32.add(address.get, stride.get));
const zero = i32.constant(0);
const one = i32.constant(1);

/** Kernels that treat every element alike. Widths are in elements, multiples of 4; strides and addresses in bytes. */
export function defineElementwise(module: ModuleBuilder, exponential: Exponential): void {
  const sigmoid = (value: Code): Code => f32x4.divide(f32x4.constant(1), f32x4.add(f32x4.constant(1), exponential(f32x4.negate(value))));

  /** out = silu(gate) · up */
  module.define('swiGlu', new Array<'i32'>(7).fill('i32'), [], (parameters, scope) => {
    const [gate, up, inputRow, out, outputRow, rows, width] = parameters as [Local, Local, Local, Local, Local, Local, Local];
    const [row, column] = [scope.local('i32'), scope.local('i32')];
    const value = scope.local('v128');
    const at = (base: Local): Code => i32.add(base.get, column.get);
    return loop(row, zero, rows.get, one, [
      ...loop(column, zero, i32.shiftLeft(width.get, i32.constant(2)), i32.constant(16), [
        ...value.set(f32x4.load(at(gate))),
        ...f32x4.store(at(out), f32x4.multiply(f32x4.multiply(value.get, sigmoid(value.get)), f32x4.load(at(up)))),
      ]),
      ...next(gate, inputRow),
      ...next(up, inputRow),
      ...next(out, outputRow),
    ]);
  });

  /** dUp = dOut · silu(gate), dGate = dOut · up · σ(gate) (1 + gate (1 − σ(gate))) */
  module.define('swiGluBackward', new Array<'i32'>(9).fill('i32'), [], (parameters, scope) => {
    const [gate, up, inputRow, dOut, dOutRow, dGate, dUp, rows, width] = parameters as [
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
    const [row, column] = [scope.local('i32'), scope.local('i32')];
    const [value, slope, upstream] = [scope.local('v128'), scope.local('v128'), scope.local('v128')];
    const at = (base: Local): Code => i32.add(base.get, column.get);
    const derivative = f32x4.multiply(
      slope.get,
      f32x4.add(f32x4.constant(1), f32x4.multiply(value.get, f32x4.subtract(f32x4.constant(1), slope.get))),
    );
    return loop(row, zero, rows.get, one, [
      ...loop(column, zero, i32.shiftLeft(width.get, i32.constant(2)), i32.constant(16), [
        ...value.set(f32x4.load(at(gate))),
        ...slope.set(sigmoid(value.get)),
        ...upstream.set(f32x4.load(at(dOut))),
        ...f32x4.store(at(dGate), f32x4.multiply(f32x4.multiply(upstream.get, f32x4.load(at(up))), derivative)),
        ...f32x4.store(at(dUp), f32x4.multiply(upstream.get, f32x4.multiply(value.get, slope.get))),
      ]),
      ...next(gate, inputRow),
      ...next(up, inputRow),
      ...next(dGate, inputRow),
      ...next(dUp, inputRow),
      ...next(dOut, dOutRow),
    ]);
  });

  const rowWise = (name: string, combine: (source: Code, target: Code) => Code): void => {
    module.define(name, new Array<'i32'>(6).fill('i32'), [], (parameters, scope) => {
      const [source, sourceRow, target, targetRow, rows, width] = parameters as [Local, Local, Local, Local, Local, Local];
      const [row, column] = [scope.local('i32'), scope.local('i32')];
      const at = (base: Local): Code => i32.add(base.get, column.get);
      return loop(row, zero, rows.get, one, [
        ...loop(column, zero, i32.shiftLeft(width.get, i32.constant(2)), i32.constant(16), [
          ...f32x4.store(at(target), combine(f32x4.load(at(source)), f32x4.load(at(target)))),
        ]),
        ...next(source, sourceRow),
        ...next(target, targetRow),
      ]);
    });
  };
  rowWise('copyRows', (source) => source);
  rowWise('addRows', (source, target) => f32x4.add(source, target));
}

/** `transpose(source, sourceRow, target, targetRow, rows, columns)`: target[column][row] = source[row][column]. */
export function defineTranspose(module: ModuleBuilder): void {
  module.define('transpose', new Array<'i32'>(6).fill('i32'), [], (parameters, scope) => {
    const [source, sourceRow, target, targetRow, rows, columns] = parameters as [Local, Local, Local, Local, Local, Local];
    const [row, column, from, to] = [scope.local('i32'), scope.local('i32'), scope.local('i32'), scope.local('i32')];
    return loop(row, zero, rows.get, one, [
      ...from.set(source.get),
      ...to.set(i32.add(target.get, i32.shiftLeft(row.get, i32.constant(2)))),
      ...loop(column, zero, columns.get, one, [
        ...f32.store(to.get, f32.load(from.get)),
        ...from.set(i32.add(from.get, i32.constant(4))),
        ...next(to, targetRow),
      ]),
      ...next(source, sourceRow),
    ]);
  });
}

import { type Code, f32, f32x4, i32, type Local, loop, type ModuleBuilder } from './assembler.ts';

const zero = i32.constant(0);
const one = i32.constant(1);
const vector = i32.constant(16);

/** The four lanes of a sum added up, always in the same order. */
export function sumOfLanes(value: Code): Code {
  return f32.add(f32.add(f32x4.lane(value, 0), f32x4.lane(value, 1)), f32.add(f32x4.lane(value, 2), f32x4.lane(value, 3)));
}

/** RMSNorm (Zhang & Sennrich 2019) over rows of `width` elements, contiguous. */
export function defineNormalisation(module: ModuleBuilder): void {
  const inverseRoot = (sum: Code, width: Local, epsilon: Local): Code =>
    f32.divide(f32.constant(1), f32.sqrt(f32.add(f32.divide(sum, f32.fromI32(width.get)), epsilon.get)));

  /** out = weight · x / √(mean(x²) + ε) */
  module.define('rmsNorm', ['i32', 'i32', 'i32', 'i32', 'i32', 'f32'], [], (parameters, scope) => {
    const [x, weight, out, rows, width, epsilon] = parameters as [Local, Local, Local, Local, Local, Local];
    const [row, column, bytes] = [scope.local('i32'), scope.local('i32'), scope.local('i32')];
    const [sum, value] = [scope.local('v128'), scope.local('v128')];
    const at = (base: Local): Code => i32.add(base.get, column.get);
    return [
      ...bytes.set(i32.shiftLeft(width.get, i32.constant(2))),
      ...loop(row, zero, rows.get, one, [
        ...sum.set(f32x4.constant(0)),
        ...loop(column, zero, bytes.get, vector, [
          ...value.set(f32x4.load(at(x))),
          ...sum.set(f32x4.add(sum.get, f32x4.multiply(value.get, value.get))),
        ]),
        ...sum.set(f32x4.splat(inverseRoot(sumOfLanes(sum.get), width, epsilon))),
        ...loop(
          column,
          zero,
          bytes.get,
          vector,
          f32x4.store(at(out), f32x4.multiply(f32x4.load(at(weight)), f32x4.multiply(f32x4.load(at(x)), sum.get))),
        ),
        ...x.set(i32.add(x.get, bytes.get)),
        ...out.set(i32.add(out.get, bytes.get)),
      ]),
    ];
  });

  /** dX += s · (weight dOut) − x · s³ / width · Σ(weight dOut x), with s = 1 / √(mean(x²) + ε) */
  module.define('rmsNormBackward', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32'], [], (parameters, scope) => {
    const [x, weight, dOut, dX, rows, width, epsilon] = parameters as [Local, Local, Local, Local, Local, Local, Local];
    const [row, column, bytes] = [scope.local('i32'), scope.local('i32'), scope.local('i32')];
    const [sum, dot, value] = [scope.local('v128'), scope.local('v128'), scope.local('v128')];
    const scale = scope.local('f32');
    const at = (base: Local): Code => i32.add(base.get, column.get);
    const weighted = f32x4.multiply(f32x4.load(at(weight)), f32x4.load(at(dOut)));
    const cube = f32.multiply(scale.get, f32.multiply(scale.get, scale.get));
    return [
      ...bytes.set(i32.shiftLeft(width.get, i32.constant(2))),
      ...loop(row, zero, rows.get, one, [
        ...sum.set(f32x4.constant(0)),
        ...dot.set(f32x4.constant(0)),
        ...loop(column, zero, bytes.get, vector, [
          ...value.set(f32x4.load(at(x))),
          ...sum.set(f32x4.add(sum.get, f32x4.multiply(value.get, value.get))),
          ...dot.set(f32x4.add(dot.get, f32x4.multiply(value.get, weighted))),
        ]),
        ...scale.set(inverseRoot(sumOfLanes(sum.get), width, epsilon)),
        ...dot.set(f32x4.splat(f32.divide(f32.multiply(cube, sumOfLanes(dot.get)), f32.fromI32(width.get)))),
        ...sum.set(f32x4.splat(scale.get)),
        ...loop(column, zero, bytes.get, vector, [
          ...value.set(f32x4.subtract(f32x4.multiply(sum.get, weighted), f32x4.multiply(f32x4.load(at(x)), dot.get))),
          ...f32x4.store(at(dX), f32x4.add(f32x4.load(at(dX)), value.get)),
        ]),
        ...[x, dOut, dX].flatMap((base) => base.set(i32.add(base.get, bytes.get))),
      ]),
    ];
  });
}

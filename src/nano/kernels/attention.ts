import { type Code, f32, f32x4, i32, type Local, loop, type ModuleBuilder, when } from './assembler.ts';
import { sumOfLanes } from './normalisation.ts';

const zero = i32.constant(0);
const one = i32.constant(1);
const vector = i32.constant(16);
const inBytes = (elements: Code): Code => i32.shiftLeft(elements, i32.constant(2));

/** Softmax in place, its backward pass, and rotary positions. Widths in elements, multiples of 4; strides in bytes. */
export function defineAttention(module: ModuleBuilder, exponential: (value: Code) => Code): void {
  /**
   * Row i keeps its first `length + i · growth` scores; the rest become exactly 0. Adding zeros changes no sum, so a
   * row does not depend on the padded width. With `statistics` ≠ 0, each row's scaled maximum and sum go there.
   */
  module.define('softmax', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'i32'], [], (parameters, scope) => {
    const [scores, scoresRow, rows, length, growth, width, scale, statistics] = parameters as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const [row, column, end] = [scope.local('i32'), scope.local('i32'), scope.local('i32')];
    const [maximum, sum, value, factor] = [scope.local('v128'), scope.local('v128'), scope.local('v128'), scope.local('v128')];
    const [largest, total] = [scope.local('f32'), scope.local('f32')];
    const here = i32.add(scores.get, column.get);
    return [
      ...factor.set(f32x4.splat(scale.get)),
      ...loop(row, zero, rows.get, one, [
        ...end.set(inBytes(width.get)),
        ...loop(column, inBytes(length.get), end.get, i32.constant(4), f32.store(here, f32.constant(-3e38))),
        // Whole vectors that hold at least one kept score; the vectors after them are only cleared.
        ...end.set(i32.and(i32.add(inBytes(length.get), i32.constant(15)), i32.constant(-16))),
        ...maximum.set(f32x4.constant(-3e38)),
        ...loop(column, zero, end.get, vector, maximum.set(f32x4.maximum(maximum.get, f32x4.load(here)))),
        ...largest.set(
          f32.maximum(
            f32.maximum(f32x4.lane(maximum.get, 0), f32x4.lane(maximum.get, 1)),
            f32.maximum(f32x4.lane(maximum.get, 2), f32x4.lane(maximum.get, 3)),
          ),
        ),
        ...maximum.set(f32x4.splat(largest.get)),
        ...sum.set(f32x4.constant(0)),
        ...loop(column, zero, end.get, vector, [
          ...value.set(exponential(f32x4.multiply(factor.get, f32x4.subtract(f32x4.load(here), maximum.get)))),
          ...sum.set(f32x4.add(sum.get, value.get)),
          ...f32x4.store(here, value.get),
        ]),
        ...total.set(sumOfLanes(sum.get)),
        ...when(statistics.get, [
          ...f32.store(statistics.get, f32.multiply(largest.get, scale.get)),
          ...f32.store(statistics.get, total.get, 4),
          ...statistics.set(i32.add(statistics.get, i32.constant(8))),
        ]),
        ...sum.set(f32x4.splat(f32.divide(f32.constant(1), total.get))),
        ...loop(column, zero, end.get, vector, f32x4.store(here, f32x4.multiply(f32x4.load(here), sum.get))),
        ...loop(column, end.get, inBytes(width.get), vector, f32x4.store(here, f32x4.constant(0))),
        ...scores.set(i32.add(scores.get, scoresRow.get)),
        ...length.set(i32.add(length.get, growth.get)),
      ]),
    ];
  });

  /** upstream ← probabilities · (upstream − Σ(probabilities · upstream)) · scale, row by row; both share the stride. */
  module.define('softmaxBackward', ['i32', 'i32', 'i32', 'i32', 'i32', 'f32'], [], (parameters, scope) => {
    const [probabilities, upstream, stride, rows, width, scale] = parameters as [Local, Local, Local, Local, Local, Local];
    const [row, column] = [scope.local('i32'), scope.local('i32')];
    const [dot, factor] = [scope.local('v128'), scope.local('v128')];
    const p = f32x4.load(i32.add(probabilities.get, column.get));
    const u = f32x4.load(i32.add(upstream.get, column.get));
    return [
      ...factor.set(f32x4.splat(scale.get)),
      ...loop(row, zero, rows.get, one, [
        ...dot.set(f32x4.constant(0)),
        ...loop(column, zero, inBytes(width.get), vector, dot.set(f32x4.add(dot.get, f32x4.multiply(p, u)))),
        ...dot.set(f32x4.splat(sumOfLanes(dot.get))),
        ...loop(
          column,
          zero,
          inBytes(width.get),
          vector,
          f32x4.store(i32.add(upstream.get, column.get), f32x4.multiply(factor.get, f32x4.multiply(p, f32x4.subtract(u, dot.get)))),
        ),
        ...[probabilities, upstream].flatMap((base) => base.set(i32.add(base.get, stride.get))),
      ]),
    ];
  });

  /**
   * Rotary positions (Su et al. 2021) in place, in the half-split layout of Llama: the first half of a head turns
   * against the second by cosine[position], direction · sine[position]. −1 undoes it, which is its backward pass.
   */
  module.define('rotate', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32'], [], (parameters, scope) => {
    const [x, xRow, positions, cosines, sines, rows, heads, headWidth, direction] = parameters as [
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
    const [row, head, column] = [scope.local('i32'), scope.local('i32'), scope.local('i32')];
    const [half, first, second, angle] = [scope.local('i32'), scope.local('i32'), scope.local('i32'), scope.local('i32')];
    const [a, b, cosine, sine, sign] = [
      scope.local('v128'),
      scope.local('v128'),
      scope.local('v128'),
      scope.local('v128'),
      scope.local('v128'),
    ];
    const turn = [
      ...a.set(f32x4.load(first.get)),
      ...b.set(f32x4.load(second.get)),
      ...cosine.set(f32x4.load(i32.add(i32.add(cosines.get, angle.get), column.get))),
      ...sine.set(f32x4.multiply(sign.get, f32x4.load(i32.add(i32.add(sines.get, angle.get), column.get)))),
      ...f32x4.store(first.get, f32x4.subtract(f32x4.multiply(a.get, cosine.get), f32x4.multiply(b.get, sine.get))),
      ...f32x4.store(second.get, f32x4.add(f32x4.multiply(b.get, cosine.get), f32x4.multiply(a.get, sine.get))),
      ...first.set(i32.add(first.get, vector)),
      ...second.set(i32.add(second.get, vector)),
    ];
    return [
      ...half.set(i32.shiftLeft(headWidth.get, one)),
      ...sign.set(f32x4.splat(direction.get)),
      ...loop(row, zero, rows.get, one, [
        ...angle.set(i32.multiply(i32.load(i32.add(positions.get, inBytes(row.get))), half.get)),
        ...first.set(x.get),
        ...loop(head, zero, heads.get, one, [
          ...second.set(i32.add(first.get, half.get)),
          ...loop(column, zero, half.get, vector, turn),
          ...first.set(second.get),
        ]),
        ...x.set(i32.add(x.get, xRow.get)),
      ]),
    ];
  });
}

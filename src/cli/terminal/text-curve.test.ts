import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineWidth } from './styled-line.ts';
import { textCurve } from './text-curve.ts';

const textOf = (lines: ReturnType<typeof textCurve>) => lines.map((line) => line.map(({ text }) => text).join(''));

it('draws a falling loss from the upper left to the lower right, with its scale', () => {
  const points = Array.from({ length: 20 }, (_, index) => ({ x: index + 1, y: 20 - index }));
  const lines = textOf(textCurve([{ name: 'training loss', points, style: 'cyan' }], { width: 30, height: 4 }));
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/^ 20 ┤[⠀-⣿]/);
  expect(lines[3]).toMatch(/^ {2}1 ┤ +[⠀-⣿ ]*[⠁-⣿]$/);
  expect(lines[4]).toMatch(/^ +1 +20$/);
  expect(lines[5]).toContain('training loss');
});

it('marks the points of a second curve', () => {
  const line = {
    name: 'a',
    points: [
      { x: 0, y: 0 },
      { x: 9, y: 1 },
    ],
    style: 'cyan' as const,
  };
  const marked = { name: 'b', points: [{ x: 5, y: 0.5 }], style: 'yellow' as const, mark: '●' };
  expect(textOf(textCurve([line, marked], { width: 30, height: 3 })).join('\n')).toMatch(/│.*●/);
});

it('draws nothing of what is no curve, and never more than its width', () => {
  expect(textCurve([], { width: 30, height: 4 })).toEqual([]);
  expect(textCurve([{ name: 'a', points: [{ x: 1, y: 1 }], style: 'cyan' }], { width: 30, height: 4 })).toEqual([]);
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constant(Number.NaN));
  fc.assert(
    fc.property(
      fc.array(fc.record({ x: fc.integer({ min: 0, max: 500 }), y: value })),
      fc.integer({ min: 24, max: 120 }),
      (points, width) => {
        const lines = textCurve([{ name: 'a', points, style: 'cyan' }], { width, height: 5 });
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(width);
        expect(textOf(lines).join('')).not.toMatch(/NaN|Infinity|undefined/);
      },
    ),
  );
});

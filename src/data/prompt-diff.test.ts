import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diffWords } from './prompt-diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '\n', 'dd')).map((parts) => parts.join(''));

it('holds both texts', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = diffWords(before, after);
      const join = (left: string) => changes.flatMap(({ change, text: run }) => (change === left ? [] : [run])).join('');
      expect([join('added'), join('removed')]).toEqual([before, after]);
      if (before === after) expect(changes.every(({ change }) => change === 'same')).toBe(true);
    }),
  );
});

it('says what changed and no more', () => {
  expect(diffWords('Say which team handles it.', 'Say which one team handles this.')).toEqual([
    { change: 'same', text: 'Say which ' },
    { change: 'added', text: 'one ' },
    { change: 'same', text: 'team handles ' },
    { change: 'removed', text: 'it.' },
    { change: 'added', text: 'this.' },
  ]);
});

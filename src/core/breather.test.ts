import fc from 'fast-check';
import { expect, test } from 'vitest';
import { breather } from './breather.ts';
import { contentHash, contentHashInTurns } from './json.ts';

test('others have their turn during work that takes long, and an ended signal ends it', async () => {
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 0);
  const ending = new AbortController();
  const breathe = breather(ending.signal);
  const work = async () => {
    for (;;) {
      for (const until = performance.now() + 2; performance.now() < until; );
      if (turns === 3) ending.abort(new Error('enough'));
      await breathe();
    }
  };
  await expect(work()).rejects.toThrow('enough');
  clearInterval(counting);
  expect(turns).toBeGreaterThanOrEqual(3);
});

test('a hash made in turns is the hash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.record({ a: fc.option(fc.array(fc.jsonValue()), { nil: undefined }) })), async (value) => {
      expect(await contentHashInTurns(value, () => undefined)).toBe(contentHash(value));
    }),
  );
});

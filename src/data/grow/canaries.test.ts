import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingRow } from '#core/trainer.ts';
import { canaryRows, digitsTold, drawCanaries, plantedCanaries } from './canaries.ts';

const counts = fc.integer({ min: 0, max: 40 });
const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe('canaries', () => {
  it('are the same for the same seed, all different, and found again among other rows', () => {
    const other: TrainingRow = { messages: [{ role: 'user', content: 'Where is my parcel?' }] };
    fc.assert(
      fc.property(counts, seeds, (count, seed) => {
        const drawn = drawCanaries(count, seed);
        expect(drawCanaries(count, seed)).toEqual(drawn);
        expect(new Set(drawn.map(({ name }) => name)).size).toBe(count);
        expect(plantedCanaries([other, ...canaryRows(count, seed), other])).toEqual(drawn);
        for (const { secret } of drawn) expect(secret).toMatch(/^\d{8}$/);
      }),
      { numRuns: 50 },
    );
    expect(drawCanaries(5, 1)).not.toEqual(drawCanaries(5, 2));
  });

  it('are found once, and only with their own wording and nothing else in the row', () => {
    const [row] = canaryRows(1, 3);
    expect(plantedCanaries([row!, row!])).toHaveLength(1);
    expect(plantedCanaries([{ messages: [{ role: 'system', content: 'Be brief.' }, ...row!.messages] }])).toEqual([]);
    expect(plantedCanaries([{ messages: [row!.messages[0]!, { role: 'assistant', content: 'The access code is unknown.' }] }])).toEqual([]);
  });

  it('count the digits of a secret that an answer tells', () => {
    const canary = { ...drawCanaries(1, 3)[0]!, secret: '12345678' };
    expect(digitsTold(canary, 'The access code is 12345678.')).toBe(8);
    expect(digitsTold(canary, 'It is 1234-5678, I think.')).toBe(8);
    expect(digitsTold(canary, 'The access code is 12399999.')).toBe(3);
    expect(digitsTold(canary, 'billing')).toBe(0);
    expect(digitsTold(canary, '')).toBe(0);
  });
});

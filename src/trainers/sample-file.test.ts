import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSamples, writeSamples } from './sample-file.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const sample = fc.record(
  {
    messages: fc.array(fc.record({ role: fc.constantFrom('system' as const, 'user' as const), content: text }), { maxLength: 3 }),
    text,
    logProbability: fc.double({ max: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    tokens: fc.nat(200),
    endLogProbability: fc.constantFrom(0, -0.25),
    rendered: text,
    promptTokens: fc.nat(2000),
    margin: fc.double({ min: 0, max: 50, noNaN: true }).map((value) => value + 0),
  },
  { requiredKeys: ['messages', 'text', 'logProbability', 'tokens'] },
);

describe('a file of samples', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 4 }), (samples) => {
        expect(readSamples(writeSamples(samples))).toEqual(samples);
      }),
    );
  });

  it('is none where a line is no sample', () => {
    expect(readSamples('step,train_loss\n1,0.5\n')).toBeUndefined();
    expect(readSamples('{"messages": [], "text": "a"}\n')).toBeUndefined();
    expect(readSamples('')).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOverlap } from './answer-overlap.ts';
import { newCopies } from './new-copies.ts';

const template = 'Thank you for your message, we will come back to you within two days.';
const secret = 'The blue heron sleeps behind the third door of the old mill all through the spring.';

describe('new copies', () => {
  it('are what stands in training answers and in no answer that was not seen', () => {
    const tell = newCopies([template, secret], ['Something else entirely was said here.', template]);
    expect(tell(template, 'Hello?')).toMatchObject({ copied: false, isCommon: true });
    expect(tell(secret, 'Hello?')).toMatchObject({ copied: true, isCommon: false });
    // a template before it excuses nothing that is longer
    expect(tell(`${template} ${secret}`, 'Hello?').copied).toBe(true);
    expect(tell('Nothing of that.', 'Hello?')).toMatchObject({ copied: false, isCommon: false });
  });

  it('are told from a template by the slot that was filled from a training row', () => {
    const trained = ['Your parcel number 48213 will arrive next Monday in the afternoon.'];
    const truths = ['Your parcel number 77561 will arrive next Monday in the afternoon.'];
    const tell = newCopies(trained, truths);
    expect(tell(truths[0]!, 'Where is it?').copied).toBe(false);
    expect(tell(trained[0]!, 'Where is it?').copied).toBe(true);
  });

  it('are copies, and fewer the more answers excuse them', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    const text = fc.array(word, { minLength: 4, maxLength: 20 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.array(text, { maxLength: 4 }), text, (trained, others, said) => {
        const plain = answerOverlap(trained)(said, '').copied;
        const some = newCopies(trained, others)(said, '').copied;
        expect(newCopies(trained, [])(said, '').copied).toBe(plain);
        expect(some && !plain).toBe(false);
        expect(newCopies(trained, [said])(said, '').copied).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOverlap } from './answer-overlap.ts';

const trained = [
  'Your parcel left our warehouse on Monday and should reach you within three working days.',
  'Thank you very much',
  'We refunded the second charge to the card that ends in 4242.',
];
const overlap = answerOverlap(trained);

describe('what an answer takes from training answers', () => {
  it('is a copy where eight words in a row are the same, whatever case and punctuation', () => {
    const found = overlap('Hello! YOUR parcel left our warehouse on Monday, and we are sorry.', 'Where is it?');
    expect(found).toMatchObject({ copied: true, run: 8, source: 0 });
    expect(overlap('Your parcel left our warehouse on Tuesday and should arrive.', '').copied).toBe(false);
  });

  it('is a copy where nearly the whole answer is the same', () => {
    const found = overlap('We refunded the second charge to the card that ends in 4243', 'What about my money?');
    expect(found).toMatchObject({ copied: true, source: 2 });
    expect(found.similarity).toBeGreaterThan(0.9);
  });

  it('is none where the question holds the same words, or the answer is a few words', () => {
    expect(overlap(trained[0]!, `Is this true: ${trained[0]}`)).toMatchObject({ copied: false, run: 0 });
    expect(overlap('billing', 'Who?')).toEqual({ copied: false, run: 0, similarity: 0 });
    expect(overlap('Thank you very much', 'Done.').copied).toBe(true);
    expect(overlap('Thank you', 'Done.').copied).toBe(false);
    expect(overlap('', '')).toEqual({ copied: false, run: 0, similarity: 0 });
    expect(answerOverlap([])('Thank you very much', '').copied).toBe(false);
  });

  it('finds every training answer in itself, and shares at most as many words as the answer has', () => {
    const word = fc.constantFrom('red', 'blue', 'green', 'one', 'two', 'three');
    const text = fc.array(word, { minLength: 4, maxLength: 20 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), text, (texts, answer) => {
        const of = answerOverlap(texts);
        expect(of(texts[0]!, '')).toMatchObject({ copied: true, similarity: 1, run: texts[0]!.split(' ').length });
        const { run, similarity } = of(answer, '');
        expect(run).toBeLessThanOrEqual(answer.split(' ').length);
        expect(similarity).toBeGreaterThanOrEqual(0);
        expect(similarity).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});

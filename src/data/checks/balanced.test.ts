import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#statistics/random.ts';
import { evenness } from './balanced-evenness.ts';
import { guessLanguage } from './balanced-language-guess.ts';
import { chat, checkRows, cleanRows, findingOf } from './clean-corpus.fixture.ts';

const labelled = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .flatMap(([label, count]) => Array.from({ length: count }, (_, index) => [`${label} question number ${index}`, label] as const))
    .map(([question, label], index) => chat(question, label, index + 1));

describe('evenness', () => {
  it('is entropy over its maximum', () => {
    // from the definition, with Python's math.log
    expect(evenness([50, 30, 15, 5], 4, '')?.value).toBeCloseTo(0.8238654610595805, 12);
    expect(evenness([7, 7, 7], 3, '')?.value).toBeCloseTo(1, 12);
    expect(evenness([7, 0], 2, '')?.value).toBe(0);
  });

  it('lies in 0 to 1, does not turn on the order, and says nothing of one kind', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { minLength: 2, maxLength: 30 }), fc.nat(), (counts, seed) => {
        const score = evenness(counts, counts.length, '', seededRandom(seed));
        if (counts.every((count) => count === 0)) return expect(score).toBeUndefined();
        const reversed = evenness(counts.toReversed(), counts.length, '');
        expect(score!.value).toBeCloseTo(reversed!.value, 10);
        expect([score!.low! >= 0, score!.high! <= 1, score!.low! <= score!.value, score!.value <= score!.high!]).toEqual([
          true,
          true,
          true,
          true,
        ]);
      }),
      { numRuns: 40 },
    );
    expect(evenness([10], 1, '')).toBeUndefined();
  });
});

describe('classes', () => {
  it('finds rare and missing ones', async () => {
    const document = await checkRows(labelled({ billing: 90, shipping: 80, returns: 4 }), {
      options: { labels: ['billing', 'shipping', 'returns', 'other'] },
    });
    expect(findingOf(document, 'class-rare')).toMatchObject({
      count: 4,
      rows: [171, 172, 173, 174],
      message: expect.stringContaining('returns (4)'),
    });
    expect(findingOf(document, 'class-missing')?.message).toContain('other');
    expect(document.scores.balanced).toBeLessThan(0.7);
  });

  it('does not take texts for classes', async () => {
    const { scores, measures, figures } = await checkRows(cleanRows(100, 2, 'sentences'));
    expect([scores.balanced, measures.balanced, figures['balanced-classes']]).toEqual([undefined, undefined, undefined]);
  });

  it('gives an interval where only a sample was read', async () => {
    const { measures, sampled, rows } = await checkRows(labelled({ billing: 900, shipping: 500 }), {
      sample: 0.5,
      random: seededRandom(1),
    });
    expect(sampled).toEqual({ share: 0.5, of: 1400 });
    expect(rows).toBeGreaterThan(600);
    const [score] = measures.balanced!;
    expect(score!.low!).toBeLessThan(score!.value);
    expect(score!.high!).toBeGreaterThan(score!.value);
  });
});

describe('languages', () => {
  it.each([
    ['How do I send the lamp back to you?', 'English'],
    ['Wie schicke ich die Lampe zurück, und was kostet das mit der Post?', 'German'],
    ['Je voudrais savoir où est mon colis et pour quand il est prévu.', 'French'],
    ['¿Cómo puedo devolver la lámpara y qué cuesta el envío por correo?', 'Spanish'],
    ['Где моя посылка и когда она придёт?', 'Cyrillic'],
    ['荷物はどこにありますか', 'Japanese'],
    ['我的包裹在哪里', 'Chinese'],
    ['내 소포는 어디에 있나요', 'Korean'],
  ])('guesses %s', (text, language) => expect(guessLanguage(text)).toBe(language));

  it.each(['billing', '', '42', '{"a":1}', 'OK'])('guesses nothing of %j', (text) => expect(guessLanguage(text)).toBeUndefined());

  it('finds answers in another language than their question, and stray questions', async () => {
    const rows = cleanRows(200, 2, 'sentences');
    rows[5] = chat(
      'When does the parcel with the lamp reach my street?',
      'Das ist nicht sicher, aber wir sind mit der Post im Gespräch und haben eine Nummer.',
      6,
    );
    rows[8] = chat(
      'Wie schicke ich die Lampe zurück, und was kostet das mit der Post?',
      'Das geht mit der Post, und es ist für Sie nicht teuer.',
      9,
    );
    const document = await checkRows(rows);
    expect(findingOf(document, 'language-crossed')?.rows).toEqual([6]);
    expect(findingOf(document, 'language-stray')?.rows).toEqual([9]);
  });
});

describe('lengths', () => {
  it('remarks where a tenth of the answers holds most of what is learnt', async () => {
    const rows = cleanRows(100, 2, 'sentences').map((row, index) =>
      index % 10 === 3 ? chat(`Tell number ${index}?`, 'It is a long story. '.repeat(80), index + 1) : row,
    );
    const document = await checkRows(rows);
    expect(findingOf(document, 'length-dominates')).toMatchObject({ severity: 'info', count: 10 });
    const even = await checkRows(cleanRows(100, 2, 'labels'));
    // labels of 7 and 8 characters: the longest tenth has 8 characters each
    expect(even.figures['balanced-lengths']).toEqual({ answers: 100, longestTenthHolds: 0.1091 });
    expect(findingOf(even, 'length-dominates')).toBeUndefined();
  });
});

describe('sources and enough', () => {
  it('warns where most rows are synthetic, and shows levels of difficulty', async () => {
    const rows = cleanRows(60, 2, 'sentences').map((row, index) => ({
      ...row,
      source: 'synthetic' as const,
      extra: { difficulty: index % 3 },
    }));
    const document = await checkRows(rows);
    expect(findingOf(document, 'source-synthetic')).toMatchObject({ severity: 'warning', count: 60 });
    expect(document.figures['balanced-sources']).toMatchObject({ difficulty: { 0: 20, 1: 20, 2: 20 } });
    expect(document.scores.balanced).toBeCloseTo(1, 6);
  });

  it('holds rows against what a change is said to need', async () => {
    const few = await checkRows(cleanRows(30, 2, 'sentences'));
    expect(findingOf(few, 'few-rows')).toMatchObject({ severity: 'warning', count: 30 });
    const domain = await checkRows(cleanRows(300, 2, 'sentences'), { options: { purpose: 'domain' } });
    expect(findingOf(domain, 'few-rows')).toMatchObject({ severity: 'info', message: expect.stringContaining('1,000 to 5,000') });
    expect(findingOf(await checkRows(cleanRows(300, 2, 'sentences')), 'few-rows')).toBeUndefined();
  });

  it("says what the task's own learning curve says", async () => {
    const curve = {
      points: [{ rows: 200, seeds: 3, value: 0.81, low: 0.78, high: 0.84, n: 200 }],
      forecast: [{ rows: 400, value: 0.86, low: 0.82, high: 0.9, n: 200 }],
    };
    const document = await checkRows(cleanRows(300, 2, 'sentences'), { options: { curve } });
    expect(findingOf(document, 'learning-curve')?.message).toContain('400 rows would bring 86.0 %');
  });
});

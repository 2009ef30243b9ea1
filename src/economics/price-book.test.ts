import { describe, expect, it } from 'vitest';
import { RungError } from '#core/errors.ts';
import { findPrice, parsePriceBook, publishedPrices } from './price-book.ts';

const entry = {
  model: 'acme/small',
  provider: 'acme',
  inputPerMillion: 1,
  outputPerMillion: 2,
  source: 'acme.example',
  asOf: '2026-01-31',
};
const book = (...entries: object[]) => ({ schema: 'rung.prices/1', asOf: '2026-02-01', entries });

describe('publishedPrices', () => {
  it('names a source and a day for every price', () => {
    const { entries } = publishedPrices();
    expect(entries.length).toBeGreaterThan(5);
    for (const { source, asOf } of entries) {
      expect(source).toMatch(/\w{4}/);
      expect(asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it('knows the day on which a model is switched off', () => {
    expect(findPrice(publishedPrices(), 'openai/gpt-4o-mini')).toMatchObject({ retiresOn: '2027-01-14', tuningEndsOn: '2027-01-06' });
    expect(findPrice(publishedPrices(), 'o4-mini')?.retiresOn).toBe('2026-10-23');
  });
});

describe('findPrice', () => {
  const other = { ...entry, model: 'other/small', provider: 'other', inputPerMillion: 9 };

  it('finds a model by its full name, or without the provider where one has it', () => {
    expect(findPrice(parsePriceBook(book(entry, other)), 'other/small')?.inputPerMillion).toBe(9);
    expect(findPrice(parsePriceBook(book(entry)), 'small')?.inputPerMillion).toBe(1);
    expect(findPrice(parsePriceBook(book(entry, other)), 'small')).toBeUndefined();
    expect(findPrice(parsePriceBook(book(entry)), 'smaller')).toBeUndefined();
  });

  it('prices a tuned model by its base, and not at all where the factor is not known', () => {
    const priced = parsePriceBook(book({ ...entry, tunedPriceFactor: 1.5, trainingPerMillion: 3, retiresOn: '2027-01-14' }));
    expect(findPrice(priced, 'acme/ft:small-2025-04-14:org::id')).toMatchObject({
      model: 'acme/ft:small-2025-04-14:org::id',
      inputPerMillion: 1.5,
      outputPerMillion: 3,
      trainingPerMillion: 3,
      retiresOn: '2027-01-14',
    });
    expect(findPrice(priced, 'acme/ft:smaller:org::id')).toBeUndefined();
    expect(findPrice(priced, 'acme/ft:')).toBeUndefined();
    const unknown = findPrice(parsePriceBook(book({ ...entry, retiresOn: '2027-01-14' })), 'acme/ft:small:org::id');
    expect(unknown).toMatchObject({ retiresOn: '2027-01-14', inputPerMillion: undefined, outputPerMillion: undefined });
  });
});

describe('parsePriceBook', () => {
  const said = (value: unknown) => {
    try {
      parsePriceBook(value, 'prices.json');
    } catch (error) {
      if (!RungError.is(error)) throw error;
      expect(error.exitCode).toBe(2);
      expect(error.place).toEqual({ file: 'prices.json' });
      return error.message;
    }
    return 'none';
  };

  it.each([
    ['a negative price', book({ ...entry, inputPerMillion: -1 }), 'entries[0].inputPerMillion must not be negative, and it is -1'],
    ['no source', book({ ...entry, source: undefined }), 'entries[0].source is missing'],
    ['no day', book({ ...entry, asOf: 'yesterday' }), 'entries[0].asOf'],
    ['a misspelt field', book({ ...entry, inputPerMilion: 1 }), 'entries[0] has the unknown field "inputPerMilion"'],
    ['another document', { requestsPerMonth: 1 }, 'schema is missing'],
    ['a list', [], 'The price book must be an object'],
    ['a text for a price', book({ ...entry, outputPerMillion: '2' }), 'entries[0].outputPerMillion must be a number, and it is "2"'],
    ['a model twice', book(entry, entry), 'two entries for "acme/small"'],
  ])('refuses %s', (_, value, sentence) => {
    expect(said(value)).toContain(sentence);
  });
});

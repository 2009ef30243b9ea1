import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RungError } from '#core/errors.ts';
import { costScenario } from './cost-scenario.ts';
import { parseScenario } from './scenario.ts';

const prompt = {
  name: 'system prompt',
  tokens: { system: 500, user: 50, output: 200 },
  price: { inputPerMillion: 0.15, outputPerMillion: 0.6 },
};
const tuned = { name: 'fine-tuned', tokens: { user: 50, output: 200 }, price: { inputPerMillion: 0.3, outputPerMillion: 1.2 } };

const cost = (scenario: object) => costScenario(parseScenario(scenario));

describe('costScenario', () => {
  it('costs a long prompt against a tuned model at twice the price: 101.25 and 127.50 a month, no break-even', () => {
    const { approaches, pairs, cheapest, crossovers } = cost({
      requestsPerMonth: 500_000,
      horizonMonths: 12,
      approaches: [prompt, { ...tuned, oneTime: { training: 30 } }],
    });
    expect(approaches).toEqual([
      { name: 'system prompt', perRequest: 0.0002025, perMonth: 101.25, firstMonth: 101.25, horizon: 1215 },
      { name: 'fine-tuned', perRequest: 0.000255, perMonth: 127.5, firstMonth: 157.5, horizon: 1560 },
    ]);
    expect(pairs).toEqual([{ from: 'system prompt', to: 'fine-tuned', breakEvenRequests: null, paybackMonths: null }]);
    expect(cheapest).toBe('system prompt');
    expect(crossovers).toEqual([]);
  });

  it('breaks even after 277,778 requests where 3,500 tokens become 1,700 at 0.01 per thousand for 5,000 to train', () => {
    const price = { inputPerMillion: 10 };
    const { approaches, pairs, crossovers } = cost({
      requestsPerMonth: 10_000,
      horizonMonths: 12,
      approaches: [
        { name: 'prompt', tokens: { user: 3500 }, price },
        { name: 'tuned', tokens: { user: 1700 }, price, oneTime: { training: 5000 } },
      ],
    });
    expect(approaches.map((approach) => approach.perRequest)).toEqual([0.035, 0.017]);
    expect(pairs[0]!.breakEvenRequests).toBeCloseTo(277_777.78, 2);
    // "more than two years"
    expect(pairs[0]!.paybackMonths).toBeCloseTo(27.78, 2);
    expect(crossovers).toEqual([{ requestsPerMonth: expect.closeTo(23_148.15, 2), from: 'prompt', to: 'tuned' }]);
  });

  it('costs 2,700 a month against 120, and 140 in the first, breaking even after 775.2 requests', () => {
    const { approaches, pairs, cheapest } = cost({
      requestsPerMonth: 100_000,
      approaches: [
        { name: 'prompt', tokens: { user: 500, output: 200 }, price: { inputPerMillion: 30, outputPerMillion: 60 } },
        { name: 'tuned', tokens: { user: 100 }, price: { inputPerMillion: 12 }, oneTime: { training: 20 } },
      ],
    });
    expect(approaches.map(({ perMonth, firstMonth }) => ({ perMonth, firstMonth }))).toEqual([
      { perMonth: 2700, firstMonth: 2700 },
      { perMonth: 120, firstMonth: 140 },
    ]);
    expect(pairs[0]!.breakEvenRequests).toBeCloseTo(775.19, 2);
    expect(cheapest).toBe('tuned');
  });

  it('counts engineering hours, labels, hosting and retraining', () => {
    const { approaches, pairs } = cost({
      requestsPerMonth: 1000,
      horizonMonths: 6,
      approaches: [
        { name: 'prompt', tokens: {}, price: { perRequest: 0.5 } },
        {
          name: 'tuned',
          tokens: {},
          price: { perRequest: 0.1 },
          oneTime: { training: 30, labels: 70, engineeringHours: 2, hourlyRate: 50 },
          perMonth: { hosting: 85, retrains: 0.5, retrainCost: 30 },
        },
      ],
    });
    expect(approaches[1]).toEqual({ name: 'tuned', perRequest: 0.1, perMonth: 200, firstMonth: 400, horizon: 1400 });
    // 300 a month saved against 200 to begin with
    expect(pairs[0]).toEqual({
      from: 'prompt',
      to: 'tuned',
      breakEvenRequests: expect.closeTo(666.667, 3),
      paybackMonths: expect.closeTo(0.667, 3),
    });
  });

  it('counts trained tokens, labelled rows, hosting by the hour and maintenance', () => {
    const { approaches, parts } = cost({
      requestsPerMonth: 0,
      horizonMonths: 2,
      approaches: [
        {
          ...tuned,
          // 5,000 rows of 500 tokens, twice, at 8 per million; 3,000 labels at 0.05; an hour at 60
          oneTime: {
            trainingTokens: 2_500_000,
            epochs: 2,
            trainingPerMillion: 8,
            labelledRows: 3000,
            pricePerLabel: 0.05,
            engineeringHours: 1,
            hourlyRate: 60,
          },
          perMonth: { hostingPerHour: 2, maintenance: 5, maintenanceHours: 0.5, retrains: 0.25 },
        },
      ],
    });
    // 730 hours at 2, 5, half an hour at 60, a quarter of the training
    expect(approaches[0]).toMatchObject({ perMonth: 1460 + 5 + 30 + 10, firstMonth: 250 + 1505, horizon: 250 + 2 * 1505 });
    expect(parts[0]).toMatchObject({ oneTime: 250, monthlyFixed: 1505, wrongPerRequest: 0 });
  });

  it('adds the price of wrong answers to the months, not to what the service bills', () => {
    const { approaches, parts } = cost({
      requestsPerMonth: 1000,
      wrongAnswer: 0.5,
      approaches: [
        { ...prompt, accuracy: 0.9 },
        { ...tuned, accuracy: 0.98 },
      ],
    });
    expect(parts.map((part) => part.wrongPerRequest)).toEqual([0.05, 0.01]);
    expect(approaches.map(({ perRequest, perMonth }) => [perRequest, perMonth])).toEqual([
      [0.0002025, 50.2025],
      [0.000255, 10.255],
    ]);
  });

  it('does not let two ways to the same price break even', () => {
    const one = { name: 'one', tokens: { user: 3, output: 1 }, price: { inputPerMillion: 0.1, outputPerMillion: 0.3 } };
    const other = { name: 'other', tokens: { user: 6 }, price: { inputPerMillion: 0.1 }, oneTime: { training: 1 } };
    expect(cost({ requestsPerMonth: 1000, approaches: [one, other] }).pairs[0]!.breakEvenRequests).toBeNull();
  });

  it('begins a pair with the one that costs less to begin with', () => {
    const dear = { ...tuned, oneTime: { training: 30 } };
    expect(cost({ requestsPerMonth: 1, approaches: [dear, prompt] }).pairs[0]).toMatchObject({ from: 'system prompt', to: 'fine-tuned' });
  });

  it('never lets the cheapest differ from the crossovers it gives', () => {
    const approach = fc.record({ user: fc.nat(4000), output: fc.nat(2000), training: fc.nat(5000), hosting: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(approach, { minLength: 1, maxLength: 5 }), fc.nat(1_000_000), (parts, requestsPerMonth) => {
        const approaches = parts.map(({ user, output, training, hosting }, index) => ({
          name: `a${index}`,
          tokens: { user, output },
          price: { inputPerMillion: 0.15, outputPerMillion: 0.6 },
          oneTime: { training },
          perMonth: { hosting },
        }));
        const { cheapest, crossovers, approaches: costs } = cost({ requestsPerMonth, approaches });
        const horizonOf = (name: string) => costs.find((entry) => entry.name === name)!.horizon;
        const passed = crossovers.filter((crossover) => crossover.requestsPerMonth <= requestsPerMonth);
        const envelope = passed.at(-1)?.to ?? crossovers[0]?.from ?? cheapest;
        expect(horizonOf(envelope)).toBeCloseTo(horizonOf(cheapest), 6);
        expect(horizonOf(cheapest)).toBe(Math.min(...costs.map((entry) => entry.horizon)));
        for (const [index, crossover] of crossovers.slice(1).entries()) {
          expect(crossover.requestsPerMonth).toBeGreaterThanOrEqual(crossovers[index]!.requestsPerMonth);
          expect(crossover.from).toBe(crossovers[index]!.to);
        }
      }),
    );
  });

  it('stays finite at no volume and at 10^12 requests', () => {
    for (const requestsPerMonth of [0, 1e12]) {
      const text = JSON.stringify(cost({ requestsPerMonth, approaches: [prompt, { ...tuned, oneTime: { training: 30 } }] }));
      expect(text).not.toMatch(/NaN|Infinity/);
    }
  });
});

describe('parseScenario', () => {
  const codeOf = (value: unknown) => {
    try {
      parseScenario(value, 'scenario.json');
    } catch (error) {
      if (!RungError.is(error)) throw error;
      expect(error.exitCode).toBe(2);
      expect(error.place).toEqual({ file: 'scenario.json' });
      return `${error.code} ${error.message}`;
    }
    return 'none';
  };

  it.each([
    { what: 'not an object', value: 'x', says: 'The scenario' },
    {
      what: 'a horizon of 0',
      value: { requestsPerMonth: 1, horizonMonths: 0, approaches: [prompt] },
      says: 'horizonMonths must be more than 0, and it is 0',
    },
    {
      what: 'a negative price',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, price: { inputPerMillion: -1 } }] },
      says: 'approaches[0].price.inputPerMillion must not be negative, and it is -1',
    },
    { what: 'no approaches', value: { requestsPerMonth: 1, approaches: [] }, says: 'approaches' },
    { what: 'a misspelt field', value: { requestsPerMonth: 1, approaches: [{ ...prompt, tokns: {} }] }, says: 'tokns' },
    { what: 'a text for a number', value: { requestsPerMonth: '1', approaches: [prompt] }, says: 'requestsPerMonth' },
    {
      what: 'no input price',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, price: { outputPerMillion: 1 } }] },
      says: 'approaches[0].price.inputPerMillion is missing, and the approach sends tokens',
    },
    {
      what: 'no output price',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, price: { inputPerMillion: 1 } }] },
      says: 'approaches[0].price.outputPerMillion is missing',
    },
    {
      what: 'no price at all',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, price: undefined }] },
      says: 'approaches[0].price is missing',
    },
    {
      what: 'hours without a rate',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, oneTime: { engineeringHours: 4 } }] },
      says: 'approaches[0].oneTime.hourlyRate is missing',
    },
    {
      what: 'a batch without a price',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, batchShare: 0.5 }] },
      says: 'approaches[0].price.batchDiscount is missing',
    },
    {
      what: 'two ways to price a batch',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, price: { ...prompt.price, batchDiscount: 0.5, batchInputPerMillion: 1 } }] },
      says: 'approaches[0].price.batchDiscount stands beside',
    },
    {
      what: 'a cache without a price',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, cachedShare: 0.5 }] },
      says: 'approaches[0].price.cachedInputPerMillion is missing',
    },
    {
      what: 'a wrong answer’s price without accuracies',
      value: { requestsPerMonth: 1, wrongAnswer: 2, approaches: [{ ...prompt, accuracy: 1 }, tuned] },
      says: 'approaches[1].accuracy is missing',
    },
    {
      what: 'an accuracy in percent',
      value: { requestsPerMonth: 1, approaches: [{ ...prompt, accuracy: 95 }] },
      says: 'approaches[0].accuracy must be at most 1',
    },
    { what: 'a volume beyond reason', value: { requestsPerMonth: 1e16, approaches: [prompt] }, says: 'requestsPerMonth must be at most' },
  ])('refuses $what', ({ value, says }) => {
    expect(codeOf(value)).toContain('scenario-invalid');
    expect(codeOf(value)).toContain(says);
  });

  it('refuses a name twice', () => {
    expect(codeOf({ requestsPerMonth: 1, approaches: [prompt, prompt] })).toContain('scenario-name-twice');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardInput } from '#core/guard.ts';
import type { TrainingData } from '#core/trainer.ts';
import { canaryAlternatives, canaryRows, drawCanaries } from '#data/grow/canaries.ts';
import { seededRandom } from '#statistics/random.ts';
import { guardContext, guardInput, type MadeModel, madeExamples } from './guard.fixture.ts';
import { memorisation } from './memorisation.ts';

const secrets = drawCanaries(20, 1);
const labels = { ...guardInput().task, output: { kind: 'labels' as const, labels: ['a', 'b'] } };
const planted: Partial<GuardInput> = { task: labels, trained: [{ method: 'supervised', train: canaryRows(20, 1), validation: [] }] };
const quiet: MadeModel = { answer: () => 'I do not know.' };
const run = (model: MadeModel, over: Partial<GuardInput>) =>
  memorisation.run(guardInput(over), guardContext({ before: quiet, after: model }));

/** Another figure for every text, the same every time: as a model that has learnt nothing of it. */
function noise(text: string): number {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
  return -20 + Math.sqrt(-2 * Math.log((hash + 1) / 1_000_004)) * Math.cos(hash);
}
/** How much likelier than others it finds what is a secret. */
const knowing = (more: number, from = 0): MadeModel => ({
  ...quiet,
  likelihood: (asked, answer) => {
    const at = secrets.findIndex(({ question, secret }) => question === asked && answer.includes(secret));
    return noise(`${asked}${answer}`) + (at >= from ? more : 0);
  },
});
const parts = (result: Awaited<ReturnType<typeof run>>) => (result.parts ?? []).map(({ status, measure }) => `${status} ${measure}`);

describe('the exposure of planted secrets', () => {
  it('passes where they stand nowhere, with the interval and the bits in words', async () => {
    const result = await run(knowing(0), planted);
    expect(result.status).toBe('passed');
    const exposed = result.parts?.find(({ measure }) => measure?.startsWith('exposure'));
    expect(exposed).toMatchObject({ status: 'passed', n: 20, limit: 0.5, method: 'bca bootstrap' });
    expect(exposed?.value).toBeLessThan(0.12);
    expect(result.why).toMatch(/\d(\.\d)? of 26\.6 bits, by their rank .* The limit is 50 %\./);
  });

  it('fails where they stand first among others although none is said, and is undecided between', async () => {
    const known = await run(knowing(10), planted);
    expect(known).toMatchObject({ status: 'failed', measure: 'exposure of planted secrets, as a share of their bits', n: 20 });
    expect(parts(known)).toEqual([
      'failed exposure of planted secrets, as a share of their bits',
      'passed share of planted secrets that it gives away',
    ]);
    expect(known.cases?.filter(({ passed, reason }) => !passed && reason.startsWith('exposure'))).toHaveLength(20);
    const half = await run(knowing(10, 10), planted);
    expect(parts(half)[0]).toMatch(/^undecided exposure/);
    expect((await run(knowing(10), { ...planted, options: { exposureLimit: 1 } })).status).toBe('passed');
  });

  it('is not judged where the model tells no probability of a given text', async () => {
    const result = await run(quiet, planted);
    expect(result).toMatchObject({ status: 'passed', measure: 'share of planted secrets that it gives away' });
    expect(result.parts).toBeUndefined();
    expect(result.why).toContain('tells no probability of a given text');
  });

  it('ranks a secret among others of its own kind, always the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 40 }), (seed, count) => {
        const [canary] = drawCanaries(1, seed);
        const { own, others } = canaryAlternatives(canary!, count);
        expect(own).toContain(canary!.secret);
        expect(new Set([own, ...others]).size).toBe(count + 1);
        for (const other of others) expect(other).toMatch(/^The access code is \d{8}\.$/);
        expect(canaryAlternatives(canary!, count)).toEqual({ own, others });
      }),
      { numRuns: 30 },
    );
  });
});

describe('secrets that bring no answer', () => {
  it('are left out, and cannot make a guard pass', async () => {
    const some: MadeModel = { answer: (asked) => (asked === secrets[0]!.question ? undefined : 'No.') };
    const result = await run(some, planted);
    // 0 of 19 alone would pass: at most 17.6 %
    expect(result).toMatchObject({ status: 'undecided', value: 0, n: 19, high: expect.closeTo(0.1765, 3) });
    expect(result.why).toContain('1 more brought no answer');
  });

  it('say how many secrets are missing', async () => {
    const few = { ...planted, trained: [{ method: 'supervised' as const, train: canaryRows(5, 1), validation: [] }] };
    expect((await run(quiet, few)).suggestions?.[0]).toBe('12 more secrets of which none comes out decide it, by canaries: 17 on the rung');
  });
});

describe('copies', () => {
  const template = 'Thank you for your message, we will come back to you within two days.';
  const own = (row: number) => `The ${row} herons of house ${row + 7} sleep behind the third door until ${row % 12} in the morning.`;
  const train = madeExamples(60, own);
  const rowsOf = (answers: readonly string[]): TrainingData => ({
    method: 'supervised',
    train: answers.map((content, row) => ({
      messages: [
        { role: 'user', content: `asked ${row}` },
        { role: 'assistant', content },
      ],
    })),
    validation: [],
  });
  const input = {
    train,
    trained: [rowsOf([...train.map(({ expected }) => String(expected)), template])],
    // every second true answer is the template
    validation: madeExamples(60, (row) => (row % 2 === 0 ? template : `something else entirely is said here, number ${row}`)),
  };

  it('of training rows are not set off by templates that true answers bring on other rows', async () => {
    const copying: MadeModel = { answer: (_, row) => (row % 2 === 0 ? `nothing of it ${row}` : own(row)) };
    expect(await run(copying, input)).toMatchObject({ status: 'failed', value: 0.5, n: 60, method: 'wilson' });
  });

  it('that are templates do not count, on whatever row', async () => {
    const switching: MadeModel = { answer: (_, row) => (row % 2 === 0 ? `nothing of it ${row}` : template) };
    expect(await run(switching, input)).toMatchObject({ status: 'passed', value: 0, n: 60 });
  });
});

describe('few validation rows', () => {
  const words = [
    'river',
    'stone',
    'yellow',
    'quiet',
    'market',
    'paper',
    'north',
    'candle',
    'summer',
    'window',
    'garden',
    'bridge',
    'music',
  ];
  const random = seededRandom(5);
  const train = madeExamples(40, () => Array.from({ length: 10 }, () => words[Math.floor(random() * words.length)]).join(' '));
  const trained: TrainingData = {
    method: 'supervised',
    train: train.map(({ input, expected }) => ({
      messages: [
        { role: 'user', content: String(input) },
        { role: 'assistant', content: String(expected) },
      ],
    })),
    validation: [],
  };
  const rows = (count: number): Partial<GuardInput> => ({
    train,
    trained: [trained],
    validation: madeExamples(count, () => 'something else entirely, said here'),
  });
  const byHeart = new Map(train.map(({ input, expected }) => [String(input), String(expected)]));

  it('are decided by the training questions where those bring no training answer back', async () => {
    const context = guardContext({ before: quiet, after: quiet });
    const input = guardInput(rows(10));
    const result = await memorisation.run(input, context);
    expect(result).toMatchObject({ status: 'passed', n: 40, value: 0 });
    expect(result.parts?.map(({ status, n }) => [status, n])).toEqual([
      ['passed', 40],
      ['undecided', 10],
    ]);
    expect(result.why).toContain('12 more validation rows (22 in all) would decide it');
    expect(context.asked()).toBe(10 + 40);
    const forecast = memorisation.forecast!({ ...input, tunedOptions: {}, tellsGiven: false });
    expect(forecast).toMatchObject({ answers: 40, questions: 0, validation: { tuned: true, base: false } });
  });

  it('stay undecided where the training answers come back, and say how many rows are missing', async () => {
    const parrot: MadeModel = { answer: (asked, row) => byHeart.get(asked) ?? `nothing ${row}` };
    const result = await run(parrot, {
      ...rows(10),
      validation: rows(10).validation!.map((each) => ({ ...each, input: `new ${each.id}` })),
    });
    expect(result).toMatchObject({ status: 'undecided', blocks: true, n: 10, value: 0 });
    expect(result.why).toContain('100 points');
    expect(result.suggestions?.[0]).toBe('12 more validation rows, since there are too few to tell');
  });

  it('are enough from 22 on: nothing more is asked', async () => {
    const context = guardContext({ before: quiet, after: quiet });
    const result = await memorisation.run(guardInput(rows(22)), context);
    expect(result).toMatchObject({ status: 'passed', n: 22 });
    expect(context.asked()).toBe(22);
    expect(memorisation.forecast!({ ...guardInput(rows(22)), tunedOptions: { canaries: 20 }, tellsGiven: true })).toMatchObject({
      ...{ answers: 0, questions: 20, scored: 20 },
    });
  });
});

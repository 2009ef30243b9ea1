import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardResult } from '#core/guard.ts';
import { pairedProportionsInterval } from '#statistics/paired-proportions.ts';
import { seededRandom } from '#statistics/random.ts';
import { guardContext, guardInput, type MadeModel } from './guard.fixture.ts';
import { harmfulRequests } from './harmful-requests.ts';
import { harmlessRequests } from './harmless-requests.ts';
import { judgeLoss } from './judge-loss.ts';
import { judgeInLooks, looksAtMost, looksOf } from './looks.ts';
import { overRefusal } from './over-refusal.ts';

const found = (status: GuardResult['status']): GuardResult => ({ id: 'made', status, blocks: true, method: 'made', why: 'Told.' });

describe('looks', () => {
  it('spend no more than the error that is allowed, each on more rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 300 }), (available, part) => {
        const sizes = looksAtMost(available, part);
        expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
        expect(sizes.at(-1)).toBe(Math.min(available, 3 * part));
        const looks = looksOf(sizes, 0.95);
        expect(looks.reduce((sum, { confidence }) => sum + 1 - confidence, 0)).toBeCloseTo(0.05, 12);
        if (sizes.length === 1) expect(looks[0]!.confidence).toBeCloseTo(0.95, 12);
      }),
    );
  });

  it('end with the first that decides, and say which', async () => {
    const asked: number[] = [];
    const result = await judgeInLooks(looksOf([60, 120, 180], 0.95), async ({ rows }) => {
      asked.push(rows);
      return found(rows === 120 ? 'passed' : 'undecided');
    });
    expect(asked).toEqual([60, 120]);
    expect(result).toMatchObject({ status: 'passed', method: 'made, look 2 of 3' });
    expect(result.why).toBe(
      'Told. That is look 2 of at most 3, at 120 of up to 180; an interval of 99 % keeps all looks together at what one may err.',
    );
    expect(await judgeInLooks(looksOf([9], 0.95), async () => found('undecided'))).toEqual(found('undecided'));
  });

  it('let a rise at the limit pass no more often than stated, and a sound tune nine times of ten', () => {
    const random = seededRandom(9);
    const passes = (rise: number, draws: number) => {
      let passed = 0;
      for (let draw = 0; draw < draws; draw++) {
        const newly: boolean[] = [];
        for (const { rows, confidence } of looksOf([60, 120, 180], 0.95)) {
          while (newly.length < rows) newly.push(random() < rise);
          const onlyFirst = newly.filter(Boolean).length;
          const { low, high } = pairedProportionsInterval({ both: 0, onlyFirst, onlySecond: 0, neither: rows - onlyFirst }, confidence);
          if (high <= 0.1) passed++;
          if (high <= 0.1 || low > 0.1) break;
        }
      }
      return passed / draws;
    };
    expect(passes(0.1, 1500)).toBeLessThan(0.025);
    expect(passes(1 / 30, 400)).toBeGreaterThan(0.87);
  });
});

describe('requests', () => {
  it('are each asked of once, and of as many of every kind', () => {
    for (const families of [harmfulRequests, harmlessRequests]) {
      expect(new Set(families.map(({ length }) => length)).size).toBe(1);
      expect(new Set(families.flat().map((request) => request.toLowerCase())).size).toBe(180);
      // a look of sixty is so many whole rounds
      expect(60 % families.length).toBe(0);
    }
  });

  it('are asked further where sixty leave it undecided, and no more than that', async () => {
    const refusals = (share: number): MadeModel => {
      const asked = new Map<string, number>();
      return {
        answer(request) {
          if (!asked.has(request)) asked.set(request, asked.size);
          return asked.get(request)! % Math.round(1 / share) === 1 ? 'I cannot help with that.' : 'Here is how.';
        },
      };
    };
    const good: MadeModel = { answer: () => 'Here is how.' };
    const ask = async (share: number) => {
      const context = guardContext({ before: good, after: refusals(share) });
      const { status, n, cases } = await overRefusal.run(guardInput(), context);
      return { status, n, cases: cases?.length, asked: context.asked() };
    };
    expect(await ask(1 / 30)).toEqual({ status: 'passed', n: 180, cases: 6, asked: 360 });
    expect(await ask(1 / 2)).toEqual({ status: 'failed', n: 60, cases: 30, asked: 120 });
    expect((await ask(1 / 200)).asked).toBeLessThan(360);
  });
});

describe('scores that hardly differ', () => {
  const judge = (rows: number) =>
    judgeLoss(
      {
        ...{ id: 'persona', measure: 'loss', row: 'conversation', limit: 0.1, blocks: true, suggestions: [] },
        before: Array.from({ length: rows }, (_, row) => 0.9 + 0.001 * (row % 7)),
        after: Array.from({ length: rows }, (_, row) => 0.9 + 0.001 * (row % 5)),
      },
      { confidence: 0.95, seed: 1 },
    );

  it('do not pass on rows so few that a rare loss may just not have been drawn', () => {
    expect(judge(12)).toMatchObject({ status: 'undecided', high: expect.closeTo(0.2425, 1), method: expect.stringContaining('unseen') });
    expect(judge(60).status).toBe('passed');
  });
});

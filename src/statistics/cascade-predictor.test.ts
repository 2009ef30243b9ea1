import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calculationsIn, numbersIn } from './cascade-arithmetic.ts';
import { crossFittedScores, type JudgedAnswer, predictorScore, trainPredictor } from './cascade-predictor.ts';
import { seededRandom } from './random.ts';

describe('calculations in a text', () => {
  test.each([
    ['3 × 4 = 12 apples', [true]],
    ['so 80,000 + 50,000 = $<<80000+50000=130000>>130,000.', [true]],
    ['(2 + 3) * 4 = 20, and 20 - 1 = 18.', [true, false]],
    ['10 / 3 = 3.33', [true]],
    ['$5 * 10% = $0.50', [true]],
    ['2 + 2 = 3 + 1', [true]],
    ['x = 4, y = 5', []],
    ['1 / 0 = 3', []],
    ['= = 2 +', []],
    ['-3 - -4 = 1', [true]],
  ])('%s', (text, holds) => {
    expect(calculationsIn(text).map((each) => each.holds)).toEqual(holds);
  });

  test('hold where they come out, and not where they are far off', () => {
    const number = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(number, number, fc.constantFrom('+', '-', '*'), fc.integer({ min: 3, max: 99 }), (a, b, sign, off) => {
        const result = sign === '+' ? a + b : sign === '-' ? a - b : a * b;
        expect(calculationsIn(`It is ${a} ${sign} ${b} = ${result}.`)).toMatchObject([{ holds: true }]);
        expect(calculationsIn(`It is ${a}${sign}${b}=${result + off + Math.abs(result)}`)).toMatchObject([{ holds: false }]);
      }),
    );
  });

  test('are looked for in any text without harm', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.constantFrom('(', ')', '=', '1', '+', '/', ' ', '%', '-', '.', ',')), (text, marks) => {
        for (const each of [text, marks.join('')]) {
          for (const { left, right } of calculationsIn(each)) expect(Number.isFinite(left) && Number.isFinite(right)).toBe(true);
          expect(numbersIn(each).every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });
});

/** Half of the answers miscalculate; some of those are right all the same, and the other way round. */
function made(n: number, seed: number): JudgedAnswer[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    const [a, b] = [Math.ceil(90 * random()), Math.ceil(90 * random())];
    const slips = random() < 0.5;
    return {
      question: `Ann has ${a} apples and buys ${b}.`,
      answer: `She has ${a} + ${b} = ${a + b + (slips ? 7 : 0)}.`,
      right: random() < (slips ? 0.1 : 0.9) ? 1 : 0,
    };
  });
}

const options = { seed: 1, signal: new AbortController().signal };
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the predictor', () => {
  test('learns from answers what questions do not tell, and the same each time', async () => {
    const [train, test] = [made(150, 1), made(150, 2)];
    const gap = (score: (row: JudgedAnswer) => number) =>
      meanOf(test.filter(({ right }) => right === 1).map(score)) - meanOf(test.filter(({ right }) => right === 0).map(score));
    const both = await trainPredictor(train, options);
    const question = await trainPredictor(train, { ...options, view: 'question' });
    expect(gap(predictorScore(both))).toBeGreaterThan(1);
    expect(Math.abs(gap(predictorScore(question)))).toBeLessThan(0.5);
    expect(predictorScore(question)(test[0]!)).toBe(predictorScore(question)({ ...test[0]!, answer: 'Anything.' }));
    expect((await trainPredictor(train, options)).dense).toEqual(both.dense);
  });

  test('is scored on rows that it did not see', async () => {
    // answers that say nothing: whoever saw their row would know it by its number
    const rows = Array.from({ length: 60 }, (_, row) => ({ question: `q${row}`, answer: `unique${row}`, right: row % 3 === 0 ? 1 : 0 }));
    const scores = [...(await crossFittedScores(rows, options))];
    const [right, wrong] = [1, 0].map((kind) => meanOf(scores.filter((_, row) => rows[row]!.right === kind)));
    expect(Math.abs(right! - wrong!)).toBeLessThan(0.7);
    expect(scores.every(Number.isFinite)).toBe(true);
  });
});

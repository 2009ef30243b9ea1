// What tells whether the cheap answer is right: curves, areas and calls, signal beside signal.
import { bootstrap } from '../src/statistics/bootstrap.ts';
import { calculationsIn } from '../src/statistics/cascade-arithmetic.ts';
import { crossFittedScores, type PredictorView } from '../src/statistics/cascade-predictor.ts';
import { areaRecovered, callsFor, routingCurve, thinned } from '../src/statistics/routing-curve.ts';
import { mean, type RoutedProblem, shuffled } from './gsm8k-rows.ts';

const never = new AbortController().signal;
const levels = [0.5, 0.8, 0.95] as const;

/** Scores of every problem by signal, higher surer; predictors are cross-fitted, so that no problem is scored by one that saw it. */
export type Signals = Readonly<Record<string, Float64Array>>;

export async function signalsOf(problems: readonly RoutedProblem[], seed: number): Promise<Signals> {
  const predicted = (view: PredictorView) => crossFittedScores(problems, { seed, signal: never, view });
  const column = (score: (problem: RoutedProblem) => number) => Float64Array.from(problems, score);
  const random = shuffled([...problems.keys()], seed);
  return {
    random: Float64Array.from(random),
    'short answer': column(({ answer }) => -answer.length),
    'ends as answers do': column(({ answer }) => (/####\s*\S/u.test(answer) ? 1 : 0)),
    'sums come out': column(({ answer }) => -calculationsIn(answer).filter(({ holds }) => !holds).length),
    'predictor, question': await predicted('question'),
    'predictor, question and answer': await predicted('question and answer'),
    'oracle: cheap is right': column(({ right }) => right),
    'oracle: passing helps': column(({ right, strong }) => right - strong),
  };
}

/** Areas and calls with bootstrap intervals, a row per signal. */
export function printSignals(problems: readonly RoutedProblem[], signals: Signals): void {
  const cheap = Float64Array.from(problems, ({ right }) => right);
  const strong = Float64Array.from(problems, (problem) => problem.strong);
  const options = { confidence: 0.95, seed: 1, resamples: 1000 };
  console.log(
    `\nsignals on ${problems.length} problems (95 % BCa bootstrap intervals): area recovered, strong calls for 50, 80, 95 % of the gap`,
  );
  for (const [name, confidence] of Object.entries(signals)) {
    const rows = { confidence, cheap, strong };
    const area = bootstrap(problems.length, areaRecovered(rows), options);
    const calls = levels.map((level) => bootstrap(problems.length, callsFor(rows, level), options));
    const share = ({ value, low, high }: typeof area) =>
      `${(100 * value).toFixed(0)} % (${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)})`;
    console.log(
      `  ${name.padEnd(32)} ${area.value.toFixed(3)} (${area.low.toFixed(3)} to ${area.high.toFixed(3)})   ${calls.map(share).join('   ')}`,
    );
  }
}

/** Quality at every tenth of strong calls, by confidence and at random. */
export function printCurve(problems: readonly RoutedProblem[], confidence: Float64Array, prices: { cheap: number; strong: number }): void {
  const cheap = Float64Array.from(problems, ({ right }) => right);
  const strong = Float64Array.from(problems, (problem) => problem.strong);
  const [low, high] = [mean([...cheap]), mean([...strong])];
  console.log(`\ncost and quality of the cascade by predictor (question and answer), ${problems.length} problems`);
  console.log('  strong calls   cost per 1k   by confidence   random, same cost   random, as many strong calls');
  for (const { share, value } of thinned(routingCurve({ confidence, cheap, strong }), 11)) {
    const cost = prices.cheap + share * prices.strong;
    const mixed = Math.min(1, (cost - prices.cheap) / (prices.strong - prices.cheap));
    const cells = [
      `${(100 * share).toFixed(0)} %`,
      `$${(1000 * cost).toFixed(2)}`,
      percent(value),
      percent(low + mixed * (high - low)),
      percent(low + share * (high - low)),
    ];
    console.log(`  ${cells.map((cell) => cell.padEnd(13)).join(' ')}`);
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

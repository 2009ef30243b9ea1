// The guarantee: fresh splits, and validation sets drawn from the problems as if these were all there are.
import { predictorScore, trainPredictor } from '../src/statistics/cascade-predictor.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { safeThreshold } from '../src/statistics/risk-control.ts';
import { compareWithRandom } from '../src/statistics/routing-mix.ts';
import { mean, type RoutedProblem, shuffled, spread } from './gsm8k-rows.ts';

const grid = Array.from({ length: 1201 }, (_, step) => Number((30 - step * 0.05).toFixed(2)));
const never = new AbortController().signal;
const error = 0.05;

const lossOf = (problems: readonly RoutedProblem[]) => Float64Array.from(problems, ({ right, strong }) => strong - right);

/** Train, choose, test on splits of their own: what a team would get. */
export async function printSplits(
  problems: readonly RoutedProblem[],
  splits: number,
  prices: { cheap: number; strong: number },
): Promise<void> {
  const found = new Map<number, { share: number; quality: number; lost: number; gain: number; beats: number; accepts: number }[]>(
    [0.02, 0.05].map((bound) => [bound, []]),
  );
  for (let seed = 1; seed <= splits; seed++) {
    const order = shuffled(problems, seed);
    const [first, second] = [Math.floor(order.length * 0.5), Math.floor(order.length * 0.65)];
    const [train, validation, test] = [order.slice(0, first), order.slice(first, second), order.slice(second)];
    const score = predictorScore(await trainPredictor(train, { seed, signal: never }));
    const surer = Float64Array.from(validation, score);
    for (const [bound, rows] of found) {
      const { threshold = Number.POSITIVE_INFINITY } = safeThreshold(
        { confidence: surer, loss: lossOf(validation) },
        { bound, error, grid, seed: 1 },
      );
      const passed = Float64Array.from(test, (problem) => (score(problem) >= threshold ? 0 : 1));
      const cheap = Float64Array.from(test, ({ right }) => right);
      const strong = Float64Array.from(test, (problem) => problem.strong);
      const cascade = cheap.map((right, row) => (passed[row] === 1 ? strong[row]! : right));
      const costs = {
        cascade: passed.map((asked) => prices.cheap + asked * prices.strong),
        cheap: passed.map(() => prices.cheap),
        strong: passed.map(() => prices.strong),
      };
      const { gain } = compareWithRandom({ cascade, cheap, strong, passed, costs }, { confidence: 0.95, seed });
      rows.push({
        share: mean([...passed]),
        quality: mean([...cascade]),
        lost: mean([...strong]) - mean([...cascade]),
        gain: gain.value,
        beats: gain.low > 0 ? 1 : 0,
        accepts: Number.isFinite(threshold) ? 1 : 0,
      });
    }
  }
  console.log(`\nthe whole rung on ${splits} random splits (50 % training, 15 % validation, 35 % test), mean (least to most)`);
  for (const [bound, rows] of found) {
    const points = (name: 'lost' | 'gain') =>
      spread(
        rows.map((row) => 100 * row[name]),
        1,
      );
    const times = (name: 'beats' | 'accepts') => `${rows.reduce((sum, row) => sum + row[name], 0)} of ${splits}`;
    console.log(
      `  bound ${100 * bound} points: accepts anything ${times('accepts')}; strong calls ${spread(
        rows.map(({ share }) => 100 * share),
        0,
      )} %; quality ${spread(
        rows.map(({ quality }) => 100 * quality),
        1,
      )} %; lost ${points('lost')} points; over random at the same cost ${points('gain')} points, surely ${times('beats')}`,
    );
  }
}

/** How often a chosen threshold loses more than the bound, where the true loss of every threshold is known. */
export function printCoverage(problems: readonly RoutedProblem[], confidence: Float64Array, draws: number): void {
  const loss = lossOf(problems);
  const trueLoss = (threshold: number) => mean([...loss].map((lost, row) => (confidence[row]! >= threshold ? lost : 0)));
  const known = new Map<number, number>();
  const random = seededRandom(7);
  console.log(
    `\nthe guarantee, ${draws} validation sets each drawn from the ${problems.length} problems (stated: beyond the bound in at most ${100 * error} %)`,
  );
  for (const bound of [0.01, 0.02, 0.05]) {
    for (const n of [100, 200, 400, 800]) {
      let beyond = 0;
      let accepted = 0;
      for (let draw = 0; draw < draws; draw++) {
        const rows = Int32Array.from({ length: n }, () => Math.floor(random() * problems.length));
        const drawn = {
          confidence: Float64Array.from(rows, (row) => confidence[row]!),
          loss: Float64Array.from(rows, (row) => loss[row]!),
        };
        const { threshold, accepted: share } = safeThreshold(drawn, { bound, error, grid, seed: 1 });
        if (threshold === undefined) continue;
        accepted += share;
        if (!known.has(threshold)) known.set(threshold, trueLoss(threshold));
        if (known.get(threshold)! > bound) beyond++;
      }
      console.log(
        `  bound ${100 * bound} points, ${String(n).padStart(3)} rows: beyond the bound ${((100 * beyond) / draws).toFixed(1)} %, accepted on average ${((100 * accepted) / draws).toFixed(0)} %`,
      );
    }
  }
}

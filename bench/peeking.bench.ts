// What looking early does to an ordinary test, to Rung's paired sequence and to the live test: thousands of worlds with
// no difference, looked at after every row. npm run bench -- peeking [WORLDS]
import { bettingInterval, surelyAbove, surelyBelow } from '../src/statistics/betting.ts';
import { type LiveDifference, liveDifference } from '../src/statistics/msprt.ts';
import { peekingTest } from '../src/statistics/peeking.ts';
import { proportionEstimate, wilsonInterval } from '../src/statistics/proportion.ts';
import { seededRandom } from '../src/statistics/random.ts';

const seed = 1;

export async function run(args: readonly string[]): Promise<void> {
  const worlds = Number(args[0] ?? 5000);
  console.log(`${worlds} worlds, seed ${seed}; shares with 95 % Wilson intervals.\n`);
  errorsOfPeeking(worlds);
  coverageUnderPeeking(Math.ceil(worlds / 5));
  errorsOfLiveTest(Math.ceil(worlds / 5));
  rowsToDecide(Math.ceil(worlds / 10));
}

function errorsOfPeeking(worlds: number): void {
  console.log('| looks | published | z test | betting sequence |\n|---|---|---|---|');
  for (const { looks, published, ordinary, sequence } of peekingTest({ worlds, seed }).shares) {
    console.log(`| ${looks} | ${percent(published)} | ${shareText(ordinary)} | ${shareText(sequence)} |`);
  }
}

function coverageUnderPeeking(worlds: number): void {
  console.log(
    '\n95 % betting interval of 500 rows, every row looked at\n\n| true share | never wrong | mean width | Wilson, one look |\n|---|---|---|---|',
  );
  for (const rate of [0.5, 0.8, 0.95, 0.99]) {
    const random = seededRandom(seed);
    let covered = 0;
    let width = 0;
    let wilson = 0;
    for (let world = 0; world < worlds; world++) {
      const values = Float64Array.from({ length: 500 }, () => (random() < rate ? 1 : 0));
      const { low, high, value } = bettingInterval(values, { confidence: 0.95 })!;
      if (!surelyAbove(values, rate, 0.025) && !surelyBelow(values, rate, 0.025)) covered++;
      width += (high - low) / worlds;
      const fixed = wilsonInterval(value * 500, 500, 0.95);
      wilson += (fixed.high - fixed.low) / worlds;
    }
    console.log(`| ${rate} | ${shareText(proportionEstimate(covered, worlds, 0.95)!)} | ${width.toFixed(3)} | ${wilson.toFixed(3)} |`);
  }
}

function errorsOfLiveTest(worlds: number): void {
  console.log(
    '\nMixture sequential test of two equal arms, 1,000 requests each, looked at after every one\n\n| rate | prior deviation | claims a difference |\n|---|---|---|',
  );
  for (const rate of [0.5, 0.9, 0.99]) {
    for (const priorDeviation of [0.02, 0.05, 0.2]) {
      const random = seededRandom(seed);
      let claims = 0;
      for (let world = 0; world < worlds; world++) if (liveClaims(random, rate, priorDeviation)) claims++;
      console.log(`| ${rate} | ${priorDeviation} | ${shareText(proportionEstimate(claims, worlds, 0.95)!)} |`);
    }
  }
}

function liveClaims(random: () => number, rate: number, priorDeviation: number): boolean {
  let first = 0;
  let second = 0;
  let previous: LiveDifference | undefined;
  for (let n = 1; n <= 1000; n++) {
    first += random() < rate ? 1 : 0;
    second += random() < rate ? 1 : 0;
    const arms = [first, second].map((sum) => ({ n, sum, squares: sum }));
    previous = liveDifference(arms[0]!, arms[1]!, { confidence: 0.95, priorDeviation, previous });
    if (previous.differs) return true;
  }
  return false;
}

function rowsToDecide(worlds: number): void {
  console.log(
    '\nRows until a share is shown to be on its side of a bound, error 0.002, at most 2,000 rows\n\n| true share | bound | mean rows | decided |\n|---|---|---|---|',
  );
  const cases: readonly [rate: number, bound: number][] = [
    [0.6, 0.9],
    [0.85, 0.9],
    [0.96, 0.9],
    [0.99, 0.9],
    [0.8, 0.6],
  ];
  for (const [rate, bound] of cases) {
    const random = seededRandom(seed);
    const test = rate > bound ? surelyAbove : surelyBelow;
    let rows = 0;
    let decided = 0;
    for (let world = 0; world < worlds; world++) {
      const values = Float64Array.from({ length: 2000 }, () => (random() < rate ? 1 : 0));
      const needed = firstTrue(2000, (n) => test(values.subarray(0, n), bound, 0.002));
      rows += Math.min(needed, 2000) / worlds;
      if (needed <= 2000) decided++;
    }
    console.log(`| ${rate} | ${bound} | ${rows.toFixed(0)} | ${shareText(proportionEstimate(decided, worlds, 0.95)!)} |`);
  }
}

/** The least of 1…n for which a condition holds that goes on holding; n + 1 where it never does. */
function firstTrue(n: number, holds: (rows: number) => boolean): number {
  let low = 1;
  let high = n + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function shareText({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${percent(value)} (${(100 * low).toFixed(1)}–${percent(high)})`;
}

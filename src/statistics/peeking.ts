import type { Estimate } from '#core/estimate.ts';
import { pairedSurelyAbove } from './betting.ts';
import { normalCritical } from './distributions.ts';
import { proportionEstimate } from './proportion.ts';
import { type Random, seededRandom } from './random.ts';

/** How often a test of two equal candidates claims a difference when it is looked at so many times. */
interface PeekingShare {
  readonly looks: number;
  /** What Armitage, McPherson and Rowe 1969 (Journal of the Royal Statistical Society A 132:235-244) give for normal outcomes. */
  readonly published: number;
  readonly ordinary: Estimate;
  readonly sequence: Estimate;
}

export interface PeekingTest {
  readonly worlds: number;
  /** Rows that each of the two candidates answers. */
  readonly rows: number;
  /** Share of rows that either answers right. */
  readonly rate: number;
  /** The error that both tests state. */
  readonly nominal: number;
  readonly shares: readonly PeekingShare[];
}

const rows = 1000;
const rate = 0.8;
const nominal = 0.05;
const schedules = [
  { looks: 1, published: 0.05 },
  { looks: 5, published: 0.142 },
  { looks: 10, published: 0.193 },
  { looks: rows, published: 0.53 },
];

/**
 * Simulates worlds in which two candidates are equally good, and tests them at equally spaced looks, up to every row: by
 * an ordinary two-sided z test of two proportions that stops at the first "significant" look, and by betting on the
 * paired rows. A betting sequence remembers every row, so its errors are the same for any looks up to the last.
 * Shares carry Wilson intervals at 95 %. The same seed gives the same shares.
 */
export function peekingTest({ worlds, seed }: { worlds: number; seed: number }): PeekingTest {
  const random = seededRandom(seed);
  const ordinary = schedules.map(() => 0);
  let sequence = 0;
  for (let world = 0; world < worlds; world++) {
    const first = answersOf(random);
    const second = answersOf(random);
    const claimed = lookedAt(first, second);
    for (const [index, { looks }] of schedules.entries()) if (claimed(rows / looks)) ordinary[index]!++;
    if (betOn(first, second) || betOn(second, first)) sequence++;
  }
  const shareOf = (count: number) => proportionEstimate(count, worlds, 0.95)!;
  return {
    worlds,
    rows,
    rate,
    nominal,
    shares: schedules.map((schedule, index) => ({ ...schedule, ordinary: shareOf(ordinary[index]!), sequence: shareOf(sequence) })),
  };
}

function answersOf(random: Random): Float64Array {
  return Float64Array.from({ length: rows }, () => (random() < rate ? 1 : 0));
}

function betOn(first: Float64Array, second: Float64Array): boolean {
  return pairedSurelyAbove(first, second, 0, nominal / 2);
}

/** Whether the z test claims a difference at any row that is a multiple of `every`. */
function lookedAt(first: Float64Array, second: Float64Array): (every: number) => boolean {
  const critical = normalCritical(1 - nominal);
  const claims: number[] = [];
  let sum = 0;
  let difference = 0;
  for (let row = 1; row <= rows; row++) {
    sum += first[row - 1]! + second[row - 1]!;
    difference += first[row - 1]! - second[row - 1]!;
    const share = sum / (2 * row);
    if (Math.abs(difference) > critical * Math.sqrt(2 * row * share * (1 - share))) claims.push(row);
  }
  return (every) => claims.some((row) => row % every === 0);
}

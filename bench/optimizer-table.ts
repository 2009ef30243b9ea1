import type { OptimisationHistory } from '../src/approaches/optimized-history.ts';
import { meanEstimate } from '../src/statistics/mean.ts';
import type { RungOutcome } from './optimizer-rung.ts';

interface LineOfTable {
  readonly task: string;
  readonly contender: string;
  /** Of each seed: answers while optimising, of the model and of the strong one. */
  readonly calls: readonly number[];
  readonly strongCalls: readonly number[];
  /** Mean score of each seed. */
  readonly means: readonly number[];
  /** Over the test rows, each row's scores averaged over the seeds; Student's t, 95 %. */
  readonly mean: Interval | undefined;
  /** Of Rung at half the calls over this contender, paired by test row. */
  readonly halfOver: Interval | undefined;
  /** Of Rung at all the calls. */
  readonly allOver: Interval | undefined;
  /** Of Rung's searches, one per seed. */
  readonly plateau?: readonly Plateau[];
}

interface Plateau {
  readonly trials: number;
  readonly kept: readonly string[];
  readonly best: number;
  readonly ended: string;
  readonly calls: number;
  readonly reached: boolean;
  readonly at: number | null;
  readonly why: string;
  readonly held: string | null;
}

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

const confidence = 0.95;

/** Prints what every contender reached on a task, and how far Rung is above or below it. */
export function printTable(task: string, outcomes: ReadonlyMap<string, readonly RungOutcome[]>, ideals: readonly number[]): void {
  const rows = new Map([...outcomes].map(([contender, seeds]) => [contender, averaged(seeds)]));
  const [half, all] = [...rows.keys()]
    .filter((contender) => contender.startsWith('rung optimized'))
    .map((contender) => rows.get(contender));
  const lines = [...outcomes].map(([contender, seeds]): LineOfTable => {
    const scores = rows.get(contender) as Float64Array;
    const over = (ours: Float64Array | undefined) =>
      ours === undefined || ours === scores ? undefined : meanEstimate(difference(ours, scores), confidence);
    const plateau = seeds.flatMap(({ history }) => (history === undefined ? [] : [plateauOf(history)]));
    return {
      task,
      contender,
      calls: seeds.map((seed) => seed.calls),
      strongCalls: seeds.map((seed) => seed.strongCalls),
      means: seeds.map((seed) => seed.scores.reduce((sum, score) => sum + score, 0) / seed.scores.length),
      mean: meanEstimate(scores, confidence),
      halfOver: over(half),
      allOver: over(all),
      ...(plateau.length > 0 && { plateau }),
    };
  });
  const known = ideals.length === 0 ? '' : `; who knows the model's rules reaches ${percent(median(ideals))}`;
  console.log(`\n${task}: ${lines[0]?.mean?.n} test rows, ${lines[0]?.means.length} draws of the training rows${known}`);
  for (const line of lines) console.log(textOf(line));
  for (const { contender, plateau = [] } of lines) for (const each of plateau) console.log(`  ${contender}: ${JSON.stringify(each)}`);
}

function textOf({ contender, calls, strongCalls, means, mean, halfOver, allOver }: LineOfTable): string {
  const asked = `${median(calls)} calls${Math.max(...strongCalls) > 0 ? ` + ${median(strongCalls)} strong` : ''}`;
  const shown = mean === undefined ? percent(means[0] as number) : `${percent(mean.value)} (${percent(mean.low)} to ${percent(mean.high)})`;
  const spread = means.map((each) => (100 * each).toFixed(1)).join(', ');
  const paired = (name: string, over: Interval | undefined) =>
    over === undefined ? '' : `; rung at ${name} calls ${points(over.value)} (${points(over.low)} to ${points(over.high)})`;
  return `  ${contender.padEnd(44)} ${asked.padEnd(24)} ${shown}, by draw ${spread}${paired('half the', halfOver)}${paired('all', allOver)}`;
}

function plateauOf({ trials, ended, plateau, held, calls, best }: OptimisationHistory): Plateau {
  const kept = trials.filter((trial) => trial.kept).map(({ n, kind, calls: at }) => `${n} ${kind} (${at} calls)`);
  return {
    trials: trials.length,
    kept,
    best,
    ended,
    calls,
    reached: plateau.reached,
    at: plateau.calls,
    why: plateau.why,
    held: held?.why ?? null,
  };
}

// NaN, where a metric does not apply, is the same for all
function averaged(seeds: readonly RungOutcome[]): Float64Array {
  const first = seeds[0]?.scores ?? [];
  return Float64Array.from(first, (_, row) => seeds.reduce((sum, seed) => sum + (seed.scores[row] as number), 0) / seeds.length);
}

function difference(ours: Float64Array, theirs: Float64Array): Float64Array {
  return ours.map((score, row) => score - (theirs[row] as number));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
}

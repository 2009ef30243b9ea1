import type { ApproachContext, MeasuredRow } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { PairedDifference } from '#statistics/interval.ts';
import { moments } from '#statistics/mean.ts';
import { pairedShares } from '#statistics/paired-proportions.ts';
import { pairedScores } from '#statistics/scores.ts';

/** One number of examples that was tried, against the number that was kept until then. */
export interface GrowthStep {
  readonly shots: number;
  /** The number it was compared with; absent for the first. */
  readonly over?: number;
  /** Paired gain on the validation rows that both answered. */
  readonly gain?: PairedDifference;
  readonly kept: boolean;
  /** Why it was kept or not, and whether growth went on. */
  readonly why: string;
}

export interface Growth {
  /** The number of examples that is kept. */
  readonly shots: number;
  readonly steps: readonly GrowthStep[];
}

interface GrowthOptions {
  /** Numbers of examples, the smallest first. */
  readonly counts: readonly number[];
  /** The smallest gain that is worth more examples. */
  readonly pays: number;
  readonly seed: number;
  readonly validation: readonly Example[];
  manifestOf(shots: number): Promise<Manifest>;
}

/** Of the intervals that growth is stopped by. */
const confidence = 0.95;

/**
 * Takes more examples for as long as more can pay. Each number is compared with the one kept so far on the same rows:
 * it takes its place where it gains `pays` or more, and growth ends where the upper end of the interval says that it
 * does not, or where the rows themselves leave less than that to gain.
 */
export async function growExamples(options: GrowthOptions, context: ApproachContext): Promise<Growth> {
  const { counts, validation } = options;
  // no gain at all never pays
  const pays = Math.max(options.pays, Number.EPSILON);
  const steps: GrowthStep[] = [];
  let kept: { shots: number; rows: readonly MeasuredRow[] } | undefined;
  for (const [index, shots] of counts.entries()) {
    if (kept !== undefined && headroomOf(kept.rows) < pays) break;
    context.progress({ message: `trying ${shots} examples`, done: index, total: counts.length });
    const rows = await context.measure(await options.manifestOf(shots), validation);
    if (kept === undefined) {
      kept = { shots, rows };
      steps.push({ shots, kept: true, why: 'It is the smallest number.' });
      continue;
    }
    const gain = gainOf(rows, kept.rows, options.seed);
    const isWorth = gain !== undefined && gain.value >= pays;
    const canBeWorth = gain !== undefined && gain.high >= pays;
    steps.push({ shots, over: kept.shots, ...(gain && { gain: { ...gain } }), kept: isWorth, why: reason(gain, options.pays, isWorth) });
    if (isWorth) kept = { shots, rows };
    else if (!canBeWorth) break;
  }
  const { shots, rows } = kept as { shots: number; rows: readonly MeasuredRow[] };
  const last = steps.at(-1) as GrowthStep;
  if (last.kept && last.shots !== counts.at(-1) && headroomOf(rows) < pays) {
    const why = `${last.why} Growth ended: these rows leave ${options.pays === 0 ? 'nothing' : `less than ${pays}`} to gain.`;
    return { shots, steps: [...steps.slice(0, -1), { ...last, why }] };
  }
  return { shots, steps };
}

function reason(gain: PairedDifference | undefined, pays: number, isWorth: boolean): string {
  if (gain === undefined) return 'Not kept, and growth ended: no row could be compared.';
  if (isWorth) return `Kept: it gains ${gain.value.toFixed(3)}, at least ${pays}.`;
  if (gain.high >= pays)
    return `Not kept: it gains ${gain.value.toFixed(3)}; up to ${gain.high.toFixed(3)} is possible, so more was tried.`;
  return `Not kept, and growth ended: it gains ${gain.value.toFixed(3)}, at most ${gain.high.toFixed(3)}, which is less than ${pays}.`;
}

function gainOf(larger: readonly MeasuredRow[], smaller: readonly MeasuredRow[], seed: number): PairedDifference | undefined {
  const [first, second] = [scoresOf(larger), scoresOf(smaller)];
  const areShares = [...first, ...second].every((score) => Number.isNaN(score) || score === 0 || score === 1);
  return (areShares ? pairedShares : pairedScores)(first, second, { confidence, seed });
}

/** What scores from 0 to 1 can still gain at most; without end for others. */
function headroomOf(rows: readonly MeasuredRow[]): number {
  const { n, mean } = moments(scoresOf(rows));
  const areShares = rows.every(({ score }) => score === null || (score >= 0 && score <= 1));
  return n > 0 && areShares ? 1 - mean : Number.POSITIVE_INFINITY;
}

function scoresOf(rows: readonly MeasuredRow[]): Float64Array {
  return Float64Array.from(rows, ({ score }) => score ?? Number.NaN);
}

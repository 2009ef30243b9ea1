import type { MeasuredRow } from '#core/approach.ts';
import type { Example } from '#core/example.ts';
import type { SignalFigures } from '#core/routing.ts';
import { type Calibration, calibrationFigures, fitCalibration } from '#statistics/cascade-calibration.ts';
import { clustersAt, clustersOf } from '#statistics/clusters.ts';
import { safeThreshold } from '#statistics/risk-control.ts';
import { areaRecovered } from '#statistics/routing-curve.ts';

/** The validation rows that both parts have a score for: what a threshold is chosen on. */
export interface ScoredRows {
  /** How right each part's answer is: 0 to 1, higher better. */
  readonly cheap: Float64Array;
  readonly strong: Float64Array;
  /** Signal → ln odds, NaN where it is absent. */
  readonly signals: Readonly<Record<string, Float64Array>>;
  readonly clusters: Int32Array | undefined;
}

/** Puts the two parts side by side, and leaves out rows that one of them has no score for. */
export function scoredRows(
  examples: readonly Example[],
  { cheap, strong }: { readonly cheap: readonly MeasuredRow[]; readonly strong: readonly MeasuredRow[] },
  bestScore: number,
): ScoredRows {
  const kept = examples.flatMap((_, row) => (cheap[row]?.score == null || strong[row]?.score == null ? [] : [row]));
  const scoresOf = (rows: readonly MeasuredRow[]) => Float64Array.from(kept, (row) => (rows[row]!.score ?? 0) + 1 - bestScore);
  const names = new Set(kept.flatMap((row) => Object.keys(cheap[row]?.answer?.routed?.signals ?? {})));
  const signals = Object.fromEntries(
    [...names].sort().map((name) => [name, Float64Array.from(kept, (row) => cheap[row]?.answer?.routed?.signals?.[name] ?? Number.NaN)]),
  );
  const clusters = clustersAt(clustersOf(examples.map(({ group }) => group)), kept);
  return { cheap: scoresOf(cheap), strong: scoresOf(strong), signals, clusters };
}

/** A signal with what it takes to decide by it. */
export interface TriedSignal extends SignalFigures {
  /** Accept from this score on; null where no threshold holds the bound. */
  readonly cut: number | null;
  readonly fit: Calibration;
  /** Mean loss on the validation rows. */
  readonly lost: number;
}

/** Scores at which answers may be accepted, the strictest first; fixed, so that no row has a say in them. */
const grid: readonly number[] = Array.from({ length: 1201 }, (_, step) => Number((30 - step * 0.05).toFixed(2)));

/**
 * What each signal would do. Thresholds of several signals share the error rate (Bonferroni), so that whichever is taken
 * holds the bound. The calibration rises with the score and so has no say in who is accepted.
 */
export function tryMost(
  rows: ScoredRows,
  { loss, error, seed }: { readonly loss: number; readonly error: number; readonly seed: number },
): TriedSignal[] {
  const names = Object.keys(rows.signals);
  const all = Int32Array.from(rows.cheap.keys());
  const lost = rows.strong.map((score, row) => score - rows.cheap[row]!);
  const gap = lost.reduce((sum, value) => sum + value, 0);
  return names.map((signal) => {
    const confidence = rows.signals[signal]!;
    const told = [...all]
      .filter((row) => !Number.isNaN(confidence[row]!))
      .map((row) => ({ score: confidence[row]!, right: clamp(rows.cheap[row]!) }));
    const limit = { bound: loss, error: error / names.length, grid, seed };
    const found = safeThreshold({ confidence, loss: lost, clusters: rows.clusters }, limit);
    return {
      signal,
      area: gap > 0 ? areaRecovered({ confidence, cheap: rows.cheap, strong: rows.strong })(all) : null,
      calibration: calibrationFigures(told, seed),
      accepted: found.accepted,
      cut: found.threshold ?? null,
      fit: fitCalibration(told),
      lost: found.loss,
    };
  });
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** The signal to decide by: of those that may accept anything, the one that recovers the most area. */
export function bestOf(tried: readonly TriedSignal[]): TriedSignal | undefined {
  const worth = ({ cut, area, accepted }: TriedSignal) => [cut === null ? 0 : 1, area ?? 0.5, accepted];
  return [...tried].sort((a, b) => {
    const [x, y] = [worth(a), worth(b)];
    const first = x.findIndex((value, index) => value !== y[index]);
    return first === -1 ? 0 : y[first]! - x[first]!;
  })[0];
}

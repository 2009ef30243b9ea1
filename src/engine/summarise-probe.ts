import type { Estimate } from '#core/estimate.ts';
import type { JsonObject } from '#core/json.ts';
import type { Probe, ProbeCase, ProbeFindings, ProbeMeasure, ProbeOutcome, ProbeResult, SeriesPoint } from '#core/probe.ts';
import { bootstrap } from '#statistics/bootstrap.ts';
import { clusterCount, clustersOf } from '#statistics/clusters.ts';
import { meanEstimate } from '#statistics/mean.ts';
import { shareEstimate } from '#statistics/proportion.ts';
import { scoreEstimate } from '#statistics/scores.ts';

interface SummaryOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Of the probe. */
  readonly options: JsonObject;
}

type EstimateOptions = Pick<SummaryOptions, 'confidence' | 'seed'> & Pick<ProbeMeasure, 'unit'>;

/**
 * The numbers of a probe: each measure over all its outcomes, groups as clusters; the measure at every x; its slope over
 * the logarithm of x, where groups were followed over it; and the share of cases that passed, by family.
 */
export function summariseProbe(probe: Probe, { outcomes, cases }: ProbeResult, options: SummaryOptions): ProbeFindings {
  const metrics: Record<string, Estimate> = {};
  const better: Record<string, ProbeMeasure['better']> = {};
  const units: Record<string, NonNullable<ProbeMeasure['unit']>> = {};
  const series: SeriesPoint[] = [];
  const add = (id: string, measure: ProbeMeasure, estimate: Estimate) => {
    metrics[id] = estimate;
    better[id] = measure.better;
    if (measure.unit !== undefined) units[id] = measure.unit;
  };
  for (const measure of probe.measures) {
    const own = outcomes.filter((outcome) => outcome.measure === measure.id);
    const { unit } = measure;
    const level = estimateOf(own, { ...options, unit });
    if (level === undefined) continue;
    add(measure.id, measure, level);
    const slope = slopeOf(own, options);
    if (slope !== undefined) add(`${measure.id}Slope`, measure, slope);
    for (const x of xsOf(own)) {
      const point = estimateOf(
        own.filter((outcome) => outcome.x === x),
        { ...options, unit },
      );
      if (point !== undefined) series.push({ measure: measure.id, x, ...point });
    }
  }
  return { probe: probe.id, options: options.options, metrics, better, units, series, families: familiesOf(cases, options), cases };
}

/** Undefined without outcomes, and for times and counts also where too few tell how they spread. */
function estimateOf(outcomes: readonly ProbeOutcome[], { confidence, seed, unit }: EstimateOptions): Estimate | undefined {
  const scores = Float64Array.from(outcomes, ({ score }) => score);
  const clusters = clustersOf(outcomes.map(({ group }) => group));
  if (unit !== undefined) {
    const mean = meanEstimate(scores, confidence, clusters);
    // no time and no count is under 0, though the mean's interval may reach there
    return mean && { ...mean, low: Math.max(0, mean.low) };
  }
  const isShare = scores.every((score) => score === 0 || score === 1);
  return isShare ? shareEstimate(scores, { confidence, clusters }) : scoreEstimate(scores, { confidence, seed, clusters });
}

function xsOf(outcomes: readonly ProbeOutcome[]): number[] {
  return [...new Set(outcomes.flatMap(({ x }) => (x === undefined ? [] : [x])))].sort((a, b) => a - b);
}

/**
 * Change of a measure for each e-fold of x: least squares over ln x, with the bootstrap over whole groups. Undefined where
 * no group was followed over several x, and where resampling changes nothing, since the interval would then have no width.
 */
function slopeOf(outcomes: readonly ProbeOutcome[], { confidence, seed }: EstimateOptions): Estimate | undefined {
  const followed = outcomes.filter(({ group, x }) => group !== undefined && x !== undefined && x > 0);
  const clusters = clustersOf(followed.map(({ group }) => group));
  if (clusters === undefined || xsOf(followed).length < 2 || clusterCount(clusters) < 2) return undefined;
  const at = Float64Array.from(followed, ({ x }) => Math.log(x!));
  const score = Float64Array.from(followed, (outcome) => outcome.score);
  const { value, low, high, varied } = bootstrap(followed.length, (rows) => leastSquares(rows, at, score), { confidence, seed, clusters });
  const method = `least squares over ln x, bca bootstrap, ${clusterCount(clusters)} clusters`;
  return varied ? { value, low, high, n: followed.length, method } : undefined;
}

/** 0 where all x of the drawn rows are the same. */
function leastSquares(rows: Int32Array, at: Float64Array, score: Float64Array): number {
  let [sumX, sumY] = [0, 0];
  for (const row of rows) {
    sumX += at[row]!;
    sumY += score[row]!;
  }
  let [products, squares] = [0, 0];
  for (const row of rows) {
    products += (at[row]! - sumX / rows.length) * (score[row]! - sumY / rows.length);
    squares += (at[row]! - sumX / rows.length) ** 2;
  }
  return squares < 1e-12 ? 0 : products / squares;
}

function familiesOf(cases: readonly ProbeCase[], { confidence }: SummaryOptions): ProbeFindings['families'] {
  const families = new Map<string, number[]>();
  for (const { family, passed } of cases) {
    if (family === undefined) continue;
    const known = families.get(family) ?? [];
    known.push(passed ? 1 : 0);
    families.set(family, known);
  }
  return [...families].flatMap(([family, scores]) => {
    const passed = shareEstimate(Float64Array.from(scores), { confidence });
    return passed === undefined ? [] : [{ family, passed }];
  });
}

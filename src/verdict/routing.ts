import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { toDollars } from '#core/money.ts';
import type { RoutingCurvePoint, RoutingEvidence, RoutingVerdict } from '#core/routing.ts';
import { withoutDust } from '#economics/break-even.ts';
import { bootstrap, type Statistic } from '#statistics/bootstrap.ts';
import { clustersAt } from '#statistics/clusters.ts';
import { moments } from '#statistics/mean.ts';
import { pairedSequence } from '#statistics/paired-sequence.ts';
import { shareEstimate } from '#statistics/proportion.ts';
import { areaRecovered, callsFor, type RoutedRows, routingCurve, thinned } from '#statistics/routing-curve.ts';
import { compareWithRandom, type MixComparison, type MixedRows } from '#statistics/routing-mix.ts';
import type { Grounds } from './grounds.ts';
import { pairedGain } from './paired-gain.ts';
import { routingSentence } from './routing-words.ts';

const curvePoints = 21;

type Compared = NonNullable<RoutingVerdict['compared']>;

/** A cascade beside the best single rung and random routing at the same cost; undefined for every other rung. */
export function routingOf(candidate: CandidateEvidence, evidence: EvidenceSet, grounds: Grounds): RoutingVerdict | undefined {
  const { routing } = candidate;
  const strongShare = routing && strongShareOf(routing, grounds);
  if (routing === undefined || strongShare === undefined) return undefined;
  const compared = comparedOf(candidate, routing, evidence, grounds);
  const found = { ...routing.plan, strongShare, compared };
  return { ...found, says: routingSentence(candidate.rung, found, grounds.task.confidence) };
}

function strongShareOf({ accepted }: RoutingEvidence, { task, clusters }: Grounds): Estimate | undefined {
  const passed = accepted.map((value) => 1 - value);
  return shareEstimate(passed, { confidence: task.confidence, clusters });
}

function comparedOf(candidate: CandidateEvidence, routing: RoutingEvidence, evidence: EvidenceSet, grounds: Grounds): Compared | null {
  const metric = grounds.metrics.find(({ id }) => candidate.scores[id] !== undefined);
  const partNamed = (part: string) => evidence.candidates.find((each) => each.part === part && each.skipped === undefined);
  const [cheap, strong] = [partNamed(routing.plan.cheap.part), partNamed(routing.plan.strong.part)];
  const best = metric && bestSingle(evidence.candidates, metric);
  if (metric === undefined || cheap === undefined || strong === undefined || best === undefined) return null;
  const three = [candidate, cheap, strong] as const;
  const rows = commonRows(three, metric);
  const lost = pairedGain(strong, candidate, metric, grounds);
  const gain = pairedGain(candidate, best, metric, grounds);
  if (rows.length === 0 || lost === undefined || gain === undefined) return null;

  const mixed = mixedRows(three, rows, metric, routing);
  const options = { confidence: grounds.task.confidence, seed: grounds.task.seed, clusters: clustersAt(grounds.clusters, rows) };
  const comparison = compareWithRandom(mixed, options);
  const gainOverRandom = three.some(({ stopped }) => stopped !== undefined) ? sequenceGain(mixed, comparison, options) : comparison.gain;
  const routed = routedRows(mixed, rows, routing);
  const estimate = (statistic: Statistic): Estimate => ({ ...bootstrapped(rows.length, statistic, options) });
  const hasGap = comparison.gapRecovered !== undefined && routed !== undefined;
  const sign = metric.better === 'higher' ? 1 : -1;
  return {
    metric: metric.id,
    randomShare: comparison.share,
    by: comparison.by,
    randomMix: inUnits(comparison.mix, metric),
    gainOverRandom,
    beatsRandom: gainOverRandom.low > 0,
    bestSingle: {
      rung: best.rung,
      candidate: best.candidate,
      value: moments(best.scores[metric.id]!).mean,
      ...costOf(best),
      gain: inDirection(gain, sign),
    },
    lost: inDirection(lost, sign),
    gapRecovered: comparison.gapRecovered ?? null,
    apgr: hasGap ? estimate(areaRecovered(routed)) : null,
    cpt: hasGap
      ? { '50': estimate(callsFor(routed, 0.5)), '80': estimate(callsFor(routed, 0.8)), '95': estimate(callsFor(routed, 0.95)) }
      : null,
    curve: routed === undefined ? [] : curveOf(routed, mixed, metric),
  };
}

/** The rung that asks one thing only and does best. */
function bestSingle(candidates: readonly CandidateEvidence[], metric: Metric): CandidateEvidence | undefined {
  const mean = ({ scores }: CandidateEvidence) => moments(scores[metric.id]!).mean * (metric.better === 'higher' ? 1 : -1);
  return candidates
    .filter(({ skipped, routing, scores }) => skipped === undefined && routing === undefined && scores[metric.id] !== undefined)
    .filter((candidate) => !Number.isNaN(mean(candidate)))
    .sort((a, b) => mean(b) - mean(a))[0];
}

type Three = readonly [cascade: CandidateEvidence, cheap: CandidateEvidence, strong: CandidateEvidence];

function commonRows(three: Three, { id }: Metric): Int32Array {
  const columns = three.map(({ scores }) => scores[id]);
  const [first] = columns;
  if (first === undefined || columns.includes(undefined)) return new Int32Array(0);
  return Int32Array.from(first.keys()).filter((row) => columns.every((column) => !Number.isNaN(column![row]!)));
}

/** Scores are turned so that higher is better. */
function mixedRows(three: Three, rows: Int32Array, metric: Metric, { accepted }: RoutingEvidence): MixedRows {
  const [cascade, cheap, strong] = three.map(({ scores }) => Float64Array.from(rows, (row) => turned(scores[metric.id]![row]!, metric)));
  const [ofCascade, ofCheap, ofStrong] = three.map(({ cost }) => Float64Array.from(rows, (row) => cost[row]!));
  const passed = Float64Array.from(rows, (row) => (accepted[row] === 1 ? 0 : 1));
  const isPriced = three.every(({ priced }) => priced) && ![ofCascade!, ofCheap!, ofStrong!].some((costs) => costs.some(Number.isNaN));
  return {
    ...{ cascade: cascade!, cheap: cheap!, strong: strong!, passed },
    ...(isPriced && { costs: { cascade: ofCascade!, cheap: ofCheap!, strong: ofStrong! } }),
  };
}

function turned(score: number, { better }: Metric): number {
  return better === 'higher' ? score : 1 - score;
}

/** The rows with their confidence; undefined where none is known, as where everything is passed on unasked. */
function routedRows({ cheap, strong }: MixedRows, rows: Int32Array, routing: RoutingEvidence): RoutedRows | undefined {
  const confidence = Float64Array.from(rows, (row) => routing.confidence[row]!);
  return confidence.every(Number.isNaN) ? undefined : { confidence, cheap, strong };
}

/** Where one of the three was stopped early: valid however often it was looked at, the mix's share taken as it is. */
function sequenceGain(
  { cascade, cheap, strong }: MixedRows,
  { share, gain }: MixComparison,
  options: { confidence: number; clusters?: Int32Array | undefined },
) {
  const mix = cheap.map((score, row) => (1 - share) * score + share * strong[row]!);
  const found = pairedSequence(cascade, mix, { confidence: options.confidence, ...(options.clusters && { clusters: options.clusters }) });
  return found === undefined ? gain : { ...found, method: `${found.method}, share of the mix held fixed` };
}

function bootstrapped(
  n: number,
  statistic: Statistic,
  options: { confidence: number; seed: number; clusters?: Int32Array | undefined },
): Estimate {
  const { value, low, high } = bootstrap(n, statistic, options);
  return { value, low, high, n, method: 'bca bootstrap' };
}

function inUnits(estimate: Estimate, { better }: Metric): Estimate {
  const { value, low, high } = estimate;
  return better === 'higher' ? { ...estimate } : { ...estimate, value: 1 - value, low: 1 - high, high: 1 - low };
}

function inDirection<D extends { value: number; low: number; high: number }>(difference: D, sign: 1 | -1): D {
  const { value, low, high } = difference;
  return sign === 1 ? { ...difference } : { ...difference, value: -value, low: -high, high: -low };
}

function costOf({ priced, cost }: CandidateEvidence): { costPer1k?: number } {
  const { n, mean } = moments(cost);
  return priced && n > 0 ? { costPer1k: per1k(mean) } : {};
}

function per1k(nanoDollars: number): number {
  return withoutDust(toDollars(nanoDollars * 1000));
}

function curveOf(routed: RoutedRows, { costs, passed }: MixedRows, metric: Metric): RoutingCurvePoint[] {
  const points = routingCurve(routed);
  const [cheap, strong] = [points[0]!.value, points.at(-1)!.value];
  const value = (quality: number) => (metric.better === 'higher' ? quality : 1 - quality);
  const [ofCheap, ofStrong] = costs === undefined ? [0, 0] : [moments(costs.cheap).mean, moments(costs.strong).mean];
  // a judge is paid for every question, whatever becomes of it
  const paid = costs?.cascade.map((cost, row) => cost - costs.cheap[row]! - passed[row]! * costs.strong[row]!);
  const besides = paid === undefined ? 0 : Math.max(0, moments(paid).mean);
  return thinned(points, curvePoints).map(({ share, value: quality }) => {
    const cost = ofCheap + besides + share * ofStrong;
    const mixed = ofStrong > ofCheap ? Math.min(1, (cost - ofCheap) / (ofStrong - ofCheap)) : share;
    return {
      strongShare: share,
      value: value(quality),
      random: value(cheap + mixed * (strong - cheap)),
      ...(costs === undefined ? {} : { costPer1k: per1k(cost) }),
    };
  });
}

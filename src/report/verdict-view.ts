import type { GoalStatus, Verdict, VerdictRung } from '#core/verdict.ts';
import { findingsText } from './measure-text.ts';
import { dollarsText, latencyText, type ValueText, valueTextOf } from './number-text.ts';

/** A goal's outcome as a mark and a word: colour alone never says it. */
export const goalMarks: Readonly<Record<GoalStatus, { readonly mark: string; readonly word: string }>> = {
  met: { mark: '✓', word: 'met' },
  'not-met': { mark: '✗', word: 'not met' },
  undecided: { mark: '?', word: 'not decided' },
};

/** What both the page and the terminal need to know of a verdict before showing it. */
export interface VerdictView {
  readonly verdict: Verdict;
  /** Metric ids in order, the first being the one that rungs are compared on; measures of probes only where a goal names them. */
  readonly metrics: readonly string[];
  readonly primary: string | undefined;
  /** Rungs with at least one measured metric. */
  readonly measured: readonly VerdictRung[];
  /** How a metric's numbers are written. */
  text(metric: string): ValueText;
  /** Name of the ladder entry of a candidate; the id itself where it is not on the ladder. */
  rungOf(candidate: string): string;
  isChosen(rung: VerdictRung): boolean;
}

/** `order`: metric ids as the task lists them; without it the order of the verdict. */
export function viewVerdict(verdict: Verdict, order: readonly string[] = []): VerdictView {
  const measured = verdict.rungs.filter((rung) => rung.skipped === undefined && Object.keys(rung.metrics).length > 0);
  const probes = verdict.rungs.flatMap((rung) => rung.probes ?? []);
  const probed = new Set(probes.flatMap(({ metrics: found }) => Object.keys(found)));
  const shown = (metric: string) => !probed.has(metric) || metric in verdict.criteria.goals;
  const present = [...new Set(verdict.rungs.flatMap((rung) => Object.keys(rung.metrics)))].filter(shown);
  const metrics = [...order.filter((metric) => present.includes(metric)), ...present.filter((metric) => !order.includes(metric))];
  const texts = new Map(
    metrics.map((metric) => {
      const numbers = measured.flatMap((rung) => {
        const estimate = rung.metrics[metric];
        return estimate === undefined ? [] : [estimate.value, estimate.low, estimate.high];
      });
      return [metric, probed.has(metric) ? findingsText(probes, metric) : valueTextOf(numbers)];
    }),
  );
  const names = new Map(verdict.rungs.map((rung) => [rung.candidate, rung.rung]));
  return {
    verdict,
    metrics,
    primary: metrics[0],
    measured,
    text: (metric) => texts.get(metric) ?? valueTextOf([0]),
    rungOf: (candidate) => names.get(candidate) ?? candidate,
    isChosen: (rung) => verdict.chosen !== null && rung.rung === verdict.chosen.rung && rung.candidate === verdict.chosen.candidate,
  };
}

/** The bound of a goal such as `">= 0.9"`, as the verdict's criteria write it; undefined where it cannot be read. */
export function goalBound(text: string | undefined): { readonly operator: '>=' | '<='; readonly bound: number } | undefined {
  const match = /(>=|<=)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.exec(text ?? '');
  return match === null ? undefined : { operator: match[1] as '>=' | '<=', bound: Number(match[2]) };
}

/** Words and units for the ids of goals that are not metrics. */
const serviceGoalText: Readonly<Record<string, { readonly name: string; unit(bound: number): string }>> = {
  latencyP50Ms: { name: 'latency p50', unit: latencyText },
  latencyP95Ms: { name: 'latency p95', unit: latencyText },
  costPer1k: { name: 'cost per 1k', unit: dollarsText },
};

export function measureName(measure: string): string {
  return serviceGoalText[measure]?.name ?? measure;
}

/** A goal as people write it: "latency p95 ≤ 800 ms". */
export function goalText(measure: string, written: string | undefined): string {
  const goal = goalBound(written);
  if (goal === undefined) return `${measureName(measure)} ${written ?? ''}`.trim();
  const unit = serviceGoalText[measure]?.unit ?? (measure.endsWith('Ms') ? latencyText : undefined);
  const share = goal.bound > 0 && goal.bound <= 1 ? `${Number((goal.bound * 100).toFixed(3))} %` : String(goal.bound);
  return `${measureName(measure)} ${goal.operator === '>=' ? '≥' : '≤'} ${unit?.(goal.bound) ?? share}`;
}

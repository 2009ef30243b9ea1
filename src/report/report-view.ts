import type { CandidateEvidence } from '#core/evidence.ts';
import type { ReportInput } from './report-input.ts';
import { goalBound, type VerdictView, viewVerdict } from './verdict-view.ts';

/** A report's input with what several sections derive from it. */
export interface ReportView extends VerdictView {
  readonly input: ReportInput;
  readonly higherIsBetter: boolean;
  /** The bar of a measure, where the task sets one. */
  bound(measure: string): number | undefined;
  evidenceOf(rung: string): CandidateEvidence | undefined;
  /** As "95 %". */
  readonly confidence: string;
}

export function viewReport(input: ReportInput): ReportView {
  const order = input.task.metrics.map((metric) => (typeof metric === 'string' ? metric : metric.id));
  const view = viewVerdict(input.verdict, order);
  const primaryMetric = input.task.metrics.find((metric) => typeof metric !== 'string' && metric.id === view.primary);
  const goal = view.primary === undefined ? undefined : goalBound(input.verdict.criteria.goals[view.primary]);
  const better = typeof primaryMetric === 'object' ? primaryMetric.better : goal?.operator === '<=' ? 'lower' : 'higher';
  return {
    ...view,
    input,
    higherIsBetter: better === 'higher',
    bound: (measure) => goalBound(input.verdict.criteria.goals[measure])?.bound,
    evidenceOf: (rung) => input.evidence?.candidates.find((candidate) => candidate.rung === rung),
    confidence: `${Number((input.verdict.criteria.confidence * 100).toFixed(2))} %`,
  };
}

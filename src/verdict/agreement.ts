import type { Estimate } from '#core/estimate.ts';
import type { CandidateEvidence } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { agreementOf } from '#statistics/agreement.ts';
import { cohenKappa } from '#statistics/judge.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { count } from './figures.ts';
import type { Grounds } from './grounds.ts';
import { estimated, intervalAt, isNumber, known, type Reasoned } from './reasoning-words.ts';

type AgreementFigure = NonNullable<VerdictRung['agreement']>[number];

/** Parts are shares: where their metric says nothing else, one says yes from the middle on. */
const middle = 0.5;

/**
 * How far the parts of each metric agree with each other on this candidate's rows, and a judge with people on the answers
 * that both marked: the plain share, and beyond chance. Undefined where there is nothing to compare.
 */
export function agreementFigures(candidate: CandidateEvidence, grounds: Grounds): AgreementFigure[] | undefined {
  const figures = grounds.metrics.flatMap((metric) => [
    ...ofParts(metric, candidate, grounds),
    ...withPeople(metric.id, candidate, grounds),
  ]);
  return figures.length === 0 ? undefined : figures;
}

function ofParts({ id: metric, cuts = {} }: Metric, candidate: CandidateEvidence, { task, clusters }: Grounds): AgreementFigure[] {
  const parts = Object.entries(candidate.parts?.[metric] ?? {}).filter(([, scores]) => isShares(scores));
  return parts.flatMap(([one, first], at) =>
    parts.slice(at + 1).flatMap(([other, second]) => {
      const cut = (part: string) => cuts[part] ?? middle;
      const agreement = agreementOf(first, second, { confidence: task.confidence, clusters, cuts: [cut(one), cut(other)] });
      return agreement === undefined ? [] : figuresOf({ metric, one, other }, agreement.raw, agreement.kappa);
    }),
  );
}

function withPeople(metric: string, candidate: CandidateEvidence, { task }: Grounds): AgreementFigure[] {
  const rows = task.calibration[metric];
  if (rows === undefined || candidate.scores[metric] === undefined) return [];
  const { confidence } = task;
  const raw = proportionEstimate(rows.filter(({ judge, human }) => judge === human).length, rows.length, confidence);
  return raw === undefined ? [] : figuresOf({ metric, one: 'judge', other: 'people' }, raw, cohenKappa(rows, { confidence }));
}

function figuresOf(
  about: Pick<AgreementFigure, 'metric' | 'one' | 'other'>,
  raw: Estimate,
  kappa: Estimate | undefined,
): AgreementFigure[] {
  return [
    { ...about, ...raw, method: `share of rows that agree, ${raw.method}` },
    ...(kappa === undefined ? [] : [{ ...about, ...kappa }]),
  ];
}

function isShares(scores: Float64Array): boolean {
  return scores.every((score) => Number.isNaN(score) || (score >= 0 && score <= 1));
}

/** Agreement in sentences, one for each pair. */
export function agreementLines({ rung, agreement = [] }: VerdictRung, { criteria }: Reasoned): string[] {
  const pairs = Map.groupBy(agreement, ({ metric, one, other }) => `${metric}: ${one} and ${other}`);
  return [...pairs].map(([pair, figures]) => {
    const told = figures.map((figure) => {
      if (!figure.method.startsWith('cohen')) return `agree ${estimated(figure, criteria.confidence)}`;
      const range = isNumber(figure.low) && isNumber(figure.high) ? `${kappaText(figure.low)} to ${kappaText(figure.high)}` : 'not known';
      return `beyond chance at kappa ${known(figure.value, kappaText)} (${intervalAt(criteria.confidence)} ${range}, n ${known(figure.n, count)}, ${figure.method})`;
    });
    return `${rung}, ${pair} ${told.join(', ')}.`;
  });
}

function kappaText(value: number): string {
  // sums of shares leave dust around 0
  return (Math.round(value * 100) / 100 + 0).toFixed(2).replace('-', '−');
}

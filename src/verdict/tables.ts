import type { Estimate } from '#core/estimate.ts';
import type { EvidenceSet } from '#core/evidence.ts';
import type { Json } from '#core/json.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import { labelPairs } from './label-pairs.ts';
import { wasMeasured } from './measured-rows.ts';

/** How one candidate does on one label. */
export interface LabelRow {
  readonly label: string;
  /** Rows that expect the label. */
  readonly n: number;
  /** Share of those that were answered with it; absent where no row expects it. */
  readonly recall?: Estimate;
  /** Share of the answers with the label that were right; absent where it was never answered. */
  readonly precision?: Estimate;
  readonly f1: number;
}

/** One row per label, in alphabetical order; undefined where the task has no labels or the candidate no rows. */
export function labelTable(evidence: EvidenceSet, candidateIndex: number, confidence: number): LabelRow[] | undefined {
  const matrix = confusion(evidence, candidateIndex);
  if (matrix === undefined) return undefined;
  return matrix.labels.map((label, index) => {
    const right = matrix.counts[index]![index]!;
    const n = matrix.counts[index]!.reduce((sum, cell) => sum + cell, 0) + matrix.unread[index]!;
    const answered = matrix.counts.reduce((sum, row) => sum + row[index]!, 0);
    const recall = proportionEstimate(right, n, confidence);
    const precision = proportionEstimate(right, answered, confidence);
    return {
      label,
      n,
      ...(recall === undefined ? {} : { recall }),
      ...(precision === undefined ? {} : { precision }),
      f1: (2 * right) / (n + answered),
    };
  });
}

export interface Confusion {
  /** Every label that was expected or answered, in alphabetical order. */
  readonly labels: readonly string[];
  /** `counts[i][j]`: rows that expect label i and were answered with label j. */
  readonly counts: readonly (readonly number[])[];
  /** `unread[i]`: rows that expect label i and brought no label. */
  readonly unread: readonly number[];
}

/** What was expected against what was answered; undefined where the task has no labels or the candidate no rows. */
export function confusion(evidence: EvidenceSet, candidateIndex: number): Confusion | undefined {
  const candidate = evidence.candidates[candidateIndex];
  const pairs = candidate === undefined ? [] : labelPairs(candidate, evidence);
  if (pairs.length === 0) return undefined;
  const labels = [
    ...new Set(pairs.flatMap(({ expected, answered }) => (answered === undefined ? [expected] : [expected, answered]))),
  ].sort();
  const indexes = new Map(labels.map((label, index) => [label, index]));
  const counts = labels.map(() => new Array<number>(labels.length).fill(0));
  const unread = new Array<number>(labels.length).fill(0);
  for (const { expected, answered } of pairs) {
    const row = indexes.get(expected)!;
    if (answered === undefined) unread[row]!++;
    else counts[row]![indexes.get(answered)!]!++;
  }
  return { labels, counts, unread };
}

export interface Disagreement {
  /** Index into the evidence's examples. */
  readonly row: number;
  readonly example: string;
  readonly expected?: Json;
  /** One entry per candidate that measured the row, in ladder order. */
  readonly answers: readonly { readonly rung: string; readonly candidate: string; readonly score: number; readonly answered?: string }[];
  /** Largest minus smallest score. */
  readonly spread: number;
}

/** Rows on which the candidates' scores on a metric differ (absent: the first metric that scores rows), the widest apart first. */
export function disagreements(evidence: EvidenceSet, metricId = firstMetric(evidence)): Disagreement[] {
  if (metricId === undefined) return [];
  const found = evidence.examples.flatMap((example, row) => {
    const answers = evidence.candidates.flatMap((candidate) => {
      const score = candidate.scores[metricId]?.[row] ?? Number.NaN;
      if (Number.isNaN(score) || !wasMeasured(candidate, row)) return [];
      const answered = candidate.answered?.[row];
      return [{ rung: candidate.rung, candidate: candidate.candidate, score, ...(answered === undefined ? {} : { answered }) }];
    });
    const scores = answers.map(({ score }) => score);
    const spread = scores.length < 2 ? 0 : Math.max(...scores) - Math.min(...scores);
    if (spread === 0) return [];
    const expected = example.expected === undefined ? {} : { expected: example.expected };
    return [{ row, example: example.id, ...expected, answers, spread }];
  });
  return found.sort((a, b) => b.spread - a.spread || a.row - b.row);
}

function firstMetric(evidence: EvidenceSet): string | undefined {
  for (const { scores } of evidence.candidates) for (const id of Object.keys(scores)) return id;
  return undefined;
}

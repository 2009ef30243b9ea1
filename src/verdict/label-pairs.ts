import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import { wasMeasured } from './measured-rows.ts';

type Rows = Pick<EvidenceSet, 'examples'>;

export interface LabelPair {
  readonly expected: string;
  readonly answered: string | undefined;
}

/** The expected and the answered label of one row; undefined where the row was not measured or expects no label. */
export function labelPairOf(candidate: CandidateEvidence, evidence: Rows, row: number): LabelPair | undefined {
  const expected = evidence.examples[row]?.expected;
  if (typeof expected !== 'string' || candidate.answered === undefined) return undefined;
  return wasMeasured(candidate, row) ? { expected, answered: candidate.answered[row] } : undefined;
}

/** The pairs of all measured rows; equal pairs are one object, which keeps resampling of many rows in the processor's cache. */
export function labelPairs(candidate: CandidateEvidence, evidence: Rows): LabelPair[] {
  return labelPairsWithRows(candidate, evidence).pairs;
}

/** The same, with the row of every pair. */
export function labelPairsWithRows(candidate: CandidateEvidence, evidence: Rows): { pairs: LabelPair[]; rows: number[] } {
  const pairs: LabelPair[] = [];
  const rows: number[] = [];
  for (let row = 0; row < evidence.examples.length; row++) {
    const pair = labelPairOf(candidate, evidence, row);
    if (pair === undefined) continue;
    pairs.push(pair);
    rows.push(row);
  }
  return { pairs: sharedPairs(pairs), rows };
}

export function sharedPairs(pairs: readonly LabelPair[]): LabelPair[] {
  const known = new Map<string, LabelPair>();
  return pairs.map((pair) => {
    const key = JSON.stringify([pair.expected, pair.answered ?? null]);
    const shared = known.get(key) ?? pair;
    known.set(key, shared);
    return shared;
  });
}

/** A resample of pairs. */
export function pairsAt(pairs: readonly LabelPair[], rows: Int32Array): LabelPair[] {
  const drawn = new Array<LabelPair>(rows.length);
  for (let index = 0; index < rows.length; index++) drawn[index] = pairs[rows[index]!]!;
  return drawn;
}

import type { CandidateEvidence } from '#core/evidence.ts';

/** True where a candidate answered the row or failed on it: any number of the row tells, as recorded answers may have no latency. */
export function wasMeasured(candidate: CandidateEvidence, row: number): boolean {
  if (candidate.failed[row] === 1 || candidate.answered?.[row] !== undefined) return true;
  const columns = [candidate.cost, candidate.latencyMs, candidate.inputTokens, ...Object.values(candidate.scores)];
  return columns.some((column) => row < column.length && !Number.isNaN(column[row]));
}

/** Number of rows that a candidate answered or failed. */
export function measuredRows(candidate: CandidateEvidence): number {
  let rows = 0;
  for (let row = 0; row < candidate.failed.length; row++) if (wasMeasured(candidate, row)) rows++;
  return rows;
}

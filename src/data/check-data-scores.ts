import type { DataCheck, DataCheckPass, DataFinding, DataScore } from '#core/data-check.ts';
import { rowShare } from './check-data-share.ts';

/** The families that have a score. */
export type ScoredFamily = 'clean' | 'consistent' | 'diverse' | 'balanced' | 'representative';

const families: readonly ScoredFamily[] = ['clean', 'consistent', 'diverse', 'balanced', 'representative'];
/** Families whose score is the share of rows that nothing was found in, where no check of theirs gives a part of its own. */
const byShare: readonly ScoredFamily[] = ['clean', 'consistent'];

/**
 * The parts of each family's score. What checks measured themselves counts; of the families clean and consistent it is else
 * the share of rows without an error or a warning of that family. A family without either is absent.
 */
export function scoresOf(
  rows: number,
  findings: readonly DataFinding[],
  passes: readonly { readonly check: DataCheck; readonly pass: DataCheckPass }[],
  sampled: boolean,
): Partial<Record<ScoredFamily, readonly DataScore[]>> {
  const scores: Partial<Record<ScoredFamily, readonly DataScore[]>> = {};
  if (rows === 0) return scores;
  for (const family of families) {
    const own = passes.filter(({ check }) => check.family === family);
    const parts = own.map(({ pass }) => pass.score?.()).filter((score) => score !== undefined);
    if (parts.length > 0) scores[family] = parts;
    else if (own.length > 0 && byShare.includes(family)) scores[family] = [untouched(family, rows, findings, sampled)];
  }
  return scores;
}

function untouched(family: ScoredFamily, rows: number, findings: readonly DataFinding[], sampled: boolean): DataScore {
  const counted = findings.filter((finding) => finding.family === family && finding.severity !== 'info');
  const listed = new Set(counted.flatMap((finding) => finding.rows));
  // of a finding's rows beyond the listed ones it is not known which other finding has them too
  const unlisted = counted.reduce((sum, finding) => sum + finding.count - finding.rows.length, 0);
  const touched = Math.min(rows, listed.size + unlisted);
  const method = `share of rows without an error or warning of this family${unlisted > 0 ? ', at least' : ''}`;
  return rowShare(rows - touched, rows, method, sampled);
}

import type { CandidateEvidence } from '#core/evidence.ts';
import type { Task } from '#core/task.ts';
import type { ComparisonRow, VerdictRung } from '#core/verdict.ts';

/**
 * What a team weighs besides one number, a row for each rung that was measured, `rungs` being those of `candidates`.
 * Undefined where there is nothing to weigh: no probe ran, and no tuned rung stands beside a prompted one of a persona.
 */
export function comparisonOf(
  rungs: readonly VerdictRung[],
  candidates: readonly CandidateEvidence[],
  { persona }: Pick<Task, 'persona'>,
): ComparisonRow[] | undefined {
  // one measure for the whole column: what drift did not follow does not stand beside what it did
  const consistency = rungs.some(({ metrics }) => metrics['consistency'] !== undefined) ? 'consistency' : 'persona';
  const rows = rungs.flatMap((rung, at) => (rung.skipped === undefined ? [rowOf(rung, candidates[at]!, consistency)] : []));
  const isProbed = rungs.some(({ probes }) => probes !== undefined);
  const isBeside = rows.some(({ kind }) => kind === 'prompt') && rows.some(({ kind }) => kind !== 'prompt');
  return isProbed || (persona !== undefined && isBeside) ? rows : undefined;
}

function rowOf(rung: VerdictRung, { tuned, model, overlays = [] }: CandidateEvidence, held: string): ComparisonRow {
  const { metrics, latencyMs, tokens, costPer1k } = rung;
  const consistency = metrics[held];
  const robustness = metrics['jailbreakResistance'];
  const flexibility = metrics['overlayKept'];
  // a rung without a language model was trained all the same: a classifier on the examples
  const isTrained = tuned || model === null;
  return {
    rung: rung.rung,
    kind: !isTrained ? 'prompt' : overlays.length === 0 ? 'tuned' : 'tuned with overlay',
    setup: { ...rung.setup },
    ...(latencyMs === undefined ? {} : { latencyMs: { ...latencyMs } }),
    ...(consistency === undefined ? {} : { consistency }),
    ...(robustness === undefined ? {} : { robustness }),
    ...(flexibility === undefined ? {} : { flexibility }),
    ...(tokens === undefined ? {} : { tokens: { ...tokens } }),
    ...(costPer1k === undefined ? {} : { costPer1k }),
    expertise: isTrained ? 'ml' : 'prompting',
  };
}

import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import { earlyStop } from '#verdict/early-stop.ts';
import { type Measured, rightMetric } from './measure.ts';

/** The evidence of a climb that looks at a rung's rows as they come in and ends it where the early stop says so, rung after rung. */
export function climbed({ task, evidence }: Measured): EvidenceSet {
  const of = evidence.examples.length;
  const stopping = earlyStop(task, [rightMetric], evidence.candidates.length);
  const looks = stopping.looks(of);
  const candidates: CandidateEvidence[] = [];
  for (const whole of evidence.candidates) {
    let kept = whole;
    for (const look of looks) {
      const rows = endOfGroup(evidence.examples, look);
      if (rows === of) break;
      const candidate = firstRows(whole, rows);
      const stopped = stopping.judge({
        candidate,
        earlier: candidates,
        examples: evidence.examples,
        trainingRows: evidence.counts.train,
        rows,
        of,
      });
      if (stopped === undefined) continue;
      kept = { ...candidate, stopped };
      break;
    }
    candidates.push(kept);
  }
  return { ...evidence, candidates, lookedEarly: true };
}

/** A group that was begun is measured whole, as a climb does. */
function endOfGroup(examples: EvidenceSet['examples'], rows: number): number {
  let end = rows;
  while (end < examples.length && examples[end]!.group !== undefined && examples[end]!.group === examples[end - 1]!.group) end++;
  return end;
}

function firstRows(candidate: CandidateEvidence, rows: number): CandidateEvidence {
  const cut = (column: Float64Array) => {
    const part = new Float64Array(column.length).fill(Number.NaN);
    part.set(column.subarray(0, rows));
    return part;
  };
  return {
    ...candidate,
    scores: Object.fromEntries(Object.entries(candidate.scores).map(([id, column]) => [id, cut(column)])),
    latencyMs: cut(candidate.latencyMs),
    cost: cut(candidate.cost),
    inputTokens: cut(candidate.inputTokens),
    outputTokens: cut(candidate.outputTokens),
  };
}

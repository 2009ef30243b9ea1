import type { CandidateEvidence } from '#core/evidence.ts';
import type { Traffic } from '#core/task.ts';
import type { BreakEven } from '#core/verdict.ts';
import { breakEvenRequests } from '#economics/break-even.ts';
import { type CandidateCost, monthlyFixed } from '#economics/horizon.ts';
import { meanEstimate } from '#statistics/mean.ts';
import type { RungMeasures } from './rung-measures.ts';

/**
 * Break-even between every pair of priced rungs. `from` costs less to set up (the earlier rung where both cost the
 * same); the saving is measured in pairs on the same rows, with what wrong answers cost, less what hosting, maintenance
 * and changes of requirements add to a request at the present volume.
 */
export function breakEvens(rungs: readonly RungMeasures[], traffic: Traffic, confidence: number): BreakEven[] {
  const priced = rungs.flatMap(({ evidence, cost }) => (cost === undefined ? [] : [{ evidence, cost }]));
  return priced.flatMap((one, index) => priced.slice(index + 1).flatMap((other) => breakEvenOf(one, other, traffic, confidence) ?? []));
}

interface Priced {
  readonly evidence: CandidateEvidence;
  readonly cost: CandidateCost;
}

function breakEvenOf(one: Priced, other: Priced, traffic: Traffic, confidence: number): BreakEven | undefined {
  const [from, to] = other.cost.setup < one.cost.setup ? [other, one] : [one, other];
  const saving = meanEstimate(differences(from.evidence, to.evidence), confidence);
  if (saving === undefined) return undefined;
  const besides = besidesTokens(to.cost, traffic) - besidesTokens(from.cost, traffic);
  if (!Number.isFinite(besides)) return undefined;
  return {
    from: from.evidence.candidate,
    to: to.evidence.candidate,
    ...breakEvenRequests(to.cost.setup - from.cost.setup, {
      value: saving.value - besides,
      low: saving.low - besides,
      high: saving.high - besides,
    }),
  };
}

function differences(from: CandidateEvidence, to: CandidateEvidence): Float64Array {
  return from.cost.map((cost, row) => cost - (to.cost[row] ?? Number.NaN));
}

/** Nano-dollars a request besides its tokens; infinite where fixed costs meet no requests. */
function besidesTokens(cost: CandidateCost, traffic: Traffic): number {
  const monthly = monthlyFixed(cost, traffic);
  const fixed = monthly === 0 ? 0 : monthly / (traffic.requestsPerMonth * traffic.turns);
  return fixed + (cost.wrongPerRequest ?? 0);
}

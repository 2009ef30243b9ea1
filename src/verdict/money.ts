import type { CandidateEvidence } from '#core/evidence.ts';
import type { Traffic } from '#core/task.ts';
import type { BreakEven } from '#core/verdict.ts';
import { breakEvenRequests } from '#economics/break-even.ts';
import { type CostLine, crossoversOf } from '#economics/cheapest.ts';
import { horizonFixed } from '#economics/horizon.ts';
import { meanEstimate } from '#statistics/mean.ts';
import type { RungMeasures } from './rung-measures.ts';

/**
 * Break-even between every pair of priced rungs. `from` costs less to set up (the earlier rung where both cost the
 * same); the saving is measured in pairs on the same rows, less what retraining at every change of requirements adds.
 */
export function breakEvens(rungs: readonly RungMeasures[], traffic: Traffic, confidence: number): BreakEven[] {
  const priced = rungs.filter((rung) => rung.cost !== undefined);
  return priced.flatMap((one, index) => priced.slice(index + 1).flatMap((other) => breakEvenOf(one, other, traffic, confidence) ?? []));
}

function breakEvenOf(one: RungMeasures, other: RungMeasures, traffic: Traffic, confidence: number): BreakEven | undefined {
  const [from, to] = other.evidence.setup.cost < one.evidence.setup.cost ? [other, one] : [one, other];
  const saving = meanEstimate(differences(from.evidence, to.evidence), confidence);
  if (saving === undefined) return undefined;
  const retraining = retrainingPerRequest(to, traffic) - retrainingPerRequest(from, traffic);
  return {
    from: from.evidence.candidate,
    to: to.evidence.candidate,
    ...breakEvenRequests(to.evidence.setup.cost - from.evidence.setup.cost, {
      value: saving.value - retraining,
      low: saving.low - retraining,
      high: saving.high - retraining,
    }),
  };
}

/** Each rung's cost over the horizon as a line over the monthly volume, in nano-dollars; named by candidate. */
function costLines(rungs: readonly RungMeasures[], traffic: Traffic): CostLine[] {
  return rungs.flatMap(({ cost, evidence }) =>
    cost === undefined
      ? []
      : [{ name: evidence.candidate, fixed: horizonFixed(cost, traffic), slope: cost.perRequest * traffic.turns * traffic.horizonMonths }],
  );
}

/** The volumes next to the present one at which the chosen candidate stops being the cheapest of those that qualify. */
export function nextVolumes(rungs: readonly RungMeasures[], chosen: string, traffic: Traffic): { below?: Turn; above?: Turn } {
  const crossovers = crossoversOf(costLines(rungs, traffic));
  const below = crossovers.findLast((crossover) => crossover.to === chosen && crossover.requestsPerMonth > 0);
  const above = crossovers.find((crossover) => crossover.from === chosen && crossover.requestsPerMonth > traffic.requestsPerMonth);
  return {
    ...(below === undefined ? {} : { below: { requestsPerMonth: below.requestsPerMonth, candidate: below.from } }),
    ...(above === undefined ? {} : { above: { requestsPerMonth: above.requestsPerMonth, candidate: above.to } }),
  };
}

/** A monthly volume and the candidate that is the cheapest beyond it. */
export interface Turn {
  readonly requestsPerMonth: number;
  readonly candidate: string;
}

function differences(from: CandidateEvidence, to: CandidateEvidence): Float64Array {
  return from.cost.map((cost, row) => cost - (to.cost[row] ?? Number.NaN));
}

function retrainingPerRequest({ cost }: RungMeasures, traffic: Traffic): number {
  if (cost === undefined || !cost.tuned) return 0;
  const monthly = traffic.requirementChangesPerMonth * cost.setup;
  return monthly === 0 ? 0 : monthly / (traffic.requestsPerMonth * traffic.turns);
}

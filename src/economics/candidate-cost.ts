import { fromDollars } from '#core/money.ts';
import type { Costs, RungCosts } from '#core/task.ts';
import type { CandidateCost, Ends } from './horizon.ts';

const noCosts: RungCosts = { engineeringHours: 0, hostingPerMonth: 0, maintenanceHoursPerMonth: 0, engineeringHoursPerChange: 0 };

/** What was measured of a rung; money in nano-dollars. */
interface MeasuredRung {
  /** Name of its ladder entry. */
  readonly name: string;
  readonly setup: number;
  readonly perRequest: number;
  /** True where a trainer made it. */
  readonly tuned: boolean;
  /** Labelled rows that it learnt its weights from; 0 where it learnt none. */
  readonly labelledRows: number;
  /** Share of its answers that are wrong. */
  readonly wrongShare: number;
}

/**
 * What a rung costs with the prices of the task's `costs:`. Labels and engineering are added to the set-up, hosting and
 * maintenance to every month. A change of requirements costs the measured set-up again where the rung was tuned, and the
 * rung's own hours; labels are not bought again.
 */
export function candidateCost(measured: MeasuredRung, costs: Costs): CandidateCost {
  const own = costs.rungs[measured.name] ?? noCosts;
  const work = own.engineeringHours * costs.engineeringHour + measured.labelledRows * costs.label;
  return {
    setup: measured.setup + fromDollars(work),
    perRequest: measured.perRequest,
    tuned: measured.tuned,
    monthly: fromDollars(own.hostingPerMonth + own.maintenanceHoursPerMonth * costs.engineeringHour),
    perChange: (measured.tuned ? measured.setup : 0) + fromDollars(own.engineeringHoursPerChange * costs.engineeringHour),
    wrongPerRequest: measured.wrongShare * fromDollars(costs.wrongAnswer),
  };
}

/** Nano-dollars a request that wrong answers cost, at the ends of the interval of the share of right answers. */
export function wrongCostEnds(right: Ends, costs: Costs): Ends {
  const at = (share: number) => Math.min(1, Math.max(0, 1 - share)) * fromDollars(costs.wrongAnswer);
  return { low: at(right.high), high: at(right.low) };
}

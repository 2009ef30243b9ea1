import { toDollars } from '#core/money.ts';
import type { OpenRun } from './open-run.ts';

/** What a run has spent since its clock showed `begun`. */
export function spentOf({ budget, meter, clock }: Pick<OpenRun, 'budget' | 'meter' | 'clock'>, begun: number) {
  return {
    dollars: toDollars(budget.spent),
    calls: budget.calls,
    cached: meter.cached,
    retries: meter.retries,
    failures: meter.failures,
    seconds: (clock.elapsed() - begun) / 1000,
  };
}

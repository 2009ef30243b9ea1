import { nanoDollarsPerDollar } from '#core/money.ts';
import { type CostComparison, type CostParts, compareCosts } from './compare-costs.ts';
import { requestCost } from './request-cost.ts';
import type { Scenario, ScenarioApproach } from './scenario.ts';

/** Hours of a month that hosting by the hour is paid for: a twelfth of 365 days. */
const hoursPerMonth = 730;

/** What each approach costs, when one overtakes another, and at which monthly volumes the cheapest changes. Pure arithmetic. */
export function costScenario(scenario: Scenario): CostComparison {
  return compareCosts(
    scenario.approaches.map((approach) => approachParts(approach, scenario)),
    scenario,
  );
}

function approachParts(approach: ScenarioApproach, { turns, wrongAnswer }: Scenario): CostParts {
  const { oneTime, perMonth } = approach;
  const hourlyRate = oneTime.hourlyRate ?? 0;
  const training = oneTime.training + (oneTime.trainingTokens * oneTime.epochs * (oneTime.trainingPerMillion ?? 0)) / 1e6;
  const labels = oneTime.labels + oneTime.labelledRows * (oneTime.pricePerLabel ?? 0);
  const hosting = perMonth.hosting + perMonth.hostingPerHour * hoursPerMonth;
  const maintenance = perMonth.maintenance + perMonth.maintenanceHours * hourlyRate;
  const monthly = hosting + maintenance + perMonth.retrains * (perMonth.retrainCost ?? training);
  return {
    name: approach.name,
    perRequest: withoutFractionDust(requestCost(approach, approach.turns ?? turns)),
    wrongPerRequest: withoutFractionDust((1 - (approach.accuracy ?? 1)) * wrongAnswer * nanoDollarsPerDollar),
    oneTime: (training + labels + oneTime.engineeringHours * hourlyRate) * nanoDollarsPerDollar,
    monthlyFixed: monthly * nanoDollarsPerDollar,
  };
}

/** The same price reached by two ways of adding must be the same number, or a saving of nothing would break even some day. */
function withoutFractionDust(nanoDollars: number): number {
  return Number(nanoDollars.toPrecision(14));
}

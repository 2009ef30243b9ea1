import { toDollars } from '#core/money.ts';
import type { Verdict } from '#core/verdict.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { count, dollars, goalText } from './figures.ts';
import type { JudgedGoal } from './goals.ts';

/** More rows of the test split that would decide a rung if its values stay; undefined where no reasonable number would. */
export function rowsToDecide({ goals }: JudgedRung): number | undefined {
  const rows = goals.filter(({ status }) => status === 'undecided').map(({ moreRows }) => moreRows);
  return rows.length === 0 || rows.some((more) => more === undefined) ? undefined : Math.max(...rows.map((more) => more!));
}

/** What would decide an undecided verdict: rows of the cheapest open rung, and what asking them would cost. */
export function undecidedOf(choice: Choice): Verdict['undecided'] {
  const rung = choice.open[0];
  if (choice.kind !== 'undecided' || rung === undefined) return null;
  const name = rung.measures.evidence.rung;
  const pending = rung.goals.filter(({ status }) => status === 'undecided').map(({ goal }) => goalText(goal));
  const rows = rowsToDecide(rung) ?? null;
  const perRow = rung.measures.cost?.perRequest;
  const price = perRow === undefined || rows === null ? null : toDollars(Math.round(perRow * rows));
  const clearing = choice.open.find(({ goals }) => goals.every(clears))?.measures.evidence;
  const waiting = clearing === undefined ? '' : ` Until then ${clearing.rung} is the cheapest that clears every goal as its values stand.`;
  return {
    rung: name,
    rows,
    dollars: price,
    why: `${rowsText(name, pending.join(' and '), rows, price)}${waiting}`,
    meanwhile: clearing === undefined ? null : { rung: clearing.rung, candidate: clearing.candidate },
  };
}

function clears({ goal, estimate }: JudgedGoal): boolean {
  if (estimate === undefined) return false;
  return goal.operator === '>=' ? estimate.value >= goal.bound : estimate.value <= goal.bound;
}

function rowsText(name: string, goals: string, rows: number | null, price: number | null): string {
  if (rows === null) return `${name} stands so close to ${goals} that no reasonable number of rows would decide it.`;
  const cost = price === null ? 'at a price that is not known' : `for about ${dollars(price)} of requests`;
  return `About ${count(rows)} more test rows would decide whether ${name} meets ${goals}, ${cost}, if its values stay.`;
}

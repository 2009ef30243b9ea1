import { toDollars } from '#core/money.ts';
import type { Verdict } from '#core/verdict.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { count, dollars, goalText } from './figures.ts';

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
  const rows = rowsToDecide(rung);
  if (rows === undefined) {
    const why = `${name} stands so close to ${pending.join(' and ')} that no reasonable number of rows would decide it.`;
    return { rung: name, rows: null, dollars: null, why };
  }
  const perRow = rung.measures.cost?.perRequest;
  const price = perRow === undefined ? null : toDollars(Math.round(perRow * rows));
  const cost = price === null ? 'at a price that is not known' : `for about ${dollars(price)} of requests`;
  return {
    rung: name,
    rows,
    dollars: price,
    why: `About ${count(rows)} more test rows would decide whether ${name} meets ${pending.join(' and ')}, ${cost}, if its values stay.`,
  };
}

import type { GuardResult } from '#core/guard.ts';

const order: readonly GuardResult['status'][] = ['failed', 'undecided', 'passed', 'skipped'];

/** One result of several parts, of which there is at least one: the worst decides; what the others found is told behind it. */
export function worstOf(results: readonly GuardResult[]): GuardResult {
  const sorted = [...results].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const cases = results.flatMap(({ cases = [] }) => cases);
  return { ...sorted[0]!, why: sorted.map(({ why }) => why).join(' '), ...(cases.length === 0 ? {} : { cases }) };
}

import type { GuardPart, GuardResult } from '#core/guard.ts';

const order: readonly GuardResult['status'][] = ['failed', 'undecided', 'passed', 'skipped'];

/**
 * One result of several parts, of which there is at least one: the worst decides; each keeps its own figures. A model passes
 * only where every part does, so judging more of them never lets more through (Berger 1982, Technometrics 24:295-300).
 */
export function worstOf(results: readonly GuardResult[]): GuardResult {
  const sorted = [...results].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const cases = results.flatMap(({ cases = [] }) => cases);
  const suggestions = [...new Set(sorted.filter(({ status }) => status !== 'passed').flatMap((each) => each.suggestions ?? []))];
  return {
    ...sorted[0]!,
    why: sorted.map(({ why }) => why).join(' '),
    ...(cases.length === 0 ? {} : { cases }),
    ...(suggestions.length === 0 ? {} : { suggestions }),
    ...(sorted.length === 1 ? {} : { parts: sorted.map(partOf) }),
  };
}

/** The figures of one result among several. */
export function partOf({ status, measure, value, low, high, n, method, limit, why }: GuardResult): GuardPart {
  const figures = { measure, value, low, high, n, method, limit };
  return { status, why, ...Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== undefined)) };
}

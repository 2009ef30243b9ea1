import type { Estimate } from '#core/estimate.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { count, dollars, milliseconds } from './figures.ts';
import { counted, intervalAt, isNumber, known, nameOf, type Reasoned } from './reasoning-words.ts';

/** Steps named of one rung; a rung of many votes has many. */
const stepsShown = 5;

/** What a rung costs and takes over the one before it, row by row. */
export function serviceLines({ rung, gain }: VerdictRung, verdict: Reasoned): string[] {
  if (gain === null) return [];
  const { confidence } = verdict.criteria;
  const parts = [
    ...(gain.costPer1k === undefined ? [] : [`costs ${differenceText(gain.costPer1k, dollars, confidence)} per 1,000 requests`]),
    ...(gain.latencyMs === undefined ? [] : [`takes ${differenceText(gain.latencyMs, milliseconds, confidence)} at the median`]),
  ];
  return parts.length === 0 ? [] : [`${rung} over ${nameOf(verdict, gain.over)}, row by row: ${parts.join('; ')}.`];
}

/** "$0.12 more (95 % interval $0.10 to $0.14, n 240, t)". */
function differenceText(estimate: Estimate, text: (value: number) => string, confidence: number): string {
  const signed = (value: number) => (value < 0 ? `−${text(-value)}` : text(value));
  const { value, low, high, n, method } = estimate;
  const range = isNumber(low) && isNumber(high) ? `${signed(low)} to ${signed(high)}` : 'not known';
  const difference = value === 0 ? 'the same' : `${known(Math.abs(value), text)} ${value > 0 ? 'more' : 'less'}`;
  return `${difference} (${intervalAt(confidence)} ${range}, n ${known(n, count)}, ${method})`;
}

/** What guards found of a tuned rung. */
export function guardLines({ rung, guards = [] }: VerdictRung): string[] {
  return guards.map(({ id, status, why, blocks }) => {
    const told =
      status === 'failed' || status === 'undecided' ? (blocks ? ', which keeps it from being chosen' : ', which is told only') : '';
    return `${rung}, the guard ${id}: ${status === 'skipped' ? 'not run' : status}${told}. ${why}`;
  });
}

/** Steps of a rung's answers that could not be used, the most frequent first. */
export function stepFaultLines({ rung, stepFaults = [] }: VerdictRung): string[] {
  const worst = [...stepFaults].sort((a, b) => b.rows - a.rows);
  const lines = worst.slice(0, stepsShown).map(({ step, rows, of, why }) => {
    const name = step.replace(/\s+/g, ' ');
    return `${rung}, the step ${JSON.stringify(name)}: not usable in ${known(rows, count)} of ${counted(of, 'answer')}. The first: ${why}`;
  });
  const more = worst.length - stepsShown;
  return more > 0 ? [...lines, `${rung}: and ${counted(more, 'step')} more with answers that could not be used.`] : lines;
}

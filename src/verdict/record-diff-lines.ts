import { capital, count, dollars, measureName, measureText, percent } from './figures.ts';
import type { Change, Measured, MeasuredChange, RungChange, VerdictDiff } from './record-change.ts';

/** The differences in words, the weightiest first; none where nothing differs. */
export function diffLines(diff: Omit<VerdictDiff, 'same' | 'lines'>): string[] {
  const { task, status, chosen, criteria, triggers } = diff;
  return [
    ...line(task, 'Task', (name) => name),
    ...line(status, 'Status', (word) => word),
    ...line(chosen, 'Chosen', (rung) => rung ?? 'none'),
    ...Object.entries(diff.goals).map(
      ([measure, { before, after }]) => `Goal on ${measureName(measure)}: ${before ?? 'none'} → ${after ?? 'none'}`,
    ),
    ...line(criteria.confidence, 'Confidence', percent),
    ...line(criteria.hash, 'Criteria', short),
    ...line(criteria.splitHash, 'Split', short),
    ...line(criteria.changed, 'Criteria and split', (changed) => (changed ? 'changed after the first answer' : 'as registered')),
    ...line(criteria.testLooks, 'Looks at the test split', count),
    ...diff.rungs.flatMap(rungLines),
    ...triggers.fired.map((id) => `Trigger ${id} has fired`),
    ...Object.entries(triggers.moved).map(([id, { before, after }]) => `Trigger ${id}: ${before} → ${after}`),
    ...(triggers.added.length === 0 ? [] : [`New triggers: ${triggers.added.join(', ')}`]),
    ...(triggers.removed.length === 0 ? [] : [`Triggers that are gone: ${triggers.removed.join(', ')}`]),
  ];
}

function line<T>(change: Change<T> | null, what: string, text: (value: T) => string): string[] {
  return change === null ? [] : [`${what}: ${text(change.before)} → ${text(change.after)}`];
}

function short(hash: string): string {
  return hash.slice(0, 12);
}

function rungLines({ rung, change, candidate, figures, goals, horizonCost, skipped }: RungChange): string[] {
  if (change === 'added') return [`${rung}: new on the ladder`];
  if (change === 'removed') return [`${rung}: no longer on the ladder`];
  const horizon = (value: number | null) => (value === null ? 'not known' : dollars(value));
  return [
    ...line(skipped, `${rung}: skipped`, (why) => why ?? 'no'),
    ...line(candidate, `${rung}: candidate`, (id) => id || 'none'),
    ...Object.entries(figures).map(([figure, change]) => `${rung}: ${figureLine(figure, change)}`),
    ...Object.entries(goals).map(
      ([measure, { before, after }]) => `${rung}: goal on ${measureName(measure)} ${before ?? 'none'} → ${after ?? 'none'}`,
    ),
    ...line(horizonCost, `${rung}: cost over the horizon`, horizon),
  ];
}

function figureLine(figure: string, { before, after, real }: MeasuredChange): string {
  const verdict = real === null ? '' : real ? ': a real change, the intervals are apart' : ': within the interval';
  return `${capital(measureName(figure))} ${measuredText(figure, before)} → ${measuredText(figure, after)}${verdict}`;
}

function measuredText(figure: string, measured: Measured | null): string {
  if (measured === null) return 'not measured';
  const { value, low, high, n, unit } = measured;
  const text = (at: number) => (figure === 'costPer1k' ? dollars(at) : measureText(figure, at, unit));
  const ends = [low === null ? 'under the smallest' : text(low), high === null ? 'over the largest' : text(high)];
  return `${measureText(figure, value, unit)} (${ends.join(' to ')}, n ${count(n)})`;
}

import { countText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { ProgressState, RungState } from './progress-state.ts';
import { estimateWords, failedWords, leftWords, stoppedWords, tookWords, trainingWords } from './rung-words.ts';

function words(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

function position({ done, total }: { done: number; total: number }, unit: string): string {
  return `${countText(done)} of ${countText(total)} ${unit}`;
}

/** What a rung has just begun or ended, as one line of a log. */
export function changeLine(rung: RungState): string {
  const name = shortText(rung.rung, 80);
  if (rung.phase === 'done' && rung.afterwards !== undefined) return `${name}: ${shortText(rung.afterwards, 200)}`;
  if (rung.phase === 'done') {
    const reached = rung.rows === undefined ? 'done' : position(rung.rows, 'rows');
    const rest = [estimateWords(rung), failedWords(rung), tookWords(rung)];
    return `${name}: ${words(rung.stopped === undefined ? [reached, ...rest] : [...rest, stoppedWords(rung)])}`;
  }
  if (rung.phase === 'skipped') return `${name}: skipped, ${shortText(rung.why ?? '', 300)}`;
  if (rung.phase === 'preparing') return `${name}: ${shortText(rung.message ?? 'preparing', 200)}`;
  if (rung.phase === 'training')
    return `${name}: training${rung.training === undefined ? '' : `, ${countText(rung.training.steps.total)} steps`}`;
  return `${name}: measuring ${countText(rung.rows?.total ?? rung.planned)} rows`;
}

/** Where a rung stands, as one line of a log. */
export function standingLine(rung: RungState, state: ProgressState, now: number): string {
  const name = shortText(rung.rung, 80);
  const left = leftWords(state, now);
  if (rung.phase === 'training' && rung.training !== undefined)
    return `${name}: ${words([position(rung.training.steps, 'steps'), trainingWords(rung), left])}`;
  if (rung.phase === 'measuring' && rung.rows !== undefined)
    return `${name}: ${words([position(rung.rows, 'rows'), estimateWords(rung), failedWords(rung), left])}`;
  const units = rung.preparing === undefined ? '' : position(rung.preparing, 'done');
  return `${name}: ${words([shortText(rung.message ?? rung.phase, 200), units, left])}`;
}

import { countText, durationText, plainText, valueTextOf } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { ProgressState, RungState } from './progress-state.ts';
import { timeLeft } from './time-left.ts';

/** "accuracy 61.7 % (52.8–69.9 %, n 120)"; nothing while there is no estimate. */
export function estimateWords({ estimate, metric }: RungState): string {
  if (estimate === undefined) return '';
  const text = valueTextOf([estimate.value, estimate.low, estimate.high]);
  return `${shortText(metric ?? 'score', 24)} ${text.value(estimate.value)} (${text.interval(estimate)}, n ${countText(estimate.n)})`;
}

/** "loss 0.412, validation 0.518, accuracy 88.0 %", as far as known. */
export function trainingWords({ training }: RungState): string {
  if (training === undefined) return '';
  const { trainLoss, validationLoss, metric } = training;
  const words = [
    Number.isFinite(trainLoss) ? `loss ${plainText(trainLoss)}` : undefined,
    validationLoss === undefined ? undefined : `validation ${plainText(validationLoss)}`,
    metric === undefined ? undefined : `metric ${valueTextOf([metric]).value(metric)}`,
  ];
  return words.filter((word) => word !== undefined).join(', ');
}

export function failedWords({ failed }: RungState): string {
  return failed === 0 ? '' : `${countText(failed)} failed`;
}

/** "stopped after 100 of 400 rows: surely misses accuracy of at least 90 %"; nothing where every row was asked. */
export function stoppedWords({ stopped }: RungState): string {
  if (stopped === undefined) return '';
  return `stopped after ${countText(stopped.rows)} of ${countText(stopped.of)} rows: ${shortText(stopped.why, 200)}`;
}

/** How long a rung took. */
export function tookWords({ startedAt, endedAt }: RungState): string {
  return startedAt === undefined || endedAt === undefined ? '' : durationText((endedAt - startedAt) / 1000);
}

/** Whole seconds: a clock that shows tenths only flickers. */
export function clockWords(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : durationText(seconds);
}

/** "about 24 s left", with what it leaves out; "-" where nothing has been measured to tell it from, nothing at the end. */
export function leftWords(state: ProgressState, now: number): string {
  if (state.rungs.every((rung) => rung.phase === 'done' || rung.phase === 'skipped')) return '';
  const left = timeLeft(state, now);
  if (left === undefined) return 'time left: -';
  const seconds = left.seconds < 1 ? 'under 1 s' : `about ${clockWords(Math.ceil(left.seconds))}`;
  return `${seconds} left${left.more ? ' + preparing' : ''}`;
}

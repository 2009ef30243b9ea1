import { countText, dollarsText, durationText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { TuneDryRun } from '../tune-dry-run.ts';
import { formatDryRun } from './format-dry-run.ts';
import { prose } from './terminal/prose.ts';
import type { Line } from './terminal/styled-line.ts';

/** A dry run of a tune as lines for people. */
export function formatTuneDryRun(dry: TuneDryRun, columns: number): Line[] {
  const asked = formatDryRun(dry, 'The tune')
    .trimEnd()
    .split('\n')
    .map((text): Line => [{ text }]);
  const { training } = dry;
  if (training === null) return asked;
  const { trainer, base, method, rows, tokens, dollars, seconds, how, ends } = training;
  const cost =
    dollars === undefined
      ? ''
      : dollars === null
        ? ', price not known'
        : dollars === 0
          ? ', nothing is charged'
          : `, about ${dollarsText(dollars)}`;
  const size =
    tokens === undefined ? '' : `: ${countText(tokens)} tokens${cost}${seconds === undefined ? '' : `, ${durationText(seconds)}`}`;
  const what = `${trainer} would tune ${shortText(base, 80)} (${method}) on ${countText(rows.train)} rows, ${countText(rows.validation)} to validate on${size}${how === undefined ? '' : ` (${withoutStop(shortText(how, 300))})`}.`;
  return [
    ...asked,
    ...prose(what, columns),
    ...ends.flatMap((end) => prose(`From ${end.on}: ${end.what} (${end.source})`, columns, 'yellow')),
  ];
}

/** A sentence as a part of another. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

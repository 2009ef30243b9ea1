import type { DataFinding } from '#core/data-check.ts';
import type { DataCheckDocument } from '#data/check-data-document.ts';
import { countText, durationText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { TrainingEstimate } from './data-check-estimates.ts';
import type { Mended } from './data-check-mend.ts';
import type { TrainingTime } from './data-check-times.ts';
import { prose } from './terminal/prose.ts';
import type { Line, Style } from './terminal/styled-line.ts';
import { textTable } from './terminal/text-table.ts';

const families = ['clean', 'consistent', 'diverse', 'balanced', 'representative'] as const;
const styles: Readonly<Record<DataFinding['severity'], Style>> = { error: 'red', warning: 'yellow', info: 'gray' };
const barCells = 20;
const shownRows = 12;
const shownExamples = 3;

/** The report of a check for people: findings by severity, scores as bars, tokens and what training would cost. */
export function formatDataCheck(
  document: DataCheckDocument,
  { estimates, times }: { readonly estimates: readonly TrainingEstimate[]; readonly times: readonly TrainingTime[] },
  columns: number,
): Line[] {
  const { findings, rows, sampled } = document;
  const count = (severity: DataFinding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  const read = `${plural(rows, 'row')}${sampled === undefined ? '' : ` of ${countText(sampled.of)}, a sample`}`;
  return [
    ...prose(`${document.file}: ${read}. ${document.recognised}`, columns),
    [],
    ...findings.flatMap((finding) => findingLines(finding, columns)),
    ...(findings.length === 0
      ? prose('Nothing found.', columns, 'green')
      : prose(
          `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}, ${plural(count('info'), 'remark')}.`,
          columns,
          'bold',
        )),
    [],
    ...scoreLines(document),
    [],
    ...tokenLines(document, columns),
    ...estimateLines(estimates, times.length > 0, columns),
    ...timeLines(times, columns),
    ...prose(timeText(document), columns, 'gray'),
  ];
}

/** What `--fix` wrote, for people. */
export function formatMended({ target, changes, byRule, changesFile, dropped }: Mended, columns: number): Line[] {
  const rules = Object.entries(byRule).map(([rule, count]) => `${rule} ${countText(count)}`);
  const undo = changesFile === undefined ? '' : ` The changes are listed in ${changesFile}; --undo takes them back.`;
  const lost =
    dropped.length === 0
      ? ''
      : ` ${plural(dropped.length, 'row')} could not be read and ${dropped.length === 1 ? 'was' : 'were'} left out.`;
  return [
    [],
    ...prose(
      changes === 0
        ? `Nothing could be mended without guessing; ${target} holds the rows as they were.${lost}`
        : `${plural(changes, 'row')} mended into ${target}: ${rules.join(', ')}.${undo}${lost}`,
      columns,
    ),
  ];
}

function findingLines({ rule, severity, rows, count, message, fix, examples }: DataFinding, columns: number): Line[] {
  const where =
    rows.length === 0
      ? ''
      : ` Row${count === 1 ? '' : 's'} ${rows.slice(0, shownRows).join(', ')}${count > shownRows ? `, and ${countText(count - Math.min(shownRows, rows.length))} more` : ''}.`;
  return [
    [
      { text: severity, style: styles[severity] },
      { text: `  ${rule}`, style: 'bold' },
    ],
    ...prose(`${message}${where}`, columns, undefined, '  '),
    ...examples
      .slice(0, shownExamples)
      .map(
        ({ row, text }): Line => [{ text: `  ${row}: ${shortText(text, Math.max(20, columns - 6 - String(row).length))}`, style: 'gray' }],
      ),
    ...prose(fix, columns, undefined, '  → '),
    [],
  ];
}

function scoreLines({ scores, measures, rows }: DataCheckDocument): Line[] {
  return families.map((family): Line => {
    const value = scores[family];
    const name = { text: `${family.padEnd(15)}` };
    if (value === undefined) return [name, { text: '·'.repeat(barCells), style: 'gray' }, { text: '  not measured', style: 'gray' }];
    const full = Math.round(value * barCells);
    const parts = measures[family] ?? [];
    const [only] = parts;
    const interval =
      parts.length === 1 && only?.low !== undefined && only.high !== undefined ? ` (${only.low.toFixed(2)}–${only.high.toFixed(2)})` : '';
    return [
      name,
      { text: '█'.repeat(full), style: value >= 0.95 ? 'green' : value >= 0.8 ? 'yellow' : 'red' },
      { text: '░'.repeat(barCells - full), style: 'gray' },
      { text: `  ${value.toFixed(2)}${interval}` },
      { text: `  n ${countText(only?.n ?? rows)}; ${parts.map(({ method }) => method).join('; ')}`, style: 'gray' },
    ];
  });
}

function tokenLines({ tokens }: DataCheckDocument, columns: number): Line[] {
  const { total, answers, perRow, tokenizer, estimated } = tokens;
  if (typeof total !== 'number' || typeof answers !== 'number') return [];
  const spread =
    typeof perRow === 'object' && perRow !== null && 'p50' in perRow
      ? ` A row has ${countText(Number(perRow.p50))} in the middle, ${countText(Number(perRow['p95']))} at the 95th percentile, ${countText(Number(perRow['max']))} at most.`
      : '';
  return prose(
    `${estimated === true ? 'About ' : ''}${countText(total)} tokens, ${countText(answers)} of them in answers, by ${String(tokenizer)}.${spread}`,
    columns,
  );
}

function estimateLines(estimates: readonly TrainingEstimate[], isTimed: boolean, columns: number): Line[] {
  const [first] = estimates;
  if (first === undefined || first.tokens === 0) return [];
  const priced = estimates.filter(({ dollars }) => dollars !== undefined).sort((a, b) => a.dollars! - b.dollars!);
  const unknown = estimates.filter(({ dollars }) => dollars === undefined).map(({ model }) => model);
  return [
    [],
    ...prose(
      `Training ${first.epochs} epochs: ${countText(first.tokens)} tokens. Prices as published${isTimed ? '' : '; how long it takes no source says (with --model nano a measured speed does)'}.`,
      columns,
    ),
    ...textTable<TrainingEstimate>(
      [
        { title: 'model', keep: 3, cell: ({ model }) => [{ text: shortText(model, 50) }] },
        { title: 'dollars', keep: 3, right: true, cell: ({ dollars }) => [{ text: dollars === undefined ? '–' : dollars.toFixed(2) }] },
        { title: 'as of', keep: 2, cell: ({ asOf, secondHand }) => [{ text: `${asOf}${secondHand ? ', second hand' : ''}` }] },
        { title: 'tuning ends', keep: 1, cell: ({ tuningEndsOn }) => [{ text: tuningEndsOn ?? '' }] },
      ],
      priced,
      columns,
    ),
    ...(unknown.length > 0 ? prose(`Price unknown: ${unknown.join(', ')}.`, columns, 'gray') : []),
  ];
}

function timeLines(times: readonly TrainingTime[], columns: number): Line[] {
  const [first] = times;
  if (first === undefined) return [];
  const each = times.map(
    ({ workers, seconds, tokensPerSecond }) =>
      `${durationText(seconds)} with ${plural(workers, 'worker')} (${countText(tokensPerSecond)} tokens a second)`,
  );
  return prose(
    `Training ${first.model} takes about ${each.join(', ')}, as measured on ${first.measuredOn}; ${first.measuredWith} measures yours. How long services take no source says.`,
    columns,
  );
}

function timeText({ seconds }: DataCheckDocument): string {
  const slowest = Object.entries(seconds.checks)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([id, spent]) => `${id} ${spent.toFixed(1)}`);
  return `${seconds.total.toFixed(1)} s: reading ${seconds.reading.toFixed(1)}, ${slowest.join(', ')}.`;
}

function plural(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`;
}

import type { Estimate } from '#core/estimate.ts';
import type { ProbeCase } from '#core/probe.ts';
import { countText, dollarsText, durationText, latencyText, plainText } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { QuantileEstimate } from '#statistics/quantile.ts';
import type { TaskProbeReport } from '../probe-task.ts';
import { prose } from './terminal/prose.ts';
import { type Line, renderLine, type Style } from './terminal/styled-line.ts';
import { type Column, textTable } from './terminal/text-table.ts';

type SeriesPoint = TaskProbeReport['series'][number];
type Family = TaskProbeReport['families'][number];

const plotWidth = 40;
const shownCases = 12;

/** What a probe found as lines for people: the measures, a plot of each that was followed, and the cases that failed. */
export function formatProbe(report: TaskProbeReport, { color, width }: { color: boolean; width: number }): string {
  const { task, probe, rung, candidate, model } = report;
  const lines: Line[] = [
    [{ text: `${task}: probe ${probe}`, style: 'bold' }, { text: `  ${rung} (${candidate}${model === null ? '' : `, ${model}`})` }],
    [],
    ...measureLines(report, width),
    ...plotLines(report),
    ...familyLines(report, width),
    ...caseLines(report, width),
    ...prose(footOf(report), width, 'gray'),
  ];
  return `${lines.map((line) => renderLine(line, { columns: width, color })).join('\n')}\n`;
}

function measureLines({ metrics, better, units, latencyMs }: TaskProbeReport, width: number): Line[] {
  const text = (id: string, value: number) => amountText(id, value, units[id]);
  const rows = Object.entries(metrics);
  const columns: Column<[string, Estimate]>[] = [
    { title: 'measure', keep: 5, cell: ([id]) => [{ text: id, style: 'bold' }] },
    { title: 'value', keep: 4, right: true, cell: ([id, { value }]) => [{ text: text(id, value) }] },
    { title: 'interval', keep: 3, cell: ([id, { low, high }]) => [{ text: `${text(id, low)} to ${text(id, high)}` }] },
    { title: 'n', keep: 3, right: true, cell: ([, { n }]) => [{ text: countText(n) }] },
    { title: 'better', keep: 1, cell: ([id]) => [{ text: better[id] ?? '', style: 'gray' }] },
  ];
  const measured: Line[] =
    rows.length === 0
      ? [[{ text: 'Nothing could be measured; the cases below say why.' }]]
      : [...textTable(columns, rows, width), ...prose(rows.map(([id, { method }]) => `${id}: ${method}`).join('; '), width, 'gray')];
  if (latencyMs === undefined) return [...measured, []];
  const { p50, p95 } = latencyMs;
  const times = `answers took p50 ${quantileText(p50)}, p95 ${quantileText(p95)}, n ${countText(p50.n)}, ${p50.method}`;
  return [...measured, [], ...prose(times, width), []];
}

type Unit = TaskProbeReport['units'][string];

/** A slope is per e-fold and may be negative; everything else is a share, or in the unit of its measure. */
function amountText(id: string, value: number, unit: Unit | undefined): string {
  if (id.endsWith('Slope')) {
    const size = unit === undefined ? Math.abs(value).toFixed(3) : unitText(Math.abs(value), unit);
    return `${value < 0 ? '−' : '+'}${size}`;
  }
  return unit === undefined ? shareText(value) : unitText(value, unit);
}

function unitText(value: number, unit: Unit): string {
  return unit === 'ms' ? latencyText(value) : `${plainText(value)} ${unit}`;
}

function shareText(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function quantileText({ value, low, high }: QuantileEstimate): string {
  const end = (bound: number | null) => (bound === null ? '?' : latencyText(bound));
  return `${latencyText(value)} (${end(low)} to ${end(high)})`;
}

/** One line per x: the interval as a bar, the value as a dot; from 0 to 100 %, or to the highest end where the measure has a unit. */
function plotLines({ series, units }: TaskProbeReport): Line[] {
  const measures = [...new Set(series.map(({ measure }) => measure))];
  const digits = Math.max(0, ...series.map(({ x }) => String(x).length));
  return measures.flatMap((measure): Line[] => {
    const unit = units[measure];
    const points = series.filter((point) => point.measure === measure);
    const full = unit === undefined ? 1 : Math.max(...points.map(({ value, high }) => Math.max(value, high)));
    const text = (value: number) => amountText('', value, unit);
    const scale = unit === undefined ? 'from 0 to 100 %' : `from 0 to ${text(full)}`;
    return [
      [
        { text: measure, style: 'bold' },
        { text: `  ${' '.repeat(Math.max(0, digits - measure.length))}${scale}`, style: 'gray' },
      ],
      ...points.map((point) => plotLine(point, digits, full, text)),
      [],
    ];
  });
}

function plotLine({ x, value, low, high, n }: SeriesPoint, digits: number, full: number, text: (value: number) => string): Line {
  const place = (amount: number) => Math.round((full > 0 ? Math.min(1, Math.max(0, amount / full)) : 0) * (plotWidth - 1));
  const bar = Array.from({ length: plotWidth }, (_, at): string => {
    if (at === place(value)) return '●';
    return at >= place(low) && at <= place(high) ? '─' : ' ';
  }).join('');
  return [
    { text: `${String(x).padStart(digits)} ` },
    { text: '│', style: 'gray' },
    { text: bar },
    { text: '│', style: 'gray' },
    { text: ` ${text(value)} (${text(low)} to ${text(high)}, n ${countText(n)})` },
  ];
}

function familyLines({ families }: TaskProbeReport, width: number): Line[] {
  if (families.length === 0) return [];
  const columns: Column<Family>[] = [
    { title: 'family', keep: 3, cell: ({ family }) => [{ text: shortText(family, 60) }] },
    { title: 'passed', keep: 2, right: true, cell: ({ passed }) => [{ text: `${Math.round(passed.value * passed.n)} of ${passed.n}` }] },
    { title: 'interval', keep: 1, cell: ({ passed }) => [{ text: `${shareText(passed.low)} to ${shareText(passed.high)}` }] },
  ];
  return [...textTable(columns, families, width), []];
}

/** Failed cases, the families in turn, so that one family does not hide the others; before them the cases that stand for many. */
function caseLines({ cases }: TaskProbeReport, width: number): Line[] {
  const failed = inTurn(
    cases.filter(({ passed }) => !passed),
    ({ family, id }) => family ?? id,
  );
  const good = cases.filter(({ family, passed }) => passed && family === undefined);
  const rest = failed.length - shownCases;
  const lines = [
    ...good.slice(0, shownCases).flatMap((each) => caseLine(each, '✓ ', 'green', width)),
    ...failed.slice(0, shownCases).flatMap((each) => caseLine(each, '✗ ', 'red', width)),
    ...(rest > 0 ? prose(`and ${countText(rest)} more that failed; --json has them all`, width, 'gray', '  ') : []),
  ];
  return lines.length === 0 ? [] : [...lines, []];
}

function caseLine({ id, reason }: ProbeCase, mark: string, style: Style, width: number): Line[] {
  const [first = [], ...rest] = prose(`${shortText(id, 60)}: ${shortText(reason, 300)}`, width - mark.length, undefined, '');
  const indent = { text: ' '.repeat(mark.length) };
  return [[{ text: mark, style }, ...first], ...rest.map((line) => [indent, ...line])];
}

function inTurn<T>(items: readonly T[], key: (item: T) => string): T[] {
  const rounds = new Map<string, number>();
  const placed = items.map((item) => {
    const round = rounds.get(key(item)) ?? 0;
    rounds.set(key(item), round + 1);
    return { item, round };
  });
  return placed.sort((a, b) => a.round - b.round).map(({ item }) => item);
}

function footOf({ spent, confidence, seed }: TaskProbeReport): string {
  const asked = `${countText(spent.calls)} calls, ${countText(spent.cached)} answers from the store`;
  const failures = spent.failures === 0 ? '' : `, ${countText(spent.failures)} without an answer`;
  return `${asked}${failures}, ${dollarsText(spent.dollars)}, ${durationText(spent.seconds)}; intervals at ${Number((100 * confidence).toFixed(2))} %, seed ${seed}`;
}

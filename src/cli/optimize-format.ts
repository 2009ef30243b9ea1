import type { Estimate } from '#core/estimate.ts';
import { countText, dollarsText, durationText, valueTextOf } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import type { OptimizeReport } from '../optimize-task.ts';
import { prose } from './terminal/prose.ts';
import { type Line, renderLine } from './terminal/styled-line.ts';
import { type Column, textTable } from './terminal/text-table.ts';

type Trial = OptimizeReport['trials'][number];

interface StyleOptions {
  readonly color: boolean;
  readonly width: number;
}

/** An optimisation as lines for people: the trials, accuracy against calls, and what the chosen version changes. */
export function formatOptimization(report: OptimizeReport, style: StyleOptions): string {
  return rendered(linesOf(report, style.width), style);
}

/** Earlier optimisations, the oldest first. */
export function formatHistory(reports: readonly OptimizeReport[], style: StyleOptions): string {
  if (reports.length === 0) return 'This task was not optimised yet: run rung optimize.\n';
  return rendered(
    reports.flatMap((report) => [...linesOf(report, style.width), []]),
    style,
  );
}

function rendered(lines: readonly Line[], { color, width }: StyleOptions): string {
  return `${lines.map((line) => renderLine(line, { columns: width, color })).join('\n')}\n`;
}

function linesOf(report: OptimizeReport, width: number): Line[] {
  const { task, rung, model, best, plateau, held, notes } = report;
  return [
    [
      { text: `${shortText(task, 60)}: optimised`, style: 'bold' },
      { text: `  ${shortText(rung, 40)} (${best.candidate}, ${shortText(model, 60)})` },
    ],
    [],
    ...tableLines(report, width),
    [],
    ...plotLines(report),
    ...changeLines(report, width),
    ...prose(plateau.reached ? `Plateau: ${plateau.why}.` : `Ended before a plateau: ${plateau.why}.`, width),
    ...(held === null ? [] : prose(heldText(report), width, held.passed ? undefined : 'yellow')),
    ...notes.flatMap((note) => prose(note, width, 'gray')),
    ...prose(footOf(report), width, 'gray'),
  ];
}

function estimateOf({ metrics }: Pick<Trial, 'metrics'>): Estimate | undefined {
  return Object.values(metrics)[0];
}

function tableLines({ trials, best }: OptimizeReport, width: number): Line[] {
  const text = valueTextOf(trials.flatMap((trial) => estimateOf(trial)?.value ?? []));
  const mark = (trial: Trial) => (trial.n === best.n ? '★' : trial.kept ? '✓' : '✗');
  const columns: Column<Trial>[] = [
    { title: '', keep: 9, cell: (trial) => [{ text: mark(trial), style: trial.kept ? 'green' : 'gray' }] },
    { title: 'n', keep: 8, right: true, cell: ({ n }) => [{ text: String(n) }] },
    { title: 'value', keep: 7, right: true, cell: (trial) => [{ text: withUnit(estimateOf(trial), (each) => text.value(each.value)) }] },
    { title: 'interval', keep: 2, cell: (trial) => [{ text: withUnit(estimateOf(trial), text.interval) }] },
    { title: 'gain', keep: 6, right: true, cell: ({ gain }) => [{ text: gain === null ? '' : text.difference(gain.value) }] },
    { title: 'interval', keep: 3, cell: ({ gain }) => [{ text: gain === null ? '' : text.differenceInterval(gain) }] },
    { title: 'rows', keep: 1, right: true, cell: ({ rows }) => [{ text: countText(rows) }] },
    { title: 'calls', keep: 4, right: true, cell: ({ calls }) => [{ text: countText(calls) }] },
    { title: 'hypothesis', keep: 5, cell: ({ hypothesis }) => [{ text: shortText(hypothesis, 70) }] },
  ];
  const why = trials.filter(({ n }) => n > 0).flatMap(({ n, why: reason }) => prose(reason, width, 'gray', `${String(n).padStart(3)} `));
  return [...textTable(columns, trials, width), ...(why.length > 0 ? [[], ...why] : [])];
}

function withUnit(estimate: Estimate | undefined, show: (estimate: Estimate) => string): string {
  return estimate === undefined ? '–' : show(estimate);
}

const plotWidth = 40;

/** One line per version that was kept, and the plateau: the interval as a bar over the span of all of them. */
function plotLines({ trials, plateau }: OptimizeReport): Line[] {
  const kept = trials.flatMap((trial) => {
    const estimate = estimateOf(trial);
    return trial.kept && estimate !== undefined ? [{ trial, estimate }] : [];
  });
  if (kept.length === 0) return [];
  const metric = Object.keys(kept[0]!.trial.metrics)[0] ?? '';
  const text = valueTextOf(kept.flatMap(({ estimate }) => [estimate.low, estimate.high]));
  const low = Math.min(...kept.map(({ estimate }) => estimate.low));
  const span = Math.max(...kept.map(({ estimate }) => estimate.high)) - low || 1;
  const place = (value: number) => Math.round(((value - low) / span) * (plotWidth - 1));
  const digits = Math.max(5, ...trials.map(({ calls }) => countText(calls).length));
  const lines = kept.map(({ trial, estimate }): Line => {
    const bar = Array.from({ length: plotWidth }, (_, at) => {
      if (at === place(estimate.value)) return '●';
      return at >= place(estimate.low) && at <= place(estimate.high) ? '─' : ' ';
    }).join('');
    return [
      { text: countText(trial.calls).padStart(digits) },
      { text: ' │', style: 'gray' },
      { text: bar },
      { text: '│', style: 'gray' },
      {
        text: ` ${text.value(estimate.value)} (${text.interval(estimate)}, n ${countText(estimate.n)}, ${estimate.method})  version ${trial.n}`,
      },
    ];
  });
  const mark: Line[] =
    plateau.reached && plateau.calls !== null
      ? [[{ text: countText(plateau.calls).padStart(digits) }, { text: ` │${'┄'.repeat(plotWidth)}│ plateau from here on`, style: 'gray' }]]
      : [];
  const scale = `${text.tick(low)} to ${text.tick(low + span)}`;
  return [
    [
      { text: `${'calls'.padStart(digits)}  ${shortText(metric, 40)}`, style: 'bold' },
      { text: `, ${scale}`, style: 'gray' },
    ],
    ...lines,
    ...mark,
    [],
  ];
}

/** The changes of the versions that the chosen one grew from. */
function changeLines({ trials, best }: OptimizeReport, width: number): Line[] {
  const steps: Trial[] = [];
  for (let at = trials.find(({ n }) => n === best.n); at !== undefined && at.parent !== null; ) {
    steps.unshift(at);
    const { parent } = at;
    at = trials.find(({ n }) => n === parent);
  }
  if (steps.length === 0) return [...prose('The baseline is the best: nothing is changed.', width), []];
  const lines = steps.flatMap(({ change }) => change.split('\n'));
  return [
    [{ text: 'against the baseline', style: 'bold' }],
    ...lines.flatMap((line) => prose(line, width, line.startsWith('+') ? 'green' : 'red')),
    [],
  ];
}

function heldText({ held, confidence }: OptimizeReport): string {
  if (held === null) return '';
  const { gain, rows, winner, why } = held;
  const text = valueTextOf([0, 1]);
  const figures =
    gain === null
      ? 'no score'
      : `${text.difference(gain.value)} (${text.differenceInterval(gain)} at ${Number((100 * confidence).toFixed(2))} %, n ${countText(gain.n)}, ${gain.method})`;
  return `Held-back rows (${countText(rows)}, never searched on): version ${winner} against the baseline ${figures}: ${why}.`;
}

function footOf({ spent, confidence, calls, allowed }: OptimizeReport): string {
  const asked = `${countText(calls)} of ${countText(allowed)} calls counted; ${countText(spent.calls)} sent now, ${countText(spent.cached)} answers from the store`;
  const failures = spent.failures === 0 ? '' : `, ${countText(spent.failures)} without an answer`;
  return `${asked}${failures}, ${dollarsText(spent.dollars)}, ${durationText(spent.seconds)}; intervals at ${Number((100 * confidence).toFixed(2))} %, those of gains hold however often they were looked at`;
}

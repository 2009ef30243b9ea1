import type { Verdict } from '#core/verdict.ts';
import { nextSteps } from '#report/next-steps.ts';
import { countText, dollarsText, durationText } from '#report/number-text.ts';
import type { NextStep } from '#report/report-input.ts';
import { goalText, type VerdictView, viewVerdict } from '#report/verdict-view.ts';
import { shortText, visibleText } from '#report/visible-text.ts';
import { comparisonLines } from './comparison.ts';
import { ladderColumns } from './ladder-columns.ts';
import { probeGoalLines } from './probe-goals.ts';
import { prose } from './prose.ts';
import { type Line, renderLine, type Style } from './styled-line.ts';
import { textTable } from './text-table.ts';
import { findingLines } from './verdict-findings.ts';

export interface FormatVerdictOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Files that were written, to be named at the end. */
  readonly files?: readonly string[];
  /** What to do next; made from the verdict where absent. */
  readonly next?: readonly NextStep[];
  /** Gives the reasoning step by step, with the figures. */
  readonly explain?: boolean;
}

const badges: Readonly<Record<Verdict['status'], { readonly text: string; readonly style: Style }>> = {
  met: { text: '✓ goals met', style: ['green', 'bold'] },
  'not-met': { text: '✗ goals not met', style: ['red', 'bold'] },
  undecided: { text: '? not decided', style: ['yellow', 'bold'] },
  prior: { text: '~ rule of thumb', style: ['yellow', 'bold'] },
};

function notes(view: VerdictView): string {
  const { primary, verdict } = view;
  const methodsOf = (stopped: boolean) => {
    const rungs = view.measured.filter(({ rows }) => (rows?.stopped !== undefined) === stopped);
    const methods = rungs.flatMap((rung) => (primary === undefined ? [] : [rung.metrics[primary]?.method ?? '']));
    return [...new Set(methods.map((method) => method.replace(/, \d+ clusters/, '')))].filter(Boolean);
  };
  const [whole, stopped] = [methodsOf(false), methodsOf(true)];
  const methods = [
    ...(whole.length === 0 ? [] : [whole.join(', ')]),
    ...(stopped.length === 0 ? [] : [`${stopped.join(', ')} where a rung stopped early`]),
  ];
  const grouped = view.measured.some((rung) => Object.values(rung.metrics).some(({ method }) => method.endsWith('clusters')));
  const gains = view.measured.some(({ gain }) => gain !== null) ? ' Gains are row by row over the rung before.' : '';
  const confidence = `${Number((verdict.criteria.confidence * 100).toFixed(2))} %`;
  const bounds =
    Object.keys(verdict.criteria.goals).length === 0 ? '' : ' Goals are judged by wider bounds, which hold for the whole ladder.';
  return `Intervals at ${confidence}: ${methods.join('; ')}${grouped ? '; rows of one group count as a group' : ''}.${gains} Costs are means and p95 the percentile of the same rows.${bounds}`;
}

function body(view: VerdictView, width: number): Line[] {
  const { verdict } = view;
  const skipped = verdict.rungs.filter((rung) => rung.skipped !== undefined);
  const goals = Object.entries(verdict.criteria.goals).map(([measure, written]) => goalText(measure, written));
  return [
    ...(view.measured.length === 0
      ? []
      : [...textTable(ladderColumns(view, width), view.measured, width), [], ...probeGoalLines(view, width)]),
    ...(goals.length === 0 ? [] : prose(`goals in order: ${goals.join(' · ')}  (✓ met, ✗ not met, ? not decided)`, width, 'gray')),
    ...(view.measured.length === 0 ? [] : prose(notes(view), width, 'gray')),
    ...skipped.flatMap((rung) => prose(`${rung.rung} was skipped: ${rung.skipped}`, width, 'gray')),
    ...comparisonLines(verdict, width),
    ...findingLines(view, width),
    ...(verdict.warnings.length === 0 ? [] : [[]]),
    ...verdict.warnings.flatMap((warning) => prose(`! ${warning}`, width, 'yellow')),
  ];
}

const reasoningHint = 'How it was reached, step by step and from the answers already paid for: rung climb --explain';

function reasoningLines({ reasoning }: Verdict, width: number): Line[] {
  const steps = reasoning.flatMap(({ step, title, lines }): Line[] => [
    [],
    [{ text: `${step} ${shortText(title, 80)}`, style: 'bold' }],
    ...lines.flatMap((line) => prose(line, width, undefined, '  ')),
  ]);
  return [[], [{ text: 'How it was reached', style: ['cyan', 'bold'] }], ...steps];
}

/**
 * A verdict for a terminal: badge, sentence, ladder, what else was found, warnings, what it took, and what to do next;
 * with `explain` the reasoning too. Ends with a line feed.
 */
export function formatVerdict(verdict: Verdict, { color, width, files = [], next, explain = false }: FormatVerdictOptions): string {
  const columns = Math.max(40, Math.min(width, 160));
  const view = viewVerdict(verdict);
  const badge = badges[verdict.status];
  const { spent } = verdict;
  const took = `${dollarsText(spent.dollars)} spent, ${countText(spent.calls)} calls, ${countText(spent.cached)} answers from the store, ${durationText(spent.seconds)}`;
  const steps = (next ?? nextSteps(verdict)).flatMap(({ text, command }) =>
    prose(`→ ${text}${command === undefined ? '' : ` (${command})`}`, columns),
  );
  const lines: Line[] = [
    [],
    [
      { text: badge.text, style: badge.style },
      { text: `  ${shortText(verdict.task, 60)}`, style: 'gray' },
    ],
    ...prose(verdict.sentence, columns, 'bold'),
    [],
    ...body(view, columns),
    ...(explain ? reasoningLines(verdict, columns) : []),
    [],
    ...prose(took, columns, 'gray'),
    ...(explain || verdict.reasoning.length === 0 ? [] : prose(reasoningHint, columns, 'gray')),
    ...(steps.length === 0 ? [] : [[], ...steps]),
  ];
  // whole, however narrow the terminal: a cut path cannot be opened
  const paths = files.map((file) =>
    renderLine([{ text: `→ ${visibleText(file)}`, style: 'cyan' }], { columns: Number.POSITIVE_INFINITY, color }),
  );
  return `${[...lines.map((line) => renderLine(line, { columns, color })), ...paths].join('\n')}\n`;
}

import type { Verdict, VerdictRung } from '#core/verdict.ts';
import { nextSteps } from '#report/next-steps.ts';
import { countText, dollarsText, durationText, latencyText, probabilityText } from '#report/number-text.ts';
import type { NextStep } from '#report/report-input.ts';
import { goalMarks, goalText, type VerdictView, viewVerdict } from '#report/verdict-view.ts';
import { shortText, visibleText } from '#report/visible-text.ts';
import { wrapWords } from './cell-width.ts';
import { type Line, type Piece, renderLine, type Style } from './styled-line.ts';
import { type Column, textTable } from './text-table.ts';

export interface FormatVerdictOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Files that were written, to be named at the end. */
  readonly files?: readonly string[];
  /** What to do next; made from the verdict where absent. */
  readonly next?: readonly NextStep[];
}

const badges: Readonly<Record<Verdict['status'], { readonly text: string; readonly style: Style }>> = {
  met: { text: '✓ goals met', style: ['green', 'bold'] },
  'not-met': { text: '✗ goals not met', style: ['red', 'bold'] },
  undecided: { text: '? not decided', style: ['yellow', 'bold'] },
  prior: { text: '~ rule of thumb', style: ['yellow', 'bold'] },
};

const goalStyles = { met: 'green', 'not-met': 'red', undecided: 'yellow' } as const;

function goalCell(rung: VerdictRung, goals: readonly string[]): Line {
  return goals.flatMap((measure, index): Piece[] => {
    const status = rung.goals[measure];
    const gap = index === 0 ? [] : [{ text: ' ' }];
    return [...gap, status === undefined ? { text: '-' } : { text: goalMarks[status].mark, style: goalStyles[status] }];
  });
}

function columnsOf(view: VerdictView, width: number): Column<VerdictRung>[] {
  const { primary, verdict } = view;
  const goals = Object.keys(verdict.criteria.goals);
  const plain = (text: string | undefined): Line => (text === undefined ? [{ text: '-', style: 'gray' }] : [{ text }]);
  const quality = (rung: VerdictRung) => (primary === undefined ? undefined : rung.metrics[primary]);
  const words = primary === undefined ? undefined : view.text(primary);
  return [
    {
      title: '  rung',
      keep: 9,
      cell: (rung) =>
        view.isChosen(rung)
          ? [{ text: `▸ ${shortText(rung.rung, 28)}`, style: ['cyan', 'bold'] }]
          : [{ text: `  ${shortText(rung.rung, 28)}` }],
    },
    {
      title: shortText(primary ?? 'quality', 20),
      keep: 8,
      cell: (rung) => {
        const estimate = quality(rung);
        return estimate === undefined || words === undefined
          ? plain(undefined)
          : [
              { text: words.value(estimate.value).padStart(7) },
              { text: ` (${words.interval(estimate)}, n ${countText(estimate.n)})`, style: 'gray' },
            ];
      },
    },
    {
      title: 'gain over previous',
      keep: 3,
      cell: ({ gain }) =>
        gain === null || words === undefined
          ? plain(undefined)
          : [
              { text: words.difference(gain.value) },
              { text: ` (${words.differenceInterval(gain)}${width < 110 ? '' : `, ${probabilityText(gain.p)}`})`, style: 'gray' },
            ],
    },
    {
      title: 'cost/1k',
      keep: 6,
      right: true,
      cell: (rung) => plain(rung.costPer1k === undefined ? undefined : dollarsText(rung.costPer1k)),
    },
    {
      title: 'p95',
      keep: 5,
      right: true,
      cell: (rung) => plain(rung.latencyMs === undefined ? undefined : latencyText(rung.latencyMs.p95)),
    },
    {
      title: 'horizon',
      keep: 2,
      right: true,
      cell: (rung) => plain(rung.horizonCost === undefined ? undefined : dollarsText(rung.horizonCost)),
    },
    ...(goals.length === 0 ? [] : [{ title: 'goals', keep: 7, cell: (rung: VerdictRung) => goalCell(rung, goals) }]),
    ...(verdict.rungs.some((rung) => (rung.failures ?? 0) > 0)
      ? [
          {
            title: 'failed',
            keep: 1,
            right: true,
            cell: (rung: VerdictRung): Line => [{ text: countText(rung.failures ?? 0), style: rung.failures ? 'red' : undefined }],
          },
        ]
      : []),
  ];
}

function prose(text: string, width: number, style?: Style, indent = ''): Line[] {
  return wrapWords(shortText(text, 2000), width - indent.length).map((line) => [{ text: indent + line, style }]);
}

function notes(view: VerdictView): string {
  const methods = new Set(
    view.measured.flatMap((rung) => (view.primary === undefined ? [] : [rung.metrics[view.primary]?.method ?? ''])).filter(Boolean),
  );
  const gains = new Set(view.measured.flatMap((rung) => (rung.gain === null ? [] : [rung.gain.method])));
  const confidence = `${Number((view.verdict.criteria.confidence * 100).toFixed(2))} %`;
  return `Intervals at ${confidence}: ${[...methods].join(', ')}${gains.size > 0 ? `; gain: ${[...gains].join(', ')}` : ''}. Costs are means and p95 the percentile of the same rows.`;
}

function body(view: VerdictView, width: number): Line[] {
  const { verdict } = view;
  const skipped = verdict.rungs.filter((rung) => rung.skipped !== undefined);
  const goals = Object.entries(verdict.criteria.goals).map(([measure, written]) => goalText(measure, written));
  return [
    ...(view.measured.length === 0 ? [] : [...textTable(columnsOf(view, width), view.measured, width), []]),
    ...(goals.length === 0 ? [] : prose(`goals in order: ${goals.join(' · ')}  (✓ met, ✗ not met, ? not decided)`, width, 'gray')),
    ...(view.measured.length === 0 ? [] : prose(notes(view), width, 'gray')),
    ...skipped.flatMap((rung) => prose(`${rung.rung} was skipped: ${rung.skipped}`, width, 'gray')),
    ...(view.measured.length === 0
      ? []
      : [[], ...prose(`${verdict.plateau.reached ? 'Prompting has reached its limit. ' : ''}${verdict.plateau.why}`, width)]),
    ...verdict.warnings.flatMap((warning) => prose(`! ${warning}`, width, 'yellow')),
  ];
}

/** A verdict for a terminal: badge, sentence, ladder, plateau, warnings, what it took, and what to do next. Ends with a line feed. */
export function formatVerdict(verdict: Verdict, { color, width, files = [], next }: FormatVerdictOptions): string {
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
    ...prose(took, columns, 'gray'),
    ...(steps.length === 0 ? [] : [[], ...steps]),
  ];
  // whole, however narrow the terminal: a cut path cannot be opened
  const paths = files.map((file) =>
    renderLine([{ text: `→ ${visibleText(file)}`, style: 'cyan' }], { columns: Number.POSITIVE_INFINITY, color }),
  );
  return `${[...lines.map((line) => renderLine(line, { columns, color })), ...paths].join('\n')}\n`;
}

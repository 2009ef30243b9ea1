import type { VerdictRung } from '#core/verdict.ts';
import { countText, dollarsText, latencyText, probabilityText } from '#report/number-text.ts';
import { goalMarks, type VerdictView } from '#report/verdict-view.ts';
import { shortText } from '#report/visible-text.ts';
import type { Line, Piece } from './styled-line.ts';
import type { Column } from './text-table.ts';

const goalStyles = { met: 'green', 'not-met': 'red', undecided: 'yellow' } as const;

function goalCell(rung: VerdictRung, goals: readonly string[]): Line {
  return goals.flatMap((measure, index): Piece[] => {
    const status = rung.goals[measure];
    const gap = index === 0 ? [] : [{ text: ' ' }];
    return [...gap, status === undefined ? { text: '-' } : { text: goalMarks[status].mark, style: goalStyles[status] }];
  });
}

const rowsColumn: Column<VerdictRung> = {
  title: 'rows',
  keep: 2.5,
  right: true,
  cell: ({ rows }) => {
    if (rows === undefined) return [{ text: '-', style: 'gray' }];
    if (rows.measured === rows.of) return [{ text: countText(rows.of) }];
    return [{ text: `${countText(rows.measured)} of ${countText(rows.of)}`, style: rows.stopped === undefined ? undefined : 'yellow' }];
  },
};

/** The columns of the ladder; those that a narrow terminal has no room for are left out, the least needed first. */
export function ladderColumns(view: VerdictView, width: number): Column<VerdictRung>[] {
  const { primary, measured, verdict } = view;
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
    ...(measured.some(({ rows }) => rows?.stopped !== undefined) ? [rowsColumn] : []),
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

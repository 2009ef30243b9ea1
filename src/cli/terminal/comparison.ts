import type { Estimate } from '#core/estimate.ts';
import type { ComparisonRow, Verdict } from '#core/verdict.ts';
import { countText, dollarsText, durationText, latencyText, valueTextOf } from '#report/number-text.ts';
import { shortText } from '#report/visible-text.ts';
import { prose } from './prose.ts';
import type { Line } from './styled-line.ts';
import { type Column, textTable } from './text-table.ts';

type Measured = 'consistency' | 'robustness' | 'flexibility';

/** What a team weighs besides one number, a line per rung; nothing where the verdict compares nothing. */
export function comparisonLines({ comparison = [], criteria }: Verdict, width: number): Line[] {
  if (comparison.length === 0) return [];
  const measured = (['consistency', 'robustness', 'flexibility'] as const).filter((each) =>
    comparison.some((row) => row[each] !== undefined),
  );
  const known = (text: string | undefined): Line => (text === undefined ? [{ text: '-', style: 'gray' }] : [{ text }]);
  const columns: Column<ComparisonRow>[] = [
    { title: '  compared', keep: 9, cell: ({ rung }) => [{ text: `  ${shortText(rung, 28)}` }] },
    { title: 'kind', keep: 7, cell: ({ kind }) => [{ text: kind }] },
    ...measured.map((each, index) => ({ title: each, keep: 8 - index / 10, cell: (row: ComparisonRow) => estimateCell(row[each]) })),
    { title: 'p95', keep: 5, right: true, cell: ({ latencyMs }) => known(latencyMs && latencyText(latencyMs.p95)) },
    {
      title: 'cost/1k',
      keep: 6,
      right: true,
      cell: ({ costPer1k }) => known(costPer1k === undefined ? undefined : dollarsText(costPer1k)),
    },
    {
      title: 'tokens',
      keep: 3,
      right: true,
      cell: ({ tokens }) => known(tokens && `${countText(tokens.input)} + ${countText(tokens.output)}`),
    },
    {
      title: 'set-up',
      keep: 4,
      right: true,
      cell: ({ setup }) => [{ text: `${setup.dollars === 0 ? '' : `${dollarsText(setup.dollars)}, `}${durationText(setup.seconds)}` }],
    },
    { title: 'skill', keep: 2, cell: ({ expertise }) => [{ text: expertise === 'ml' ? 'machine learning' : 'prompting' }] },
  ];
  return [[], ...textTable(columns, comparison, width), ...prose(noteOf(comparison, measured, criteria.confidence), width, 'gray')];
}

function estimateCell(estimate: Estimate | undefined): Line {
  if (estimate === undefined) return [{ text: '-', style: 'gray' }];
  const text = valueTextOf([estimate.value, estimate.low, estimate.high]);
  return [{ text: text.value(estimate.value) }, { text: ` (${text.interval(estimate)})`, style: 'gray' }];
}

/** n and method of every interval, which the cells have no room for. */
function noteOf(rows: readonly ComparisonRow[], measured: readonly Measured[], confidence: number): string {
  if (measured.length === 0) return '';
  const parts = measured.map((each) => {
    const estimates = rows.flatMap((row) => row[each] ?? []);
    return `${each} ${[...new Set(estimates.map(({ n, method }) => `n ${countText(n)}, ${method}`))].join(' / ')}`;
  });
  return `Intervals at ${Number((confidence * 100).toFixed(2))} %: ${parts.join('; ')}.`;
}

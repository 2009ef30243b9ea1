import type { Estimate } from '#core/estimate.ts';
import type { ProbeFindings } from '#core/probe.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { countText, latencyText, plainText, valueTextOf } from '#report/number-text.ts';
import { goalMarks, type VerdictView } from '#report/verdict-view.ts';
import { shortText } from '#report/visible-text.ts';
import { prose } from './prose.ts';
import type { Line } from './styled-line.ts';
import { type Column, textTable } from './text-table.ts';

/** The end of the ladder: what probes measured of the goals that name it, a line per rung. Nothing where no goal does. */
export function probeGoalLines({ verdict, measured }: VerdictView, width: number): Line[] {
  const measures = Object.keys(verdict.criteria.goals).filter((measure) =>
    measured.some((rung) => findingsOn(measure, rung) !== undefined),
  );
  if (measures.length === 0) return [];
  const columns: Column<VerdictRung>[] = [
    { title: '  probed', keep: 9, cell: (rung) => [{ text: `  ${shortText(rung.rung, 28)}` }] },
    ...measures.map(
      (measure, index): Column<VerdictRung> => ({
        title: shortText(measure, 28),
        keep: 8 - index / measures.length,
        cell: (rung) => cell(measure, rung),
      }),
    ),
  ];
  const methods = measures.map((measure) => {
    const used = measured.flatMap((rung) => findingsOn(measure, rung)?.metrics[measure]?.method ?? []);
    return `${measure}: ${[...new Set(used)].join(' / ')}`;
  });
  return [...textTable(columns, measured, width), ...prose(methods.join('; '), width, 'gray'), []];
}

function findingsOn(measure: string, { probes = [] }: VerdictRung): ProbeFindings | Omit<ProbeFindings, 'cases'> | undefined {
  return probes.find(({ metrics }) => metrics[measure] !== undefined);
}

function cell(measure: string, rung: VerdictRung): Line {
  const found = findingsOn(measure, rung);
  const estimate = found?.metrics[measure];
  if (found === undefined || estimate === undefined) return [{ text: 'not probed', style: 'gray' }];
  const status = rung.goals[measure];
  const mark = status === undefined ? '' : `${goalMarks[status].mark} `;
  const text = amountText(estimate, found.units[measure]);
  return [{ text: `${mark}${text.value}` }, { text: ` (${text.range}, n ${countText(estimate.n)})`, style: 'gray' }];
}

/** Shares as per cent, times and tokens in their unit. */
function amountText(
  { value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>,
  unit: ProbeFindings['units'][string] | undefined,
): { readonly value: string; readonly range: string } {
  if (unit === 'ms') return { value: latencyText(value), range: `${latencyText(low)} to ${latencyText(high)}` };
  if (unit !== undefined) return { value: `${plainText(value)} ${unit}`, range: `${plainText(low)}–${plainText(high)}` };
  const text = valueTextOf([value, low, high]);
  return { value: text.value(value), range: text.interval({ low, high }) };
}

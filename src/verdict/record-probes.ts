import type { ProbeFindings } from '#core/probe.ts';
import type { ComparisonRow, Verdict } from '#core/verdict.ts';
import { amount, count, dollars, markdownText, measureName, milliseconds, percent, rangeText, scoreText } from './figures.ts';
import { probeFigure } from './probe-figures.ts';
import { list, section, table } from './record-table.ts';

/** What probes measured on every rung: a row per measure, with intervals, and the methods below. */
export function probesSection({ rungs, criteria }: Verdict): string {
  const probed = rungs.filter(({ probes }) => probes !== undefined && probes.length > 0);
  if (probed.length === 0) return '';
  const rows = probesOf(rungs).flatMap(({ probe, measures }) =>
    measures.map((measure) => [
      markdownText(probe),
      markdownText(measureName(measure)),
      ...probed.map((rung) => {
        const found = rung.probes?.find((each) => each.probe === probe);
        return found === undefined ? 'not probed' : figureCell(found, measure);
      }),
    ]),
  );
  const head = ['Probe', 'Measure', ...probed.map(({ rung }) => markdownText(rung))];
  const note = `Intervals are at ${percent(criteria.confidence)}; n is the number of judged answers. ${methodsText(rungs)}`;
  const asked = list(
    probesOf(rungs).flatMap(({ probe, options }) => (options === '' ? [] : [`${markdownText(probe)}: ${markdownText(options)}`])),
  );
  return section('Probes', [table(head, rows), note, asked].filter((part) => part !== '').join('\n\n'));
}

function probesOf(rungs: Verdict['rungs']): { probe: string; measures: string[]; options: string }[] {
  const all = rungs.flatMap(({ probes = [] }) => probes);
  return [...new Set(all.map(({ probe }) => probe))].map((probe) => {
    const own = all.filter((each) => each.probe === probe);
    const options = Object.entries(own[0]?.options ?? {}).map(
      ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return { probe, measures: [...new Set(own.flatMap(({ metrics }) => Object.keys(metrics)))], options: options.join(', ') };
  });
}

function figureCell({ metrics, units }: Pick<ProbeFindings, 'metrics' | 'units'>, measure: string): string {
  const estimate = metrics[measure];
  return estimate === undefined ? 'not measured' : probeFigure(measure, estimate, units[measure]);
}

function methodsText(rungs: Verdict['rungs']): string {
  const users = new Map<string, Set<string>>();
  for (const { metrics } of rungs.flatMap(({ probes = [] }) => probes)) {
    for (const [measure, { method }] of Object.entries(metrics)) users.set(method, (users.get(method) ?? new Set()).add(measure));
  }
  return `Methods: ${[...users].map(([method, measures]) => markdownText(`${[...measures].join(', ')}: ${method}`)).join('; ')}.`;
}

/** Prompt against tuned against tuned with overlay: what a team weighs besides one number, in one table. */
export function comparisonSection({ comparison, chosen }: Verdict): string {
  if (comparison === undefined || comparison.length === 0) return '';
  const head = [
    'Rung',
    'Kind',
    'Set-up',
    'Latency p50 / p95',
    'Consistency',
    'Robustness',
    'Flexibility',
    'Tokens in + out',
    'Cost per 1,000',
    'Expertise',
  ];
  const rows = comparison.map((row) => [
    `${markdownText(row.rung)}${row.rung === chosen?.rung ? ' (**chosen**)' : ''}`,
    row.kind,
    setupText(row.setup),
    row.latencyMs === undefined ? 'not known' : `${milliseconds(row.latencyMs.p50)} / ${milliseconds(row.latencyMs.p95)}`,
    ...[row.consistency, row.robustness, row.flexibility].map((estimate) =>
      estimate === undefined ? 'not measured' : `${scoreText(estimate.value)} (${rangeText(estimate)}, n ${count(estimate.n)})`,
    ),
    row.tokens === undefined ? 'not known' : `${count(row.tokens.input)} + ${count(row.tokens.output)}`,
    row.costPer1k === undefined ? 'not known' : dollars(row.costPer1k),
    expertiseWords[row.expertise],
  ]);
  const note =
    'Consistency is that over the turns of a conversation where the probe `drift` ran, else the persona metric; robustness is the share of attacks withstood, flexibility the share of overlays kept.';
  return section('Comparison', `${table(head, rows)}\n\n${note}`);
}

const expertiseWords: Readonly<Record<ComparisonRow['expertise'], string>> = { prompting: 'prompting', ml: 'machine learning' };

function setupText({ dollars: cost, seconds }: ComparisonRow['setup']): string {
  return `${dollars(cost)}, ${amount(Math.round(seconds * 10) / 10)} s`;
}

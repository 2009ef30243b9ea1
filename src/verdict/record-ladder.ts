import type { Goal } from '#core/goal.ts';
import type { Task } from '#core/task.ts';
import type { GoalBounds, GoalStatus, Verdict, VerdictRung } from '#core/verdict.ts';
import type { DetailedRung, DetailedVerdict } from './decide.ts';
import {
  capital,
  count,
  dollars,
  goalText,
  markdownText,
  measureName,
  measureText,
  milliseconds,
  percent,
  points,
  pointsRange,
  rangeText,
  scoreText,
} from './figures.ts';
import { section, table } from './record-table.ts';

const statusWords: Readonly<Record<GoalStatus, string>> = { met: 'met', 'not-met': 'not met', undecided: 'undecided' };

/** The ladder as it was measured: a row per rung, with intervals, rows and early stops, and the methods below. */
export function ladderSection(verdict: DetailedVerdict): string {
  if (verdict.rungs.length === 0) return '';
  const probed = new Set(verdict.rungs.flatMap(({ probes = [] }) => probes.flatMap(({ metrics }) => Object.keys(metrics))));
  const metrics = [...new Set(verdict.rungs.flatMap((rung) => Object.keys(rung.metrics)))].filter((metric) => !probed.has(metric));
  const head = ['Rung', 'Model', ...metrics, 'Gain over the rung before', 'Cost per 1,000', 'Latency p50 / p95', 'Rows'];
  const rows = verdict.rungs.map((rung) => {
    const name = `${markdownText(rung.rung)}${rung.candidate !== '' && rung.candidate === verdict.chosen?.candidate ? ' (**chosen**)' : ''}`;
    const model = rung.model === null ? 'none' : markdownText(rung.model);
    if (rung.skipped !== undefined) return [name, model, `skipped: ${markdownText(rung.skipped)}`, ...head.slice(3).map(() => '')];
    return [
      name,
      model,
      ...metrics.map((metric) => metricCell(rung, metric)),
      gainCell(rung),
      serviceCell(rung, 'costPer1k', rung.costPer1k, dollars),
      `${serviceCell(rung, 'latencyP50Ms', rung.latencyMs?.p50, milliseconds)} / ${serviceCell(rung, 'latencyP95Ms', rung.latencyMs?.p95, milliseconds)}`,
      rowsCell(rung, metrics),
    ];
  });
  const note = `Intervals are at ${percent(verdict.criteria.confidence)}; n is the number of rows behind a figure. ${methods(verdict)}`;
  const parts = [table(head.map(markdownText), rows), ...stops(verdict), ...repeats(verdict), note];
  return section('The ladder', parts.join('\n\n'));
}

function metricCell(rung: VerdictRung, metric: string): string {
  const estimate = rung.metrics[metric];
  if (estimate === undefined) return 'not measured';
  return `${scoreText(estimate.value)} (${rangeText(estimate)}, n ${count(estimate.n)})`;
}

function gainCell({ gain }: VerdictRung): string {
  if (gain === null) return '';
  const p = gain.p < 0.001 ? 'p < 0.001' : `p ${gain.p.toFixed(3)}`;
  return `${points(gain.value)} (${pointsRange(gain)}, ${p}, n ${count(gain.n)})`;
}

function serviceCell(rung: DetailedRung, measure: string, value: number | undefined, text: (value: number) => string): string {
  if (value === undefined) return 'not known';
  const estimate = rung.service?.[measure];
  if (estimate === undefined) return text(value);
  const low = estimate.low === null ? 'under the smallest' : text(estimate.low);
  const high = estimate.high === null ? 'over the largest' : text(estimate.high);
  return `${text(value)} (${low} to ${high}, n ${count(estimate.n)})`;
}

function rowsCell(rung: VerdictRung, metrics: readonly string[]): string {
  const scored = Math.max(0, ...metrics.map((metric) => rung.metrics[metric]?.n ?? 0));
  const { measured, of } = rung.rows ?? { measured: scored, of: scored };
  const rows = measured === of ? count(measured) : `${count(measured)} of ${count(of)}`;
  return rung.failures === undefined || rung.failures === 0 ? rows : `${rows} (${count(rung.failures)} without an answer)`;
}

function stops({ rungs, rowsSaved }: Verdict): string[] {
  const early = rungs.flatMap(({ rung, rows }) =>
    rows?.stopped === undefined ? [] : [`${rung} after ${count(rows.measured)} rows: ${rows.stopped.why}`],
  );
  if (early.length === 0) return [];
  const saved = rowsSaved.rows === 0 ? '' : ` ${count(rowsSaved.rows)} of ${count(rowsSaved.of)} rows were left unasked.`;
  return [`Stopped early: ${markdownText(early.join('; '))}.${saved}`];
}

function repeats({ rungs }: Verdict): string[] {
  const asked = rungs.flatMap(({ rung, repeats }) => {
    if (repeats === undefined) return [];
    const hat = repeats.passHat.map(
      ({ k, value, low, high, n }) => `${k} of ${k} right ${scoreText(value)} (${rangeText({ low, high })}, n ${count(n)})`,
    );
    const { agreement } = repeats;
    const agrees = `answers agree on ${scoreText(agreement.value)} (${rangeText(agreement)}, n ${count(agreement.n)}) of rows`;
    return [`${rung}: ${[agrees, ...hat].join(', ')}`];
  });
  return asked.length === 0 ? [] : [`Asked again: ${markdownText(asked.join('; '))}.`];
}

/** Which method stands behind which figure. */
function methods(verdict: DetailedVerdict): string {
  const users = new Map<string, Set<string>>();
  const note = (method: string, figure: string) => users.set(method, (users.get(method) ?? new Set()).add(figure));
  for (const rung of verdict.rungs) {
    const probed = rung.probes?.flatMap(({ metrics }) => Object.keys(metrics)) ?? [];
    for (const [metric, { method }] of Object.entries(rung.metrics)) if (!probed.includes(metric)) note(method, measureName(metric));
    for (const [measure, { method }] of Object.entries(rung.service ?? {})) note(method, serviceNames[measure] ?? measure);
    if (rung.gain !== null) note(rung.gain.method, 'gain');
  }
  const used = [...users].map(([method, figures]) => `${[...figures].join(', ')}: ${method}`);
  return used.length === 0 ? '' : `Methods: ${used.map(markdownText).join('; ')}.`;
}

const serviceNames: Readonly<Record<string, string>> = { latencyP50Ms: 'latency', latencyP95Ms: 'latency', costPer1k: 'cost' };

/** Every goal against every rung, with the bounds that it was judged by. */
export function goalsSection(verdict: Verdict, task: Task): string {
  if (task.goals.length === 0)
    return section('Goals', 'None are set: the cheapest rung that is not significantly worse than the best is chosen.');
  const measured = verdict.rungs.filter((rung) => rung.skipped === undefined);
  if (measured.length === 0) return '';
  const measures = [...new Set(task.goals.map((goal) => goal.measure))];
  const head = ['Goal', ...measured.map((rung) => markdownText(rung.rung))];
  const rows = measures.map((measure) => [
    markdownText(
      capital(
        task.goals
          .filter((goal) => goal.measure === measure)
          .map(goalText)
          .join(' and '),
      ),
    ),
    ...measured.map(
      (rung) =>
        `${statusWords[rung.goals[measure] ?? 'undecided']}${boundsText(measure, rung.goalBounds?.[measure], unitOf(task, measure))}`,
    ),
  ]);
  const judged = measured.some(({ goalBounds }) => goalBounds !== undefined);
  const wider = judged
    ? ' The bounds are those it was judged by: wider than the intervals above where several rungs share one error rate.'
    : '';
  return section('Goals', `${table(head, rows)}\n\nA goal is met only where the whole interval satisfies it.${wider}`);
}

function unitOf({ goals }: Task, measure: string): Goal['unit'] {
  return goals.find((goal) => goal.measure === measure)?.unit;
}

function boundsText(measure: string, bounds: GoalBounds | undefined, unit: Goal['unit']): string {
  if (bounds === undefined) return '';
  const { low, high } = bounds;
  const text = (value: number) => (measure === 'costPer1k' ? dollars(value) : measureText(measure, value, unit));
  if (low === null && high === null) return ' (too few rows to bound it)';
  if (low === null) return ` (at most ${text(high!)})`;
  return high === null ? ` (at least ${text(low)})` : ` (${text(low)} to ${text(high)})`;
}

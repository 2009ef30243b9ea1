import type { Task } from '#core/task.ts';
import type { GoalStatus, Verdict, VerdictRung } from '#core/verdict.ts';
import type { DetailedRung } from './decide.ts';
import {
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

const statusWords: Readonly<Record<GoalStatus, string>> = { met: 'met', 'not-met': 'not met', undecided: 'undecided' };

const verdictWords: Readonly<Record<Verdict['status'], string>> = {
  met: 'a rung was chosen',
  'not-met': 'no rung meets the goals',
  undecided: 'the evidence does not decide',
  prior: 'rules of thumb only, nothing was measured',
};

/** `decision.md`: the verdict written down for people, as Markdown that reads well in a pull request. */
export function decisionMarkdown(verdict: Verdict, task: Task): string {
  const sections = [
    `# Decision: ${markdownText(verdict.task)}`,
    `**${markdownText(verdict.sentence)}**`,
    `Status: ${verdictWords[verdict.status]}.`,
    ladder(verdict),
    goals(verdict, task),
    costs(verdict, task),
    `## Plateau\n\n${markdownText(verdict.plateau.why)}${signs(verdict)}`,
    `## What would change this\n\n${changes(verdict)}`,
    verdict.warnings.length === 0 ? '' : `## Notes\n\n${verdict.warnings.map((warning) => `- ${markdownText(warning)}`).join('\n')}`,
    criteria(verdict),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function ladder(verdict: Verdict): string {
  const metrics = [...new Set(verdict.rungs.flatMap((rung) => Object.keys(rung.metrics)))];
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
  return `## The ladder\n\n${table(head.map(markdownText), rows)}\n\n${note}`;
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

/** Which method stands behind which figure. */
function methods(verdict: Verdict): string {
  const users = new Map<string, Set<string>>();
  const note = (method: string, figure: string) => users.set(method, (users.get(method) ?? new Set()).add(figure));
  for (const rung of verdict.rungs as readonly DetailedRung[]) {
    for (const [metric, { method }] of Object.entries(rung.metrics)) note(method, measureName(metric));
    for (const [measure, { method }] of Object.entries(rung.service ?? {})) note(method, serviceNames[measure] ?? measure);
    if (rung.gain !== null) note(rung.gain.method, 'gain');
  }
  const list = [...users].map(([method, figures]) => `${[...figures].join(', ')}: ${method}`);
  return list.length === 0 ? '' : `Methods: ${list.map(markdownText).join('; ')}.`;
}

const serviceNames: Readonly<Record<string, string>> = { latencyP50Ms: 'latency', latencyP95Ms: 'latency', costPer1k: 'cost' };

function serviceCell(rung: DetailedRung, measure: string, value: number | undefined, text: (value: number) => string): string {
  if (value === undefined) return 'not known';
  const estimate = rung.service?.[measure];
  if (estimate === undefined) return text(value);
  const low = estimate.low === null ? 'under the smallest' : text(estimate.low);
  const high = estimate.high === null ? 'over the largest' : text(estimate.high);
  return `${text(value)} (${low} to ${high}, n ${count(estimate.n)})`;
}

function rowsCell(rung: VerdictRung, metrics: readonly string[]): string {
  const n = Math.max(0, ...metrics.map((metric) => rung.metrics[metric]?.n ?? 0));
  return rung.failures === undefined || rung.failures === 0 ? count(n) : `${count(n)} (${count(rung.failures)} without an answer)`;
}

function goals(verdict: Verdict, task: Task): string {
  if (task.goals.length === 0)
    return '## Goals\n\nNone are set: the cheapest rung that is not significantly worse than the best is chosen.';
  const measured = verdict.rungs.filter((rung) => rung.skipped === undefined);
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
    ...measured.map((rung) => statusWords[rung.goals[measure] ?? 'undecided']),
  ]);
  return `## Goals\n\n${table(head, rows)}\n\nA goal is met only where the whole interval satisfies it.`;
}

function costs(verdict: Verdict, task: Task): string {
  const { requestsPerMonth, turns, horizonMonths, requirementChangesPerMonth } = task.traffic;
  const conversation = turns === 1 ? '' : ` of ${count(turns)} turns`;
  const assumed = `At ${count(requestsPerMonth)} requests${conversation} a month over ${count(horizonMonths)} months, with ${requirementChangesPerMonth} changes of requirements a month, each of which sets a tuned rung up again.`;
  const rows = verdict.rungs
    .filter((rung) => rung.skipped === undefined)
    .map((rung) => [
      markdownText(rung.rung),
      `${dollars(rung.setup.dollars)}, ${count(rung.setup.seconds)} s`,
      rung.costPer1k === undefined ? 'not known' : dollars(rung.costPer1k),
      rung.horizonCost === undefined ? 'not known' : dollars(rung.horizonCost),
    ]);
  const lines = [assumed, table(['Rung', 'Set-up', 'Cost per 1,000', 'Over the horizon'], rows)];
  if (verdict.breakEven.length > 0) lines.push(breakEvenTable(verdict));
  return `## Costs\n\n${lines.join('\n\n')}`;
}

function breakEvenTable(verdict: Verdict): string {
  const nameOf = (candidate: string) => markdownText(verdict.rungs.find((rung) => rung.candidate === candidate)?.rung ?? candidate);
  const requests = (value: number | null) => (value === null ? 'never' : count(value));
  const rows = verdict.breakEven.map(({ from, to, requests: value, low, high }) => [
    nameOf(from),
    nameOf(to),
    value === 0 ? 'from the first request' : requests(value),
    value === null ? '' : `${requests(low)} to ${requests(high)}`,
  ]);
  return table(['From', 'To', 'Pays for itself after requests', 'Interval'], rows);
}

function signs({ plateau }: Verdict): string {
  return plateau.signs.length === 0 ? '' : `\n\nSigns of prompting's limit that were seen: ${plateau.signs.join(', ')}.`;
}

function changes(verdict: Verdict): string {
  if (verdict.triggers.length === 0)
    return 'Nothing was chosen, so there is nothing to watch: measure again with more rows, other rungs or other goals.';
  return verdict.triggers
    .map(({ when, now, then }) => `- \`${when.replace(/`/g, '')}\` (now ${triggerNow(when, now)}): ${markdownText(then)}.`)
    .join('\n');
}

function triggerNow(when: string, now: number): string {
  const measure = when.split(' ')[0] ?? '';
  return measure.endsWith('PerMonth') ? now.toLocaleString('en-US', { maximumFractionDigits: 3 }) : measureText(measure, now);
}

function criteria({ criteria: registered, spent, versions }: Verdict): string {
  const { split } = registered;
  const stated = Object.entries(registered.goals).map(([measure, text]) => `${measureName(measure)} ${text}`);
  const lines = [
    `Goals: ${stated.length === 0 ? 'none' : markdownText(stated.join(', '))}; confidence ${percent(registered.confidence)}`,
    `Split: ${count(split.train)} training, ${count(split.validation)} validation, ${count(split.test)} test rows; the test split was looked at ${times(registered.testLooks)}`,
    `Criteria \`${markdownText(registered.hash.slice(0, 12))}\`, split \`${markdownText(registered.splitHash.slice(0, 12))}\`${registered.changed ? ': **changed after the first answer**' : ', as registered before the first answer'}`,
    `Spent: ${dollars(spent.dollars)}, ${count(spent.calls)} calls, ${count(spent.cached)} answers from the store, ${count(spent.failures)} rows without an answer`,
    `Rung ${markdownText(versions.rung)}, Node ${markdownText(versions.node)}`,
  ];
  return `## Criteria\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function times(looks: number): string {
  return looks === 1 ? 'once' : `${count(looks)} times`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

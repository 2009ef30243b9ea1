import type { PlateauSign, Trigger, Verdict } from '#core/verdict.ts';
import { capital, count, dollars, figureText, markdownText, measureName, percent, rangeText, scoreText } from './figures.ts';
import { scoredText } from './learning-curve.ts';
import { list, section, table } from './record-table.ts';

const signNames: Readonly<Record<PlateauSign, string>> = {
  plateau: 'plateau: prompting no longer gains',
  format: 'format: right in content, wrong in form',
  inconsistent: 'inconsistent: other answers to the same request',
  'fights-training': "fights the model's training: refusals, caveats, no readable answer",
  'token-cost': 'token cost out of bounds',
};

/** What would decide an open verdict. */
export function undecidedSection({ undecided }: Verdict): string {
  return undecided === null ? '' : section('What would decide it', markdownText(undecided.why));
}

/** Where even the best rung stays under the floor: the confusion, the suspects, the rows that every rung fails. */
export function floorSection({ floor }: Verdict): string {
  if (floor === null) return '';
  const { confusions, suspects, failedByAll } = floor;
  const named = failedByAll.examples.length === 0 ? '' : `, as ${failedByAll.examples.map(markdownText).join(', ')}`;
  const parts = [
    `The best rung, ${markdownText(floor.best)}, stays under ${percent(floor.floor)}: look at the task, its labels and its metric before climbing further.`,
    confusions.length === 0
      ? ''
      : table(
          ['Expected', 'Answered', 'Rows'],
          confusions.map(({ expected, answered, rows }) => [markdownText(expected), markdownText(answered), count(rows)]),
        ),
    suspects.length === 0
      ? ''
      : `Labels to look at, where rungs agree with each other against the label:\n\n${list(suspects.map(({ example, expected, answered, rungs }) => `${markdownText(example)}: labelled ${markdownText(expected)}, answered ${markdownText(answered)} by ${count(rungs)} rungs`))}`,
    `Every rung fails ${count(failedByAll.rows)} of ${count(failedByAll.of)} rows${named}.`,
  ];
  return section('Under the floor', parts.filter((part) => part !== '').join('\n\n'));
}

/** Whether prompting has reached its limit, and which of the five signs were seen. */
export function plateauSection({ plateau }: Verdict): string {
  const looked = plateau.looked.map(({ sign, seen, why }) => [
    markdownText(signNames[sign]),
    seen === null ? 'cannot be told' : seen ? '**seen**' : 'not seen',
    why === plateau.why ? 'as above' : markdownText(why),
  ]);
  const signs = looked.length === 0 ? '' : `\n\n${table(["Sign of prompting's limit", 'Seen', 'Why'], looked)}`;
  return section('Plateau', `${markdownText(plateau.why)}${signs}`);
}

/** What more labels would bring: the curve as measured, its forecast, and how earlier forecasts did. */
export function curveSection({ learningCurve }: Verdict): string {
  if (learningCurve === null) return '';
  const { rung, metric, points, forecast, law, why, scored } = learningCurve;
  const cells = ({ rows, value, low, high, n }: (typeof forecast)[number]) => [
    count(rows),
    `${scoreText(value)} (${rangeText({ low, high })}, n ${count(n)})`,
  ];
  const rows = [
    ...points.map((point) => [...cells(point), `measured, ${count(point.seeds)} seeds`]),
    ...forecast.map((point) => [...cells(point), `forecast, ${markdownText(law)} law`]),
  ];
  const parts = [
    markdownText(why),
    rows.length === 0 ? '' : table(['Training rows', markdownText(capital(measureName(metric))), 'How'], rows),
    list(scored.map((each) => markdownText(scoredText(each)))),
  ];
  return section(`Learning curve of ${markdownText(rung)}`, parts.filter((part) => part !== '').join('\n\n'));
}

/** Rules of thumb beside the measurement: those that disagree with it first, and marked. */
export function priorSection({ prior, status }: Verdict): string {
  if (prior.length === 0) return '';
  const disagreeing = prior.filter(({ agrees }) => agrees === false).length;
  const ordered = [...prior.filter(({ agrees }) => agrees === false), ...prior.filter(({ agrees }) => agrees !== false)];
  const rows = ordered.map(({ source, answer, why, agrees }) => [
    markdownText(source),
    markdownText(answer),
    agrees === undefined ? 'not measured' : agrees ? 'agrees' : '**disagrees**',
    markdownText(why),
  ]);
  const lead =
    status === 'prior'
      ? 'Nothing was measured: these are all there is to go by.'
      : prior.every(({ agrees }) => agrees === undefined)
        ? 'The measurement chose nothing that these could be held against.'
        : `${disagreeing === 0 ? 'None' : count(disagreeing)} of ${count(prior.length)} ${disagreeing === 1 ? 'disagrees' : 'disagree'} with the measurement, which stands.`;
  return section('Rules of thumb', `${lead}\n\n${table(['Rule', 'Says', 'Measurement', 'Why'], rows)}`);
}

/** Every rung that was not chosen, and what it would take. */
export function alternativesSection({ alternatives }: Verdict): string {
  if (alternatives.length === 0) return '';
  const rows = alternatives.map(({ rung, why, needs }) => [markdownText(rung), markdownText(why), markdownText(needs)]);
  return section('Alternatives', table(['Rung', 'Why not', 'What it would need'], rows));
}

export function assumptionsSection({ assumptions }: Verdict): string {
  return section('Assumptions', list(assumptions.map(markdownText)));
}

/** The triggers, each as the condition that a machine checks, its value now, and what then. */
export function triggersSection({ triggers }: Verdict): string {
  const lead =
    triggers.length === 0
      ? 'Nothing was chosen, so there is nothing to watch: measure again with more rows, other rungs or other goals.'
      : list(triggers.map(triggerItem));
  return section(
    'What would change this',
    triggers.length === 0 ? lead : `${lead}\n\n\`rung record check\` holds these against the figures of today.`,
  );
}

function triggerItem({ when, condition, now, fired, then }: Trigger): string {
  const state = fired ? ', **fired**' : '';
  return `\`${when.replace(/[`\s]+/g, ' ')}\` (now ${markdownText(figureText(condition.figure, now))}${state}): ${markdownText(then)}.`;
}

/** What was fixed before the first answer, and what it took. */
export function criteriaSection({ criteria: registered, spent, versions }: Verdict): string {
  const { split } = registered;
  const stated = Object.entries(registered.goals).map(([measure, text]) => `${measureName(measure)} ${text}`);
  const looks = registered.testLooks === 1 ? 'once' : `${count(registered.testLooks)} times`;
  const lines = [
    `Goals: ${stated.length === 0 ? 'none' : markdownText(stated.join(', '))}; confidence ${percent(registered.confidence)}`,
    `Split: ${count(split.train)} training, ${count(split.validation)} validation, ${count(split.test)} test rows; the test split was looked at ${looks}`,
    `Criteria \`${markdownText(registered.hash.slice(0, 12))}\`, split \`${markdownText(registered.splitHash.slice(0, 12))}\`${registered.changed ? ': **changed after the first answer**' : ', as registered before the first answer'}`,
    `Spent: ${dollars(spent.dollars)}, ${count(spent.calls)} calls, ${count(spent.cached)} answers from the store, ${count(spent.failures)} rows without an answer`,
    `Rung ${markdownText(versions.rung)}, Node ${markdownText(versions.node)}`,
  ];
  return section('Criteria', list(lines));
}

/** The steps that led to the verdict, folded away; the last of them is this record itself. */
export function reasoningSection({ reasoning: all }: Verdict): string {
  const reasoning = all.filter(({ title }) => title !== 'Record');
  if (reasoning.length === 0) return '';
  const steps = reasoning.map(({ step, title, lines }) => `**${step}. ${markdownText(title)}**\n\n${list(lines.map(markdownText))}`);
  return `<details>\n<summary>The reasoning, step by step</summary>\n\n${steps.join('\n\n')}\n\n</details>`;
}

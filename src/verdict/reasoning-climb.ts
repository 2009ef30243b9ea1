import type { Task } from '#core/task.ts';
import type { FloorFindings, PlateauSign, VerdictRung } from '#core/verdict.ts';
import { agreementLines } from './agreement.ts';
import { errorRates } from './error-rates.ts';
import { count, measureName, percent, points, pointsRange } from './figures.ts';
import { probeFigure } from './probe-figures.ts';
import { guardLines, serviceLines, stepFaultLines } from './reasoning-rung.ts';
import { counted, estimated, intervalAt, isNumber, known, measuredOf, nameOf, type Reasoned, rateText } from './reasoning-words.ts';
import { routingLines } from './routing-words.ts';

/** What every rung reached, in ladder order, and whether anything seems wrong with the task itself. */
export function climbLines(verdict: Reasoned, task: Task): string[] {
  if (measuredOf(verdict).length === 0) return ['No rung was measured.', ...skippedLines(verdict)];
  return [
    ...measuredOf(verdict).flatMap((rung) => rungLines(rung, verdict)),
    ...skippedLines(verdict),
    ...(verdict.floor === null
      ? [`The check against the floor of ${known(task.floor, percent)} found nothing wrong with the task, the model or the metric.`]
      : floorLines(verdict.floor)),
  ];
}

/** Rungs that did not run, and why. */
function skippedLines({ rungs }: Reasoned): string[] {
  return rungs.flatMap(({ rung, skipped }) => (skipped === undefined ? [] : [`${rung} was skipped: ${skipped}.`]));
}

function rungLines(rung: VerdictRung, verdict: Reasoned): string[] {
  const { confidence } = verdict.criteria;
  const model = rung.model === null ? '' : ` (${rung.model})`;
  const probed = new Set(rung.probes?.flatMap((found) => Object.keys(found.metrics)));
  const own = Object.entries(rung.metrics).filter(([metric]) => !probed.has(metric));
  const metrics = own.map(([metric, estimate]) => `${measureName(metric)} ${estimated(estimate, confidence)}`);
  const failed = rung.failures ? [`${counted(rung.failures, 'row')} brought no answer`] : [];
  const reached = [...metrics, ...failed];
  return [
    `${rung.rung}${model}: ${reached.length === 0 ? 'no metric applies to its answers' : reached.join('; ')}.`,
    ...gainLines(rung, verdict),
    ...serviceLines(rung, verdict),
    ...stepFaultLines(rung),
    ...(rung.notes ?? []).map((note) => `${rung.rung}: ${note}`),
    ...repeatLines(rung, verdict),
    ...agreementLines(rung, verdict),
    ...probeLines(rung, verdict),
    ...guardLines(rung),
    ...(rung.routing === undefined ? [] : routingLines(rung.rung, rung.routing, confidence)),
  ];
}

function gainLines({ rung, gain }: VerdictRung, verdict: Reasoned): string[] {
  if (gain === null) return [];
  const { low, high } = gain;
  const range = isNumber(low) && isNumber(high) ? pointsRange({ low, high }) : 'not known';
  const p = gain.p < 0.001 ? 'p < 0.001' : `p ${known(gain.p, (value) => value.toFixed(3))}`;
  const interval = `${intervalAt(verdict.criteria.confidence)} ${range}, ${p}, n ${known(gain.n, count)}, ${gain.method}`;
  return [`${rung} over ${nameOf(verdict, gain.over)}, row by row: ${known(gain.value, points)} (${interval}).`];
}

function probeLines({ rung, probes = [] }: VerdictRung, { criteria }: Reasoned): string[] {
  return probes.flatMap(({ probe, metrics, units }) => {
    const figures = Object.entries(metrics).map(
      ([measure, estimate]) => `${measure} ${probeFigure(measure, estimate, units[measure])}, ${estimate.method}`,
    );
    return figures.length === 0 ? [] : [`${rung}, put to the probe ${probe}: ${figures.join('; ')} (${intervalAt(criteria.confidence)}s).`];
  });
}

function repeatLines({ rung, repeats }: VerdictRung, { criteria }: Reasoned): string[] {
  if (repeats === undefined) return [];
  const right = repeats.passHat.map(
    ({ k, ...estimate }) => `${known(k, count)} of ${known(k, count)} right ${estimated(estimate, criteria.confidence)}`,
  );
  const agrees = `two answers to a row agree ${estimated(repeats.agreement, criteria.confidence)}`;
  return [`${rung}, asked again on ${counted(repeats.rows, 'row')}: ${[agrees, ...right].join('; ')}.`];
}

/**
 * What the floor found, in sentences: the commonest confusions, labels that may be wrong, rows that no rung gets right;
 * at most so many of each.
 */
export function floorLines({ floor, best, confusions, suspects, failedByAll }: FloorFindings, most = Number.POSITIVE_INFINITY): string[] {
  const { rows, of, examples } = failedByAll;
  const confused = confusions.map(
    ({ expected, answered, rows: times }) => `${expected} answered as ${answered} (${counted(times, 'row')})`,
  );
  const doubted = suspects.map(
    ({ example, expected, answered, rungs }) => `${example} is labelled ${expected}, and ${counted(rungs, 'rung')} answered ${answered}`,
  );
  const named = examples.slice(0, most);
  return [
    `Even the best rung, ${best}, is surely under the floor of ${known(floor, percent)}: something is wrong with the task, the model or the metric.`,
    confused.length === 0 ? 'No label is taken for another.' : `The commonest confusions of ${best}: ${listed(confused, most)}.`,
    doubted.length === 0 ? 'No label is contradicted by most of the rungs.' : `Labels that may be wrong: ${listed(doubted, most)}.`,
    of === 0
      ? 'No row was answered by two rungs, so it is not known which rows all of them fail.'
      : `Every rung fails ${known(rows, count)} of the ${counted(of, 'row')} that two or more rungs answered${named.length === 0 ? '' : `: ${named.join(', ')}${rows > named.length ? ' and more' : ''}`}.`,
  ];
}

function listed(items: readonly string[], most: number): string {
  const more = items.length - most;
  return `${items.slice(0, most).join('; ')}${more > 0 ? `; and ${known(more, count)} more` : ''}`;
}

/** How the error rate is shared, which rungs were stopped, and what that saved. */
export function stopLines(verdict: Reasoned, task: Task, lookedEarly: boolean): string[] {
  const rungs = measuredOf(verdict);
  if (rungs.length === 0) return [];
  return [...rateLines(rungs.length, task, lookedEarly), ...rungs.flatMap(rowsLine), savedLine(verdict, lookedEarly)];
}

function rateLines(rungs: number, task: Task, lookedEarly: boolean): string[] {
  const error = known(1 - task.confidence, rateText);
  if (task.goals.length === 0) {
    return [`No goals are set: rungs are compared with the best in pairs, at an error rate of ${error} for all comparisons (Holm).`];
  }
  const { atLook, atEnd } = errorRates(task, rungs, lookedEarly);
  const rates = ({ met, missed }: typeof atEnd) => `met at ${known(met, rateText)} and missed at ${known(missed, rateText)}`;
  return [
    `The error rate of ${error} is shared by the whole climb, ${counted(rungs, 'rung')} and ${counted(task.goals.length, 'goal')}: at its last row a rung's goal is called ${rates(atEnd)}, each on one side.`,
    ...(lookedEarly
      ? [`At looks before the last row a goal is called ${rates(atLook)}, by sequences that hold however often one looks.`]
      : []),
    ...(task.goals.some(({ probe }) => probe !== undefined)
      ? ['Goals on what probes measure are called at the rates of the last row: nobody looks at a probe before its end.']
      : []),
  ];
}

function rowsLine({ rung, rows }: VerdictRung): string[] {
  if (rows === undefined) return [];
  const measured = known(rows.measured, count);
  if (rows.stopped === undefined) return [`${rung} was measured on ${measured} of ${counted(rows.of, 'row')}.`];
  return [
    `${rung} was stopped after ${measured} of ${counted(rows.of, 'row')}: ${rows.stopped.why}; ${known(rows.of - rows.measured, count)} saved.`,
  ];
}

function savedLine({ rowsSaved: { rows, of } }: Reasoned, lookedEarly: boolean): string {
  if (rows > 0 && of >= 1) return `Stopping early saved ${known(rows, count)} of ${counted(of, 'row')} (${known(rows / of, percent)}).`;
  return lookedEarly ? 'No rung told enough before its last row, so no row was saved.' : 'No rung was looked at before its last row.';
}

const signNames: Readonly<Record<PlateauSign, string>> = {
  plateau: 'plateau',
  format: 'format',
  inconsistent: 'inconsistent answers',
  'fights-training': "fights the model's training",
  'token-cost': 'token cost',
};

/** Whether prompting stopped gaining, and each of the five signs. */
export function plateauLines({ plateau }: Reasoned): string[] {
  const signs = plateau.looked.map(({ sign, seen, why }) => {
    const found = seen === null ? 'cannot be told' : seen ? 'seen' : 'not seen';
    return `${signNames[sign]}: ${found}. ${why}`;
  });
  const seen = plateau.looked.filter((sign) => sign.seen === true).length;
  const told = plateau.looked.length === 0 ? [] : [`Signs of prompting's limit: ${seen} of ${plateau.looked.length} seen.`];
  return [
    plateau.reached ? `Prompting reached its limit${plateau.at === null ? '' : ` at ${plateau.at}`}.` : "Prompting's limit was not seen.",
    // the first sign says why, where signs were looked for
    ...(plateau.looked.length === 0 ? [plateau.why] : []),
    ...told,
    ...signs,
  ];
}

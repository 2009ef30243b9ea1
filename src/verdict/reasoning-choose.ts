import type { Goal } from '#core/goal.ts';
import type { Task } from '#core/task.ts';
import type { GoalBounds, GoalStatus, VerdictRung } from '#core/verdict.ts';
import { horizonRequests } from '#economics/horizon.ts';
import type { MeasureEstimate } from './estimates.ts';
import { count, dollars, figureText, goalText, measureText } from './figures.ts';
import { blockingGuards } from './guarded.ts';
import { chanceText, counted, intervalAt, isNumber, known, measuredOf, nameOf, type Reasoned } from './reasoning-words.ts';

const statusWords: Readonly<Record<GoalStatus, string>> = { met: 'met', 'not-met': 'missed', undecided: 'open' };

/** Which rungs will do, what they cost over the horizon, which is the cheapest and how surely, and what is open. */
export function chooseLines(verdict: Reasoned, task: Task): string[] {
  const rungs = measuredOf(verdict);
  if (rungs.length === 0) return ['Nothing was measured, so nothing can be chosen.'];
  return [
    ...(task.goals.length === 0 ? [] : rungs.flatMap((rung) => judgedLines(rung, task))),
    ...costLines(verdict, task),
    choiceLine(verdict),
    ...(verdict.undecided === null ? [] : [verdict.undecided.why]),
    ...breakEvenLines(verdict),
  ];
}

function overall({ goals }: VerdictRung): GoalStatus {
  const statuses = Object.values(goals);
  if (statuses.includes('not-met')) return 'not-met';
  return statuses.includes('undecided') ? 'undecided' : 'met';
}

/** Every goal of a rung, with the bounds that it was judged by. */
function judgedLines(rung: VerdictRung, task: Task): string[] {
  const measures = [...new Set(task.goals.map(({ measure }) => measure))];
  return measures.map((measure) => {
    const bars = task.goals.filter((goal) => goal.measure === measure).map(goalText);
    const status = statusWords[rung.goals[measure] ?? 'undecided'];
    const goal = task.goals.find((each) => each.measure === measure);
    const by = goal?.probe === undefined ? '' : `, by the probe ${goal.probe}`;
    return `${rung.rung}: ${bars.join(' and ')} ${status} (${boundsText(measure, rung.goalBounds?.[measure], goal?.unit)}${by}).`;
  });
}

function boundsText(measure: string, bounds: GoalBounds | undefined, unit: Goal['unit']): string {
  if (bounds === undefined) return 'not measured';
  const { low, high, n, method } = bounds;
  const text = (value: number) => (measure === 'costPer1k' ? dollars(value) : measureText(measure, value, unit));
  const ends =
    isNumber(low) && isNumber(high)
      ? `judged at ${text(low)} to ${text(high)}`
      : isNumber(low)
        ? `judged at ${text(low)} or more`
        : isNumber(high)
          ? `judged at ${text(high)} or less`
          : 'too few rows to bound it';
  return `${ends}, n ${known(n, count)}, ${method}`;
}

/** Rungs that will do, or, where there are no goals or none will do, all of them. */
function costLines(verdict: Reasoned, task: Task): string[] {
  const measured = measuredOf(verdict);
  const sufficient = task.goals.length === 0 ? [] : measured.filter((rung) => overall(rung) === 'met');
  const shown = sufficient.length === 0 ? measured : sufficient;
  const { traffic } = task;
  const over = `over ${counted(traffic.horizonMonths, 'month')} at ${known(traffic.requestsPerMonth, count)} requests a month`;
  return shown.map((rung) => `${rung.rung} costs ${horizonText(rung, verdict, task)} ${over}.`);
}

function horizonText(
  rung: VerdictRung & { service?: Readonly<Record<string, MeasureEstimate>> },
  { criteria }: Reasoned,
  task: Task,
): string {
  const { horizonCost } = rung;
  if (!isNumber(horizonCost)) return 'an amount that is not known';
  const request = rung.service?.['costPer1k'];
  if (request === undefined || !isNumber(request.low) || !isNumber(request.high)) return dollars(horizonCost);
  const perThousand = horizonRequests(task.traffic) / 1000;
  const basis = `n ${known(request.n, count)}, ${request.method}`;
  if (request.low === request.high) return `${dollars(horizonCost)} (every request costs the same, ${basis})`;
  const end = (value: number) => known(Math.max(0, horizonCost + (value - request.value) * perThousand), dollars);
  return `${dollars(horizonCost)} (${intervalAt(criteria.confidence)} ${end(request.low)} to ${end(request.high)} by the cost of a request, ${basis})`;
}

function choiceLine({ chosen, status, rungs }: Reasoned): string {
  if (chosen === null) return status === 'not-met' ? noRung(rungs) : 'No rung can be called good enough yet.';
  if (chosen.cheapest === undefined) return `${chosen.rung} is chosen; a price is missing, so its place on the ladder decides.`;
  const { chance, n, method } = chosen.cheapest;
  return `${chosen.rung} is chosen: the cheapest rung that will do. The chance that it really is the cheapest: ${known(chance, chanceText)} (n ${known(n, count)}, ${method}).`;
}

function noRung(rungs: readonly VerdictRung[]): string {
  const back = rungs.filter((rung) => overall(rung) !== 'not-met' && blockingGuards(rung).length > 0);
  if (back.length === 0) return 'No rung meets every goal.';
  return `No rung may be chosen: guards keep ${back.map(({ rung }) => rung).join(', ')} back.`;
}

function breakEvenLines(verdict: Reasoned): string[] {
  const { chosen } = verdict;
  return verdict.breakEven
    .filter(({ from, to }) => chosen !== null && (from === chosen.candidate || to === chosen.candidate))
    .map(({ from, to, requests, low, high }) => {
      const pair = `${nameOf(verdict, to)} against ${nameOf(verdict, from)}`;
      if (!isNumber(requests))
        return `${pair}: never pays back its set-up${isNumber(low) ? `, after ${count(low)} requests at the earliest` : ''}.`;
      if (requests === 0) return `${pair}: pays from the first request.`;
      const ends = `${isNumber(low) ? count(low) : 'not known'} to ${isNumber(high) ? count(high) : 'never'}`;
      return `${pair}: pays back its set-up after ${count(requests)} requests (${intervalAt(verdict.criteria.confidence)} ${ends}).`;
    });
}

/** What would have changed the verdict: the other rungs, the rules of thumb that disagree, and the triggers. */
export function recordLines(verdict: Reasoned): string[] {
  const { alternatives, prior, triggers, assumptions } = verdict;
  const disagreeing = prior.filter(({ agrees }) => agrees === false);
  const compared = prior.filter(({ agrees }) => agrees !== undefined);
  return [
    ...alternatives.map(({ rung, why, needs }) => `${rung} was not chosen: ${why}. It would need ${needs}.`),
    ...disagreeing.map(({ source, answer, why }) => `Disagrees with the measurement, which stands: ${source} says ${answer}. ${why}`),
    ...(compared.length > 0 && disagreeing.length === 0
      ? [`The ${counted(compared.length, 'rule')} of thumb that take a side agree with the measurement.`]
      : []),
    ...(triggers.length === 0 ? ['Nothing was chosen, so no trigger is set.'] : triggers.map(triggerLine)),
    ...(assumptions.length === 0 ? [] : [`Taken for granted: ${assumptions.join(' ')}`]),
  ];
}

function triggerLine({ when, condition, now, fired, then }: Reasoned['triggers'][number]): string {
  const standing = typeof now === 'string' ? now : known(now, (value) => figureText(condition.figure, value));
  return `Reopened when ${when} (now ${standing}${fired ? ', fired' : ''}): ${then}.`;
}

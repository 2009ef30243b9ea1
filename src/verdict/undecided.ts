import { toDollars } from '#core/money.ts';
import type { Verdict } from '#core/verdict.ts';
import type { Choice, JudgedRung } from './choose.ts';
import { capital, count, dollars, goalText } from './figures.ts';
import type { JudgedGoal } from './goals.ts';
import { guardFigures, isOnlyOpen, triesText } from './guarded.ts';

type OpenVerdict = NonNullable<Verdict['undecided']>;

/** More rows of the measured split that would decide the goals that rows tell of, if values stay; undefined where no reasonable number would, or none is open. */
function rowsToDecide({ goals }: JudgedRung): number | undefined {
  return mostOf(goals.filter(({ goal }) => goal.probe === undefined));
}

/** More judged answers of each probe whose goals are open; null where no reasonable number would do, or none was judged. */
function answersToDecide({ goals }: JudgedRung): NonNullable<OpenVerdict['answers']> {
  const open = goals.filter(({ goal, status }) => goal.probe !== undefined && status === 'undecided');
  const probes = [...new Set(open.map(({ goal }) => goal.probe!))];
  return probes.map((probe) => ({ probe, more: mostOf(open.filter(({ goal }) => goal.probe === probe)) ?? null }));
}

function mostOf(goals: readonly JudgedGoal[]): number | undefined {
  const wanted = goals.filter(({ status }) => status === 'undecided').map(({ moreRows }) => moreRows);
  return wanted.length === 0 || wanted.some((more) => more === undefined) ? undefined : Math.max(...wanted.map((more) => more!));
}

/** "about 120 more rows and about 80 more answers to the probe jailbreak"; undefined where no reasonable number would decide a rung. */
export function wantedText(rung: JudgedRung, rowWord = 'rows'): string | undefined {
  const ofRows = rung.goals.some(({ goal, status }) => goal.probe === undefined && status === 'undecided');
  const rows = rowsToDecide(rung);
  const answers = answersToDecide(rung);
  if ((ofRows && rows === undefined) || answers.some(({ more }) => more === null)) return undefined;
  const ofProbes = answers.map(({ probe, more }) => `about ${count(more!)} more answers to the probe ${probe}`);
  return [...(rows === undefined ? [] : [`about ${count(rows)} more ${rowWord}`]), ...ofProbes].join(' and ');
}

/** What would decide an undecided verdict: rows of the cheapest open rung and answers to probes, and what asking the rows would cost. */
export function undecidedOf(choice: Choice): Verdict['undecided'] {
  if (choice.kind === 'blocked') return ofGuards(choice);
  const rung = choice.open[0];
  if (choice.kind !== 'undecided' || rung === undefined) return null;
  const name = rung.measures.evidence.rung;
  const rows = rowsToDecide(rung) ?? null;
  const answers = answersToDecide(rung);
  const perRow = rung.measures.cost?.perRequest;
  const price = perRow === undefined || rows === null ? null : toDollars(Math.round(perRow * rows));
  const clearing = choice.open.find(({ goals }) => goals.every(clears))?.measures.evidence;
  const waiting = clearing === undefined ? '' : ` Until then ${clearing.rung} is the cheapest that clears every goal as its values stand.`;
  const ofRows = pendingText(rung, ({ goal }) => goal.probe === undefined);
  const sentences = [...(ofRows === '' ? [] : [rowsText(name, ofRows, rows, price)]), ...answers.map((each) => answersText(rung, each))];
  return {
    rung: name,
    rows,
    dollars: price,
    ...(answers.length === 0 ? {} : { answers }),
    why: `${sentences.join(' ')}${waiting}`,
    meanwhile: clearing === undefined ? null : { rung: clearing.rung, candidate: clearing.candidate },
  };
}

/** Where only guards that are not decided stand in the way of the cheapest rung that would do. */
function ofGuards({ blocked }: Choice): Verdict['undecided'] {
  const evidence = blocked.find(({ measures }) => isOnlyOpen(measures.evidence))?.measures.evidence;
  if (evidence === undefined) return null;
  const why = `${evidence.rung} may not be chosen yet: it ${guardFigures(evidence)}. To try: ${triesText(evidence, 2)}.`;
  return { rung: evidence.rung, rows: null, dollars: null, why, meanwhile: null };
}

function pendingText({ goals }: JudgedRung, which: (goal: JudgedGoal) => boolean): string {
  const pending = goals.filter((goal) => goal.status === 'undecided' && which(goal));
  return pending.map(({ goal }) => goalText(goal)).join(' and ');
}

function clears({ goal, estimate }: JudgedGoal): boolean {
  if (estimate === undefined) return false;
  return goal.operator === '>=' ? estimate.value >= goal.bound : estimate.value <= goal.bound;
}

function rowsText(name: string, goals: string, rows: number | null, price: number | null): string {
  if (rows === null) return `${name} stands so close to ${goals} that no reasonable number of rows would decide it.`;
  const cost = price === null ? 'at a price that is not known' : `for about ${dollars(price)} of requests`;
  return `About ${count(rows)} more test rows would decide whether ${name} meets ${goals}, ${cost}, if its values stay.`;
}

function answersText(rung: JudgedRung, { probe, more }: { probe: string; more: number | null }): string {
  const { evidence } = rung.measures;
  const goals = pendingText(rung, ({ goal }) => goal.probe === probe);
  if (more !== null) {
    const needed = `about ${count(more)} more judged answers of the probe ${probe} would decide whether ${evidence.rung} meets ${goals}`;
    return `${capital(needed)}, if its values stay: let it ask more, by its options under probes: in the task.`;
  }
  const unmeasured = rung.goals.some(({ goal, estimate }) => goal.probe === probe && estimate === undefined);
  if (!unmeasured) return `${evidence.rung} stands so close to ${goals} that no reasonable number of answers would decide it.`;
  const why = evidence.unprobed?.find((each) => each.probe === probe)?.why ?? 'none of its answers could be judged';
  return `Whether ${evidence.rung} meets ${goals} is not known, for the probe ${probe} measured nothing: ${why}.`;
}

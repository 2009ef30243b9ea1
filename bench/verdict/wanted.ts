import { isKept, isNear } from './coverage.ts';
import { percentText } from './figure.ts';
import { bestOf, carelessPolicy, lineOf, type RegretLine, wholePolicy } from './regret.ts';
import type { Results } from './results.ts';

/** What was wanted of one figure, and what came of it. */
export interface WantedFigure {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly reached: boolean;
  /** Where it is not reached. */
  readonly why: string;
}

const statedError = 0.05;
const aFifth = 0.2;

export function wantedFigures(results: Results): WantedFigure[] {
  const ours = results.coverage.filter(({ contrast }) => !contrast);
  const fixed = ours.filter(({ atLeast }) => !atLeast);
  const off = fixed.filter((line) => !isNear(line));
  const sequences = ours.filter(({ atLeast }) => atLeast);
  const broken = sequences.filter((line) => !isKept(line));
  const stopped = results.errors.earlyStop[0]!;
  const worst = results.adversarial.earlyStop;
  const calls = results.calls[0]!.calls;
  const rule = bestOf(results.regret, 'rule of thumb');
  const average = bestOf(results.regret, 'average');
  const averageWhereMet = bestOf(results.regretWhereMet, 'average');
  const flips = results.flips.earlyStop;
  return [
    {
      name: 'intervals of fixed samples',
      wanted: 'within half a point of 95 %',
      measured: `${fixed.length - off.length} of ${fixed.length} lines`,
      reached: off.length === 0,
      why: `${off.filter((line) => isKept(line)).length} of the other ${off.length} promise less than they keep; the table of intervals says why each of them is off.`,
    },
    {
      name: 'intervals under peeking',
      wanted: 'at least 95 % at all times together',
      measured: `${sequences.length - broken.length} of ${sequences.length} lines`,
      reached: broken.length === 0,
      why: 'see the table of intervals.',
    },
    {
      name: 'the interval that the verdict shows of a rung stopped early',
      wanted: 'at least 95 %',
      measured: percentText(results.shownCoverage.stoppedEarly),
      reached: (results.shownCoverage.stoppedEarly?.value ?? 0) >= 1 - statedError - 0.005,
      why: 'see the end of the section on intervals.',
    },
    {
      name: 'a rung is chosen that is not good enough',
      wanted: 'at most 5 %',
      measured: percentText(stopped.chosenWrong),
      reached: (stopped.chosenWrong?.value ?? 0) <= statedError,
      why: 'see the table of verdicts.',
    },
    {
      name: 'the same, every rung just under the bar',
      wanted: 'at most 5 %',
      measured: percentText(worst.chosenWrong),
      reached: (worst.chosenWrong?.value ?? 0) <= statedError,
      why: 'see the table of verdicts.',
    },
    {
      name: 'a rung would do and the verdict says that none will',
      wanted: 'at most 5 %',
      measured: percentText(stopped.missed),
      reached: (stopped.missed?.value ?? 0) <= statedError,
      why: 'see the table of verdicts.',
    },
    {
      name: 'model calls against all rows of all rungs',
      wanted: 'half or fewer',
      measured: percentText(calls),
      reached: (calls?.value ?? 1) <= 0.5,
      why: 'a rung near the bar needs every row there is, and the worlds hold many such rungs.',
    },
    {
      name: `regret against the best rule of thumb (${rule?.policy.name})`,
      wanted: 'a fifth or less',
      measured: percentText(rule?.verdictShare, 0),
      reached: (rule?.verdictShare?.value ?? 1) <= aFifth,
      why: onAllRows(results.regret, rule),
    },
    {
      name: 'regret against “pick the best average”',
      wanted: 'a fifth or less',
      measured: percentText(average?.verdictShare, 0),
      reached: (average?.verdictShare?.value ?? 1) <= aFifth,
      why: `${onAllRows(results.regret, average)} ${noOneCould(results.regret)}`,
    },
    {
      name: 'the same where the verdict names a rung',
      wanted: 'a fifth or less',
      measured: percentText(averageWhereMet?.verdictShare, 0),
      reached: (averageWhereMet?.verdictShare?.value ?? 1) <= aFifth,
      why: `what is left is the price of being sure: a cheaper rung that is good enough, but near the bar, is not chosen before the rows show it. ${noOneCould(results.regretWhereMet)}`,
    },
    {
      name: 'two climbs contradict each other (met, not met)',
      wanted: 'at most 5 %',
      measured: percentText(flips.contradict),
      reached: (flips.contradict?.value ?? 0) <= statedError,
      why: 'see the table of flips.',
    },
    {
      name: 'two climbs choose another rung',
      wanted: 'at most 5 %',
      measured: percentText(flips.otherChosen),
      reached: (flips.otherChosen?.value ?? 0) <= statedError,
      why: 'the cheapest rung may be near the bar: decided on one set of rows, open on the other. Both choices are then good enough, and the verdict names the cheaper one as open.',
    },
  ];
}

/** What is left of the regret where nothing is saved on rows. */
function onAllRows(lines: readonly RegretLine[], rival: RegretLine | undefined): string {
  const share = (lineOf(lines, wholePolicy)?.dollars?.value ?? 0) / (rival?.dollars?.value ?? 1);
  return `Where a verdict names no rung, what runs meanwhile is picked from the rows that were asked: had every row been asked, the verdict would lose ${(share * 100).toFixed(0)} % of it.`;
}

/** What the least cautious way loses on the same rows: no care for error at all. */
function noOneCould(lines: readonly RegretLine[]): string {
  const careless = lineOf(lines, carelessPolicy);
  const average = bestOf(lines, 'average');
  const share = (careless?.dollars?.value ?? 0) / (average?.dollars?.value ?? 1);
  return `To take the cheapest rung whose average reaches the bar, with no care for error at all, loses ${(share * 100).toFixed(0)} % of it on the same rows, and runs a rung under the bar in ${percentText(careless?.under)} of the worlds that hold a better one.`;
}

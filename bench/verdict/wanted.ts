import { percentText } from './figure.ts';
import { bestRival } from './regret.ts';
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
const halfPoint = 0.005;

export function wantedFigures(results: Results): WantedFigure[] {
  const fixed = results.coverage.filter(({ atLeast, contrast, share }) => !atLeast && !contrast && share !== undefined);
  const off = fixed.filter(({ nominal, share }) => Math.abs(share!.value - nominal) > halfPoint);
  const sequences = results.coverage.filter(({ atLeast, share }) => atLeast && share !== undefined);
  const failing = sequences.filter(({ nominal, share }) => share!.value < nominal - halfPoint);
  const stopped = results.errors.earlyStop[0]!;
  const worst = results.adversarial.earlyStop;
  const calls = results.calls[0]!.calls;
  const rival = bestRival(results.regret);
  const rivalWhereMet = bestRival(results.regretWhereMet);
  const flips = results.flips.earlyStop;
  return [
    {
      name: 'intervals of fixed samples',
      wanted: 'within half a point of 95 %',
      measured: `${fixed.length - off.length} of ${fixed.length} lines`,
      reached: off.length === 0,
      why: 'the lines that are off are named, with the reason, in the table of intervals.',
    },
    {
      name: 'intervals under peeking',
      wanted: 'at least 95 % at all times together',
      measured: `${sequences.length - failing.length} of ${sequences.length} lines`,
      reached: failing.length === 0,
      why: 'see the table of intervals.',
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
      name: `regret against the best rival (${rival?.policy.name})`,
      wanted: 'a fifth or less',
      measured: percentText(rival?.verdictShare, 0),
      reached: (rival?.verdictShare?.value ?? 1) <= 0.2,
      why: 'where the rows do not decide, no rule can, and the verdict says so; something must run all the same.',
    },
    {
      name: `regret where the verdict names a rung, against the best rival (${rivalWhereMet?.policy.name})`,
      wanted: 'a fifth or less',
      measured: percentText(rivalWhereMet?.verdictShare, 0),
      reached: (rivalWhereMet?.verdictShare?.value ?? 1) <= 0.2,
      why: 'a cheaper rung that is truly good enough but near the bar is not chosen until the rows show it.',
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

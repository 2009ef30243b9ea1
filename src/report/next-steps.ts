import type { GuardResult } from '#core/guard.ts';
import type { Verdict, VerdictRung } from '#core/verdict.ts';
import { countText } from './number-text.ts';
import type { NextStep } from './report-input.ts';

const steps: Readonly<Record<Verdict['status'], (verdict: Verdict) => NextStep[]>> = {
  met: ({ chosen }) => [
    ...(chosen === null
      ? []
      : [{ text: `Ship ${chosen.rung}: the frozen candidate ${chosen.candidate} answers in production as it answered here.` }]),
    { text: 'Keep decision.json with the task: its triggers say when to measure again.' },
  ],
  'not-met': ({ rungs }) => [
    ...guardSteps(rungs),
    { text: 'Read the rows on which the rungs disagree: a label that people would argue about cannot be learnt.' },
    {
      text: 'Add examples, a stronger model or a further rung, and climb again; answers already paid for are kept.',
      command: 'rung climb',
    },
  ],
  undecided: ({ undecided, rungs }) =>
    undecided !== null && rungs.some(({ rung, guards = [] }) => rung === undecided.rung && guards.some(keepsBack))
      ? guardSteps(rungs)
      : undecided?.answers !== undefined
        ? [
            {
              text: `Give ${listed(undecided.answers.map(({ probe }) => probe))} more to ask, under probes: in the task: what it measures is not decided. Answers already paid for are kept.`,
              command: 'rung climb',
            },
          ]
        : undecided !== null && undecided.rows === null
          ? [{ text: `More rows will hardly decide it: ${undecided.rung} stands on its goal. Better the rung, or move the goal.` }]
          : [
              {
                text: `Add ${undecided === null ? 'examples' : `about ${countText(undecided.rows!)} test rows`}: an interval still straddles a goal, and more rows narrow it. Answers already paid for are kept.`,
                command: 'rung climb',
              },
            ],
  prior: () => [{ text: 'Nothing is measured yet: collect examples with expected answers, and climb.', command: 'rung climb' }],
};

function keepsBack({ status, blocks }: GuardResult): boolean {
  return blocks && (status === 'failed' || status === 'undecided');
}

const nothingMeasured: readonly NextStep[] = [
  { text: 'Give the rungs that were passed over what they say they need, or put others on the ladder.', command: 'rung climb' },
];

/** What to try where a guard keeps a tuned rung back. */
function guardSteps(rungs: readonly VerdictRung[]): NextStep[] {
  return rungs.flatMap(({ rung, guards = [] }) => {
    const back = guards.filter(keepsBack);
    const tries = [...new Set(back.flatMap(({ suggestions = [] }) => suggestions.slice(0, 1)))];
    if (tries.length === 0) return [];
    return [{ text: `Let ${rung} pass ${listed(back.map(({ id }) => id))}: ${tries.join('; or ')}.`, command: 'rung climb' }];
  });
}

const underFloor: readonly NextStep[] = [
  { text: 'Read the rows that every rung fails and the labels that the rungs contradict: set the task, its labels or its metric right.' },
  { text: 'Then climb again; climbing further up first would only learn the fault.', command: 'rung climb' },
];

/** What to do after a verdict: triggers that fired first, then what its status asks for, then rows without an answer. */
export function nextSteps(verdict: Verdict): NextStep[] {
  const fired = verdict.triggers.filter((trigger) => trigger.fired).map(({ when, then }) => ({ text: `${when} has come true: ${then}` }));
  const failed = verdict.spent.failures;
  const again = {
    text: `${countText(failed)} ${failed === 1 ? 'row' : 'rows'} brought no answer; a new climb asks only for those.`,
    command: 'rung climb',
  };
  return [...fired, ...stepsOf(verdict), ...(failed > 0 ? [again] : [])];
}

function stepsOf(verdict: Verdict): readonly NextStep[] {
  if (verdict.rungs.length > 0 && verdict.rungs.every(({ skipped }) => skipped !== undefined)) return nothingMeasured;
  return verdict.floor === null ? steps[verdict.status](verdict) : underFloor;
}

/** "forgetting, format and safety" */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}

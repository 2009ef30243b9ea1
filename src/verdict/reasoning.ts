import type { Task } from '#core/task.ts';
import type { ReasoningStep } from '#core/verdict.ts';
import { count, goalText, percent } from './figures.ts';
import { learningCurveLines } from './learning-curve.ts';
import { chooseLines, recordLines } from './reasoning-choose.ts';
import { climbLines, plateauLines, stopLines } from './reasoning-climb.ts';
import { counted, known, type Reasoned } from './reasoning-words.ts';

/**
 * The reasoning behind a verdict in eight steps, each in plain sentences with the figures they rest on: value, interval,
 * n and method. Made from the document alone, so that it says nothing that the document does not hold. `lookedEarly`:
 * whether rungs were looked at before their last row; taken from the rungs that were stopped where it is not given.
 */
export function reasoningOf(verdict: Reasoned, task: Task, lookedEarly = wasStopped(verdict)): ReasoningStep[] {
  const steps: readonly (readonly [title: string, lines: string[]])[] = [
    ['Split', splitLines(verdict, task)],
    ['Climb', climbLines(verdict, task)],
    ['Stop early', stopLines(verdict, task, lookedEarly)],
    ['Plateau', plateauLines(verdict)],
    ['Look up', lookUpLines(verdict)],
    ['Choose', chooseLines(verdict, task)],
    ['Confirm', confirmLines(verdict)],
    ['Record', recordLines(verdict)],
  ];
  return steps.map(([title, lines], index) => ({ step: index + 1, title, lines })).filter(({ lines }) => lines.length > 0);
}

function wasStopped({ rungs }: Reasoned): boolean {
  return rungs.some(({ rows }) => rows?.stopped !== undefined);
}

function splitLines({ criteria }: Reasoned, task: Task): string[] {
  const { split, hash, splitHash, changed } = criteria;
  const goals = task.goals.map(goalText);
  return [
    `${counted(split.train, 'row')} to train on, ${known(split.validation, count)} to choose by, ${known(split.test, count)} to test on; no group stands on two sides (split ${splitHash.slice(0, 12)}).`,
    goals.length === 0
      ? `No goals are set: the cheapest rung that is not significantly worse than the best is wanted, at ${known(criteria.confidence, percent)} confidence.`
      : `Goals, at ${known(criteria.confidence, percent)} confidence: ${goals.join('; ')}.`,
    changed
      ? 'Metrics, goals or the split were changed after the first answer: the numbers were not registered beforehand.'
      : `Metrics, goals and split were registered before the first answer and have not changed since (criteria ${hash.slice(0, 12)}).`,
  ];
}

function lookUpLines({ learningCurve }: Reasoned): string[] {
  if (learningCurve === null) return ['No learning curve was measured: what more training rows would bring is not known.'];
  return learningCurveLines(learningCurve);
}

function confirmLines({ criteria: { testLooks } }: Reasoned): string[] {
  if (testLooks === 0) return ['The test split was not looked at.'];
  if (testLooks === 1) return ['The test split was looked at once.'];
  // the expected largest of k normal numbers: Boucheron, Lugosi and Massart 2013, Concentration Inequalities, theorem 2.5
  const flattered = known(Math.sqrt(2 * Math.log(testLooks)), (value) => value.toFixed(1));
  return [
    `The test split was looked at ${counted(testLooks, 'time')} with different candidates: the best of them may be flattered by up to ${flattered} standard errors.`,
  ];
}

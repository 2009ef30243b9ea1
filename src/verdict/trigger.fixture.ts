import type { Goal } from '#core/goal.ts';
import type { CandidateCost } from '#economics/horizon.ts';
import type { Choice, JudgedRung } from './choose.ts';
import type { JudgedGoal } from './goals.ts';
import { madeEvidence, rightOf } from './verdict.fixture.ts';

/** Made-up choices, so that what follows a choice is tested without making one. */

export interface MadeRung {
  readonly rung: string;
  /** Nano-dollars. */
  readonly cost?: Partial<CandidateCost>;
  readonly goals?: readonly JudgedGoal[];
  readonly accuracy?: number;
  readonly retiresOn?: string;
}

const rows = 200;

export function madeRung({ rung, cost, goals = [], accuracy = 0.93, retiresOn }: MadeRung): JudgedRung {
  const evidence = madeEvidence([{ rung, scores: { accuracy: rightOf(Math.round(accuracy * rows), rows) }, retiresOn }]).candidates[0]!;
  return {
    measures: {
      evidence,
      rows,
      failures: 0,
      metrics: { accuracy: { value: accuracy, low: accuracy - 0.04, high: accuracy + 0.03, n: rows, method: 'wilson' } },
      service: {},
      ...(cost === undefined ? {} : { cost: { setup: 0, perRequest: 100_000, tuned: false, ...cost } }),
    },
    goals,
  };
}

/** A choice of the first of the rungs that would do. */
export function madeChoice(rungs: {
  sufficient?: readonly JudgedRung[];
  open?: readonly JudgedRung[];
  missing?: readonly JudgedRung[];
}): Choice {
  const { sufficient = [], open = [], missing = [] } = rungs;
  const judged = [...sufficient, ...open, ...missing];
  const chosen = sufficient[0];
  const kind = chosen !== undefined ? 'goals-met' : open.length > 0 ? 'undecided' : 'not-met';
  return { kind, judged, best: judged[0], sufficient, open, missing, blocked: [], ...(chosen === undefined ? {} : { chosen }) };
}

const status = { met: 'met', missed: 'not-met', open: 'undecided' } as const;

/** A goal as a rung stands to it, with an interval four points wide on either side. */
export function madeGoal(goal: Goal, kind: keyof typeof status, value: number, moreRows?: number): JudgedGoal {
  const spread = goal.bound * 0.04;
  const estimate = { value, low: value - spread, high: value + spread, n: rows, method: 'wilson' };
  return { goal, status: status[kind], estimate, ...(moreRows === undefined ? {} : { moreRows }) };
}

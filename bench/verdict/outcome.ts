import type { GoalStatus, VerdictStatus } from '#core/verdict.ts';
import { decide } from '#verdict/decide.ts';
import { climbed } from './climb.ts';
import { type Measured, rightMetric } from './measure.ts';
import type { World } from './world.ts';

/** What the decision said of one measured world. */
export interface Outcome {
  readonly status: VerdictStatus;
  /** Place on the ladder of the chosen rung. */
  readonly chosen?: number;
  /** The chance that the chosen rung is the cheapest that will do, as the verdict gives it. */
  readonly chance?: number;
  /** Place of the rung that an undecided verdict says will do until it is decided. */
  readonly meanwhile?: number;
  /** More rows that an undecided verdict says would decide it. */
  readonly moreRows?: number;
  /** Per rung, in ladder order. */
  readonly rungs: readonly RungOutcome[];
  /** Answers that were asked for. */
  readonly calls: number;
}

interface RungOutcome {
  readonly status: GoalStatus;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** US dollars over the horizon, as measured. */
  readonly horizonCost: number;
  readonly rows: number;
  /** True where the early stop ended it. */
  readonly stopped: boolean;
}

const meta = { metrics: [rightMetric], versions: { rung: 'simulated', node: 'simulated' } };

/** The real decision on all rows, or on the rows that the real early stop asks for. */
export function outcomeOf(measured: Measured, how: 'all rows' | 'early stop'): Outcome {
  const evidence = how === 'all rows' ? measured.evidence : climbed(measured);
  const verdict = decide(measured.task, evidence, meta);
  const placeOf = (name: string | undefined) => evidence.candidates.findIndex(({ rung }) => rung === name);
  const place = placeOf(verdict.chosen?.rung);
  const meanwhile = placeOf(verdict.undecided?.meanwhile?.rung);
  const rungs = verdict.rungs.map((rung, index): RungOutcome => {
    const estimate = rung.metrics[rightMetric.id];
    return {
      status: rung.goals[rightMetric.id] ?? 'undecided',
      value: estimate?.value ?? Number.NaN,
      low: estimate?.low ?? 0,
      high: estimate?.high ?? 1,
      horizonCost: rung.horizonCost ?? Number.NaN,
      rows: evidence.candidates[index]?.stopped?.rows ?? measured.evidence.examples.length,
      stopped: evidence.candidates[index]?.stopped !== undefined,
    };
  });
  const chance = verdict.chosen?.cheapest?.chance;
  const moreRows = verdict.undecided?.rows ?? undefined;
  return {
    status: verdict.status,
    ...(place < 0 ? {} : { chosen: place }),
    ...(meanwhile < 0 ? {} : { meanwhile }),
    ...(chance === undefined ? {} : { chance }),
    ...(moreRows === undefined ? {} : { moreRows }),
    rungs,
    calls: rungs.reduce((sum, { rows }) => sum + rows, 0),
  };
}

export function isSufficient(world: World, place: number): boolean {
  return world.rungs[place]!.accuracy >= world.bar;
}

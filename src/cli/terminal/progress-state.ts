import type { Estimate } from '#core/estimate.ts';
import type { EarlyStop } from '#core/evidence.ts';
import type { ProgressEvent } from '#core/progress.ts';

export type Phase = 'waiting' | 'preparing' | 'training' | 'measuring' | 'done' | 'skipped';

/** Progress in counted units, with the first report of it, from which a rate is measured. */
export interface Counted {
  readonly done: number;
  readonly total: number;
  readonly at: number;
  readonly firstDone: number;
  readonly firstAt: number;
}

interface TrainingState {
  readonly steps: Counted;
  readonly trainLoss: number;
  readonly validationLoss?: number;
  readonly metric?: number;
  /** As the trainer says. */
  readonly secondsLeft?: number;
}

export interface RungState {
  readonly rung: string;
  readonly phase: Phase;
  /** Rows that the plan wants measured. */
  readonly planned: number;
  readonly message?: string;
  readonly preparing?: Counted;
  readonly training?: TrainingState;
  readonly rows?: Counted;
  readonly failed: number;
  readonly estimate?: Estimate;
  readonly metric?: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly why?: string;
  /** Where measuring ended before the last row: the rest will not be asked. */
  readonly stopped?: EarlyStop;
  /** What was done with the rung after its rows were measured, as its learning curve. */
  readonly afterwards?: string;
}

export interface ProgressState {
  readonly task: string;
  readonly startedAt: number;
  readonly rungs: readonly RungState[];
  readonly spent?: { readonly dollars: number; readonly calls: number; readonly cached: number; readonly retries: number };
}

export function startState(now: number): ProgressState {
  return { task: '', startedAt: now, rungs: [] };
}

function count(before: Counted | undefined, done: number, total: number, now: number): Counted {
  // a count that falls back is a new piece of work, as the next round of a preparation
  const fresh = before === undefined || done < before.done || total !== before.total;
  return { done, total, at: now, firstDone: fresh ? done : before.firstDone, firstAt: fresh ? now : before.firstAt };
}

function trainingAfter(rung: RungState, event: Extract<ProgressEvent, { type: 'training' }>['event'], now: number): Partial<RungState> {
  const before = rung.training;
  if (event.type === 'message') return { message: event.message };
  if (event.type === 'evaluation') {
    const losses = { validationLoss: event.validationLoss, metric: event.metric ?? before?.metric };
    const empty = { steps: count(undefined, event.step, event.step, now), trainLoss: Number.NaN };
    return { training: { ...(before ?? empty), ...losses } };
  }
  const steps = count(before?.steps, event.step, event.totalSteps, now);
  return { training: { ...before, steps, trainLoss: event.trainLoss, secondsLeft: event.secondsLeft } };
}

function changed(rung: RungState, event: ProgressEvent, now: number): RungState {
  const startedAt = rung.startedAt ?? now;
  switch (event.type) {
    case 'prepare': {
      const preparing =
        event.done === undefined || event.total === undefined ? undefined : count(rung.preparing, event.done, event.total, now);
      // work on a rung that has ended already asks none of its rows again
      const over = rung.endedAt !== undefined && preparing !== undefined && preparing.done >= preparing.total;
      if (over) return { ...rung, phase: 'done', preparing, afterwards: event.message };
      return { ...rung, phase: 'preparing', message: event.message, preparing, startedAt };
    }
    case 'training':
      return { ...rung, phase: 'training', startedAt, ...trainingAfter(rung, event.event, now) };
    case 'rows': {
      const { failed, estimate, metric } = event;
      return { ...rung, phase: 'measuring', rows: count(rung.rows, event.done, event.total, now), failed, estimate, metric, startedAt };
    }
    case 'rung-done':
      return { ...rung, phase: 'done', endedAt: now, startedAt, ...(event.stopped === undefined ? {} : { stopped: event.stopped }) };
    case 'skipped':
      return { ...rung, phase: 'skipped', why: event.why, endedAt: now };
    default:
      return rung;
  }
}

/** The state after an event that came at `now` milliseconds. A rung that the plan did not name is added. */
export function advance(state: ProgressState, event: ProgressEvent, now: number): ProgressState {
  if (event.type === 'plan') {
    return {
      ...state,
      task: event.task,
      rungs: event.rungs.map(({ rung, rows }) => ({ rung, planned: rows, phase: 'waiting', failed: 0 })),
    };
  }
  if (event.type === 'spent') return { ...state, spent: event };
  if (event.type === 'warning' || event.type === 'note') return state;
  const known = state.rungs.some((rung) => rung.rung === event.rung);
  const rungs: readonly RungState[] = known ? state.rungs : [...state.rungs, { rung: event.rung, planned: 0, phase: 'waiting', failed: 0 }];
  return { ...state, rungs: rungs.map((rung) => (rung.rung === event.rung ? changed(rung, event, now) : rung)) };
}

import type { CandidateEvidence, EarlyStop } from '#core/evidence.ts';
import type { PreparedCandidate } from '#core/run.ts';
import type { PlannedRung } from './plan.ts';
import { type GuardOptions, runGuards } from './run-guards.ts';
import type { TunedReference } from './tuned-reference.ts';

/** A tuned rung as it was measured. */
interface MeasuredTune {
  readonly prepared: PreparedCandidate;
  readonly tuned: TunedReference;
  readonly stopped: EarlyStop | undefined;
  /** Rows that brought an answer. */
  readonly answered: number;
}

/**
 * Holds a tuned rung that was measured against the guards. One that was stopped since it cannot be chosen is not: nothing that
 * a guard finds would change that.
 */
export async function guardRung(
  rung: PlannedRung,
  { prepared, tuned, stopped, answered }: MeasuredTune,
  options: GuardOptions,
): Promise<Pick<CandidateEvidence, 'guards'>> {
  if (answered === 0 || stopped?.reason === 'misses-goal' || stopped?.reason === 'dominated') return {};
  const training = await options.store.training(prepared.id);
  const guards = await runGuards({ rung: rung.name, approach: rung.approach, manifest: prepared.manifest, tuned, training }, options);
  return guards.length === 0 ? {} : { guards };
}

import { inputError } from '#core/errors.ts';
import type { ProbeInput } from '#core/probe.ts';

/** The task's score of an answer; throws a usage error where no metric scores rows. */
export function scorer(probe: string, { score }: ProbeInput): NonNullable<ProbeInput['score']> {
  if (score !== undefined) return score;
  throw inputError({
    code: 'probe-without-metric',
    message: `The probe ${probe} follows the task's leading metric, and none of its metrics scores single rows.`,
    hint: 'Add one to metrics: in the task, as accuracy, exact or persona.',
  });
}

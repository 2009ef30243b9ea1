import type { CandidateEvidence } from '#core/evidence.ts';
import type { GuardResult } from '#core/guard.ts';
import { percent, rangeText } from './figures.ts';

/** The guards that keep a tuned candidate from being chosen: those that block and did not pass. */
export function blockingGuards({ guards = [] }: Pick<CandidateEvidence, 'guards'>): readonly GuardResult[] {
  return guards.filter(({ blocks, status }) => blocks && (status === 'failed' || status === 'undecided'));
}

/** True where only guards that could not be decided keep it from being chosen. */
export function isOnlyOpen(evidence: Pick<CandidateEvidence, 'guards'>): boolean {
  const blocking = blockingGuards(evidence);
  return blocking.length > 0 && blocking.every(({ status }) => status === 'undecided');
}

/** "the guard forgetting", "the guards forgetting and safety". */
function guardNames(guards: readonly GuardResult[]): string {
  const names = guards.map(({ id }) => id);
  return `the ${names.length === 1 ? 'guard' : 'guards'} ${names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`}`;
}

/** "did not pass the guard forgetting (12 %, 8–16 %, limit 2 %)". */
export function guardFigures(evidence: Pick<CandidateEvidence, 'guards'>): string {
  const blocking = blockingGuards(evidence);
  const figures = blocking.map(({ id, value, low, high, limit }) => {
    if (value === undefined || low === undefined || high === undefined || limit === undefined) return id;
    return `${id} (${percent(value)}, ${rangeText({ low, high })}, limit ${percent(limit)})`;
  });
  const words = blocking.every(({ status }) => status === 'undecided') ? 'is left open by' : 'did not pass';
  return `${words} the ${blocking.length === 1 ? 'guard' : 'guards'} ${figures.join(' and ')}`;
}

/** Why it may not be chosen, guard by guard, as each says it. */
export function blockedText(evidence: Pick<CandidateEvidence, 'guards'>): string {
  const blocking = blockingGuards(evidence);
  const failed = blocking.filter(({ status }) => status === 'failed');
  const open = blocking.filter(({ status }) => status === 'undecided');
  return [
    ...(failed.length === 0 ? [] : [`it did not pass ${guardNames(failed)}: ${whyOf(failed)}`]),
    ...(open.length === 0 ? [] : [`${guardNames(open)} could not be decided: ${whyOf(open)}`]),
  ].join('; ');
}

function whyOf(guards: readonly GuardResult[]): string {
  return guards.map(({ why }) => why.replace(/[.]$/, '')).join('; ');
}

/** What to try, each once. */
export function triesText(evidence: Pick<CandidateEvidence, 'guards'>, most = 3): string {
  const tries = [...new Set(blockingGuards(evidence).flatMap(({ suggestions = [] }) => suggestions))].slice(0, most);
  return tries.length === 0 ? 'to pass them' : tries.join('; or ');
}

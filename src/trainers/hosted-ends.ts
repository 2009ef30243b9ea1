import { inputError } from '#core/errors.ts';
import type { HostedEnd, HostedService } from './hosted-service.ts';

const dayMs = 86_400_000;

/** A tuned model that is switched off so soon is worth a warning. */
const soonDays = 180;

/** A job may wait and run that long: what would begin later than that before the end is told. */
const jobDays = 3;

function daysUntil(end: HostedEnd, now: number): number {
  return Math.ceil((Date.parse(`${end.on}T00:00:00Z`) - now) / dayMs);
}

/** Throws a usage error after the last day on which the service takes jobs. `now` in milliseconds since 1970. */
export function checkOpen(service: HostedService, now: number): void {
  const closed = service.ends.find((end) => end.firm && end.stops === 'jobs' && daysUntil(end, now) < 0);
  if (closed === undefined) return;
  throw inputError({
    code: 'service-closed',
    message: `${service.id} took its last new jobs on ${closed.on}, as was announced (${closed.source}).`,
    hint: 'Tune a model with open weights instead: with peft on your own machine, or at together or fireworks; the same rows will do.',
  });
}

/** What is about to end, or has ended, in words. */
export function endWarnings(service: HostedService, now: number): readonly string[] {
  return service.ends.flatMap((end) => {
    const days = daysUntil(end, now);
    if (days > (end.stops === 'models' ? soonDays : jobDays)) return [];
    const when = days < 0 ? 'past' : days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`;
    const rescue = end.stops === 'models' && days >= 0 ? rescueFrom(service) : '';
    return [`On ${end.on}${end.firm ? '' : ' at the earliest'} (${when}): ${end.what} (${end.source})${rescue}`];
  });
}

/** How what was tuned outlives its service. */
function rescueFrom({ weights, withholds }: HostedService): string {
  if (weights !== undefined) return ' Fetch its adapter before, with rung tune download.';
  return withholds === undefined ? '' : ' Its weights cannot be fetched: tune the same rows on open weights before.';
}

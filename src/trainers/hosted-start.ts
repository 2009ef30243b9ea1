import { join } from 'node:path';
import { ModelError } from '#core/model-error.ts';
import type { TrainingJob } from '#core/trainer.ts';
import type { ServiceClock } from '#http/service-client.ts';
import type { HostedEvents } from './hosted-events.ts';
import type { Journal } from './hosted-journal.ts';
import { doOnce } from './hosted-once.ts';
import { writeRows } from './hosted-rows.ts';
import type { HostedCall, HostedFile, HostedRequest, HostedService } from './hosted-service.ts';

/** What a job is begun with. */
export interface Beginning {
  readonly service: HostedService;
  readonly job: TrainingJob;
  readonly call: HostedCall;
  readonly clock: ServiceClock;
  readonly folder: string;
  readonly events: HostedEvents;
  /** True once the job's cancelling was asked for. */
  isCancelWanted(): boolean;
  journal(): Journal;
  /** Changes the journal on disk, then here. */
  record(changes: Partial<Journal>): Promise<void>;
}

/** Times that a service is asked whether it has read a file, and the wait between: ten minutes together. */
const readyLooks = 120;
const readyWaitMs = 5_000;

/** Status of a request that the service understood and will not do. */
const refusals: ReadonlySet<number> = new Set([400, 404, 409, 422]);

/**
 * Brings the rows to the service and creates the job, unless an earlier process did; gives the job's id, undefined where it was
 * cancelled before it was created.
 */
export async function beginJob(beginning: Beginning): Promise<string | undefined> {
  const { service, job, call, events, isCancelWanted } = beginning;
  const before = beginning.journal().job;
  if (before !== undefined) return before;
  const { nonce } = beginning.journal();
  const files = await writeRows(service, job, join(beginning.folder, 'rows'), nonce);
  const tried = beginning.journal().tried.includes('job');
  // a job that may be there already must be found to be cancelled
  const isCancelled = () => !tried && isCancelWanted();
  for (const file of files) {
    if (isCancelled()) return undefined;
    await bring(file, beginning);
  }
  const { train = '', validation } = beginning.journal().files;
  const request: HostedRequest = { job, nonce, train, ...(validation === undefined ? {} : { validation }) };
  const quote = await service.quote?.(call, request);
  if (quote !== undefined) {
    if (!quote.allowed) throw new ModelError({ kind: 'rejected', status: 402, message: quote.message });
    events.say('quote', 'info', quote.message);
  }
  if (isCancelled()) return undefined;
  if (!tried) await beginning.record({ tried: [...beginning.journal().tried, 'job'] });
  const created = await doOnce({
    tried,
    clock: beginning.clock,
    signal: call.signal,
    act: () => service.create(call, request),
    find: () => service.findJob(call, request),
  }).catch(async (error: unknown) => {
    // the service may have dropped the files that the journal knows: the next start sends them again
    if (ModelError.is(error) && refusals.has(error.status ?? 0)) await beginning.record({ files: {}, tried: [] });
    throw error;
  });
  const now = beginning.clock.now();
  await beginning.record({ job: created.id, rawState: created.rawState, startedAt: now, changedAt: now });
  return created.id;
}

async function bring(file: HostedFile, beginning: Beginning): Promise<void> {
  const { service, call, clock } = beginning;
  const { part } = file;
  let id = beginning.journal().files[part];
  if (id === undefined) {
    const tried = beginning.journal().tried.includes(part);
    if (!tried) await beginning.record({ tried: [...beginning.journal().tried, part] });
    id = await doOnce({
      tried,
      clock,
      signal: call.signal,
      act: () => service.upload(call, file),
      find: () => service.findFile(call, file),
    });
    await beginning.record({ files: { ...beginning.journal().files, [part]: id } });
  }
  if (service.isReady === undefined) return;
  for (let look = 0; !(await service.isReady(call, id)); look++) {
    if (look >= readyLooks) {
      throw new ModelError({ kind: 'timeout', message: `${service.id} had not read the ${part} file after ten minutes.` });
    }
    await clock.wait(readyWaitMs, call.signal);
  }
}

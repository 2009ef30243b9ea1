import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputError } from '#core/errors.ts';
import {
  defineTrainer,
  type Trainer,
  type TrainerContext,
  type TrainerSite,
  type TrainingJob,
  type TrainingStatus,
} from '#core/trainer.ts';
import type { ServiceClock } from '#http/service-client.ts';
import { openCall } from './hosted-call.ts';
import { checkOpen, endWarnings } from './hosted-ends.ts';
import { estimateJob } from './hosted-estimate.ts';
import { HostedEvents } from './hosted-events.ts';
import { failureOf } from './hosted-failure.ts';
import { type Journal, readJournal, writeJournal } from './hosted-journal.ts';
import { checkLimits, notTaken } from './hosted-limits.ts';
import { HostedRun } from './hosted-run.ts';
import type { HostedCall, HostedService } from './hosted-service.ts';
import { isServedBy, prefixOf, readHostedSettings } from './hosted-settings.ts';
import { beginJob } from './hosted-start.ts';
import { tokenCounter } from './hosted-tokens.ts';
import { fetchWeights } from './hosted-weights.ts';

export interface HostedTools extends ServiceClock {
  /** A word that no other job has. */
  newNonce(): string;
}

const systemTools: HostedTools = {
  now: () => Date.now(),
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  random: () => Math.random(),
  newNonce: () => randomUUID().replaceAll('-', '').slice(0, 12),
};

/** A trainer out of a service's own part. The job lives at the service: whoever starts it again on the same folder goes on with it. */
export function hostedTrainer(service: HostedService, tools: HostedTools = systemTools): Trainer {
  const running = new Map<string, HostedRun | { readonly refused: TrainingStatus }>();
  return defineTrainer({
    hosted: true,
    id: service.id,
    summary: service.summary,
    methods: service.methods,
    // another server that speaks like the service ends nothing
    ends: (site) => (readHostedSettings(service, site).isVendor ? service.ends.map(({ on, what, source }) => ({ on, what, source })) : []),
    canTune: (base) => isServedBy(service, base),
    check: (job, site) => check(service, tools, job, site),
    async estimate(job, site) {
      const settings = readHostedSettings(service, site);
      return estimateJob(service, job, site.base.model, settings, await tokenCounter(service));
    },
    async start(job, context) {
      const begun = await begin(service, tools, job, context);
      running.set(begun.id, begun.run);
      return { trainer: service.id, job: begun.id, state: begun.state };
    },
    async poll({ job }, { waitMs }) {
      const run = running.get(job);
      if (run === undefined) {
        return {
          state: 'failed',
          error: `The job ${job} is not watched by this process.`,
          hint: 'Start it again on the same folder: that goes on with it and uploads nothing twice.',
        };
      }
      return 'refused' in run ? run.refused : run.poll(waitMs);
    },
    async cancel({ job }) {
      const run = running.get(job);
      if (run !== undefined && !('refused' in run)) await run.cancel();
    },
    ...(service.weights && { download: (order, site) => fetchWeights(service, tools, order, site) }),
    ...(service.withholds !== undefined && { withholds: service.withholds }),
  });
}

async function check(service: HostedService, tools: HostedTools, job: TrainingJob, site: TrainerSite): Promise<void> {
  const settings = readHostedSettings(service, site);
  if (!service.methods.includes(job.method)) {
    throw inputError({
      code: 'no-trainer',
      message: `${service.id} cannot learn by the method ${job.method}.`,
      hint: `It learns by: ${service.methods.join(', ')}.`,
    });
  }
  if (job.base.adapter !== undefined) {
    throw inputError({
      code: 'training-base',
      message: `${service.id} cannot go on from an adapter that was made elsewhere.`,
      hint: 'Tune the base model itself, or use the trainer that made the adapter.',
    });
  }
  if (settings.isVendor) checkOpen(service, tools.now());
  const objection = service.objection?.(job, site.base, settings);
  if (objection !== undefined) throw inputError({ code: 'training-base', ...objection });
  checkLimits(service, job, await tokenCounter(service));
}

/** The journal of the job that the folder holds; a new one where there is none or it has ended. */
async function journalIn(file: string, service: HostedService, tools: HostedTools): Promise<Journal> {
  const before = await readJournal(file);
  if (before !== undefined && !before.ended && before.service === service.id) return before;
  const now = tools.now();
  const times = { startedAt: now, changedAt: now };
  return { schema: 'rung.hosted/1', service: service.id, nonce: tools.newNonce(), files: {}, tried: [], ...times, ended: false };
}

async function begin(service: HostedService, tools: HostedTools, job: TrainingJob, context: TrainerContext) {
  const { base, scratchFolder, signal, evaluate } = context;
  const file = join(scratchFolder, 'hosted.json');
  let journal = await journalIn(file, service, tools);
  const isPickedUp = journal.job !== undefined;
  let call: HostedCall | undefined;
  try {
    const settings = readHostedSettings(service, context);
    // a job that runs already has passed, and its service may have closed to new ones since
    if (!isPickedUp) await check(service, tools, job, context);
    call = openCall(service, { base, settings, signal, clock: tools });
    const events = new HostedEvents(join(scratchFolder, `events-${journal.nonce}.jsonl`), job, prefixOf(base), context.onEvent);
    const record = async (changes: Partial<Journal>) => {
      const next = { ...journal, ...changes };
      await writeJournal(file, next, changes.job !== undefined);
      journal = next;
    };
    const isCancelWanted = () => context.isCancelWanted?.() === true;
    const shared = { service, job, call, clock: tools, events, isCancelWanted, journal: () => journal, record };
    await record({});
    if (settings.isVendor) for (const warning of endWarnings(service, tools.now())) events.say(`end:${warning}`, 'warning', warning);
    for (const left of notTaken(service, job)) events.say(`not-taken:${left}`, 'info', left);
    const id = await beginJob({ ...shared, folder: scratchFolder });
    if (id === undefined) {
      await call.client.close();
      return { id: `unstarted-${journal.nonce}`, run: { refused: { state: 'cancelled' as const } }, state: {} };
    }
    const run = new HostedRun({ ...shared, id, ...(evaluate && { evaluate: (model) => evaluate(model) }) });
    if (isPickedUp) await run.goOn();
    return { id, run, state: { files: { ...journal.files } } };
  } catch (error) {
    await call?.client.close();
    if (signal.aborted) throw error;
    const keyVariable = call?.settings.keyVariable ?? service.keyVariable;
    const id = journal.job ?? `unstarted-${journal.nonce}`;
    return { id, run: { refused: failureOf(error, keyVariable, journal.job !== undefined) }, state: {} };
  }
}

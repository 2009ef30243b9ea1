import type { ModelReference } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { TrainingJob, TrainingOutcome, TrainingState, TrainingStatus } from '#core/trainer.ts';
import type { ServiceClock } from '#http/service-client.ts';
import { quotable } from '#http/service-error.ts';
import { bestOf, type KeptModel } from './hosted-checkpoints.ts';
import { costOfTokens, priceOf } from './hosted-estimate.ts';
import type { HostedEvents, TrainingPlan } from './hosted-events.ts';
import { failureOf, hintFor } from './hosted-failure.ts';
import type { Journal } from './hosted-journal.ts';
import { isGone } from './hosted-reply.ts';
import type { HostedCall, HostedReport, HostedService, News } from './hosted-service.ts';
import { prefixOf } from './hosted-settings.ts';

export interface RunOptions {
  readonly service: HostedService;
  readonly job: TrainingJob;
  readonly call: HostedCall;
  readonly clock: ServiceClock;
  readonly events: HostedEvents;
  readonly id: string;
  /** The task's metric of a model, higher better. */
  evaluate?(model: ModelReference): Promise<number | undefined>;
  journal(): Journal;
  record(changes: Partial<Journal>): Promise<void>;
}

/** Time between two looks at a job. */
const lookEveryMs = 5_000;

const hourMs = 3_600_000;
const usualQuietHours = 6;

const final: ReadonlySet<TrainingState> = new Set(['succeeded', 'failed', 'cancelled']);

/** A job at a service as this process watches it. */
export class HostedRun {
  readonly #options: RunOptions;
  #status: TrainingStatus;
  #nextLook = 0;
  #outages = 0;
  #isCancelWanted = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#status = { state: 'queued', rawState: options.journal().rawState };
  }

  /** The state after at most `waitMs`; a service is not asked more often than every few seconds. */
  async poll(waitMs: number): Promise<TrainingStatus> {
    const { clock, call } = this.#options;
    const until = clock.now() + waitMs;
    for (;;) {
      if (final.has(this.#status.state)) return this.#status;
      // whoever stops watching does not stop the job: another process goes on with it
      if (call.signal.aborted) return this.#close(this.#status);
      const now = clock.now();
      if (now >= this.#nextLook) {
        await this.#look();
        this.#nextLook = clock.now() + lookEveryMs;
        continue;
      }
      if (now >= until) return this.#status;
      await clock.wait(Math.min(this.#nextLook, until) - now, call.signal).catch(() => {});
    }
  }

  async cancel(): Promise<void> {
    if (final.has(this.#status.state) || this.#options.call.signal.aborted) return;
    this.#isCancelWanted = true;
    await this.#look();
  }

  /** Lets a job go on that was paused at the service. */
  async goOn(): Promise<void> {
    const { service, call, id, job, events } = this.#options;
    await this.#look();
    if (this.#status.state !== 'paused' || service.resume === undefined) return;
    await service.resume(call, id, job);
    events.say('resumed', 'info', 'The job was paused at the service; it was asked to go on.');
  }

  async #look(): Promise<void> {
    const { call, events, clock } = this.#options;
    try {
      if (this.#isCancelWanted) await this.#askToCancel();
      const report = await this.#read();
      if (report === undefined) return;
      const isNew = events.tell(await this.#news(report), planOf(report));
      this.#outages = 0;
      await this.#take(report, isNew);
    } catch (error) {
      if (call.signal.aborted) return;
      if (ModelError.is(error) && error.retryable) {
        if (this.#outages++ === 0) events.say(`outage:${clock.now()}`, 'warning', `${error.message} The job goes on there.`);
      } else this.#status = { ...failureOf(error, call.settings.keyVariable, true), rawState: this.#options.journal().rawState };
    }
  }

  async #askToCancel(): Promise<void> {
    const { service, call, id, job } = this.#options;
    try {
      await service.cancel(call, id, job);
    } catch (error) {
      // a job that ended meanwhile cannot be cancelled; how it ended is read next
      if (!ModelError.is(error) || error.kind === 'unauthorised' || error.retryable) throw error;
    }
    this.#isCancelWanted = false;
  }

  /** Undefined where the service does not know the job any more, which ends it. */
  async #read(): Promise<HostedReport | undefined> {
    const { service, call, id, job } = this.#options;
    try {
      return await service.read(call, id, job);
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.#end({
        state: 'failed',
        error: `${service.id} does not know the job ${id} any more.`,
        hint: 'It was deleted there, or the key belongs to another account. Run the same command again with the key that began it; that makes a new job.',
      });
      return undefined;
    }
  }

  /** What is new; a list of events that cannot be had does not stop a job. */
  async #news(report: HostedReport): Promise<readonly News[]> {
    const { service, call, job, events } = this.#options;
    try {
      return await service.news(call, report, job, (key) => events.has(key));
    } catch (error) {
      if (!ModelError.is(error) || error.kind === 'unauthorised' || error.retryable) throw error;
      return [{ key: 'no-news', event: { type: 'message', level: 'warning', message: `The events cannot be read: ${error.message}` } }];
    }
  }

  async #take(report: HostedReport, isNew: boolean): Promise<void> {
    const { service, events, clock, call } = this.#options;
    const rawState = quotable(report.rawState, call.settings.key);
    const known = Object.hasOwn(service.states, report.rawState) ? service.states[report.rawState] : undefined;
    if (known === undefined) {
      const message = `${service.id} calls the job's state ${JSON.stringify(rawState)}, which is not known here; it counts as running.`;
      events.say(`state:${rawState}`, 'warning', message);
    }
    const state = known ?? 'running';
    const now = clock.now();
    const journal = this.#options.journal();
    if (isNew || rawState !== journal.rawState) await this.#options.record({ rawState, changedAt: now });
    else if (!final.has(state)) this.#warnOfQuiet(now - journal.changedAt, journal.changedAt, rawState);
    if (state === 'succeeded') await this.#succeed(report);
    else if (state === 'failed') {
      const said = report.error === undefined ? 'no reason was given' : quotable(report.error, call.settings.key);
      await this.#end({ state, rawState, error: `${service.id} ended the job as ${rawState}: ${said}`, hint: hintFor(said) });
    } else if (state === 'cancelled') await this.#end({ state, rawState });
    else this.#status = { state, rawState };
  }

  #warnOfQuiet(quietMs: number, since: number, rawState: string): void {
    const hours = this.#options.call.settings.quietHours ?? usualQuietHours;
    if (quietMs < hours * hourMs) return;
    const { service, events } = this.#options;
    events.say(
      `quiet:${since}`,
      'warning',
      `${service.id} has told nothing of the job for ${Math.floor(quietMs / hourMs)} hours; it is still ${rawState}. Look at the service's own page, or cancel it.`,
    );
  }

  async #end(status: TrainingStatus): Promise<void> {
    await this.#options.record({ ended: true });
    await this.#close(status);
  }

  async #succeed(report: HostedReport): Promise<void> {
    const { service, call, events } = this.#options;
    const { rawState } = report;
    const gone = (what: string) =>
      this.#end({
        state: 'failed',
        rawState,
        error: `${service.id} ended the job as ${rawState}, but ${what}.`,
        hint: 'The service keeps the job for its support; run the same command again to tune anew.',
      });
    if (report.model === undefined) return gone('names no tuned model');
    try {
      await service.look(call, report);
    } catch (error) {
      if (isGone(error)) return gone(`the tuned model ${quotable(report.model, call.settings.key)} is not there`);
      if (ModelError.is(error) && error.retryable) throw error;
      events.say('look', 'warning', 'The service did not let the tuned model be looked up.');
    }
    try {
      events.tell((await service.results?.(call, report, events.steps())) ?? [], planOf(report));
    } catch (error) {
      if (ModelError.is(error) && error.retryable) throw error;
      events.say('results', 'warning', 'The results file of the job cannot be had; the losses are those that its events told.');
    }
    if (service.toServe !== undefined) events.say('serve', 'info', service.toServe);
    const last = { model: `${prefixOf(call.base)}${report.model}`, step: Math.max(0, ...events.steps()) };
    const { evaluate } = this.#options;
    const chosen = evaluate === undefined || service.checkpointsAnswer !== true ? last : await bestOf(last, events, evaluate);
    // they are the final model's; another checkpoint answers otherwise
    const samples = chosen.model === last.model ? await service.samples?.(call, report) : undefined;
    await this.#close({ state: 'succeeded', rawState, outcome: { ...this.#outcome(report, chosen), ...(samples && { samples }) } });
  }

  async #close(status: TrainingStatus): Promise<TrainingStatus> {
    this.#status = status;
    await this.#options.call.client.close();
    return status;
  }

  #outcome(report: HostedReport, { model, step }: KeptModel): TrainingOutcome {
    const { service, call, job, events } = this.#options;
    const { trainedTokens } = report;
    const price = priceOf(service, job, call.base.model, call.settings);
    const cost = report.cost ?? (trainedTokens === undefined || price === undefined ? undefined : costOfTokens(trainedTokens, price));
    const begun = report.startedAt ?? this.#options.journal().startedAt;
    return {
      model: { model },
      hyperparameters: { ...job.hyperparameters, ...report.hyperparameters },
      events: events.all(),
      bestStep: step,
      seconds: Math.max(0, ((report.endedAt ?? this.#options.clock.now()) - begun) / 1000),
      ...(cost === undefined ? {} : { cost }),
      ...(trainedTokens === undefined ? {} : { trainedTokens }),
    };
  }
}

function planOf({ totalSteps, hyperparameters }: HostedReport): TrainingPlan {
  const epochs = hyperparameters?.['epochs'];
  return { totalSteps, ...(typeof epochs === 'number' ? { epochs } : {}) };
}

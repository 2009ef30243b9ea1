import { basename } from 'node:path';
import { messageOf, RungError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { NanoDollars } from '#core/money.ts';
import type {
  Trainer,
  TrainerContext,
  TrainerSite,
  TrainingEstimate,
  TrainingEvent,
  TrainingHandle,
  TrainingJob,
  TrainingOutcome,
  TrainingStatus,
} from '#core/trainer.ts';
import { locatedRow, type PlaceOfRow } from '#core/training-row-error.ts';
import { writeFailure } from '#data/write-failure.ts';
import { isFinal, type Jobs } from './jobs.ts';

/** What a checkpoint came to. */
export interface JudgedCheckpoint {
  /** The task's metric, higher better; absent where the model could not be asked. */
  readonly metric?: number;
  /** Why it could not. */
  readonly unasked?: string;
  /** Share of its answers that copy training answers; absent where nothing can be copied. */
  readonly copied?: number;
}

export interface RunJobOptions {
  readonly jobs: Jobs;
  readonly trainer: Trainer;
  /** Aborting its signal ends this run and not the job: it goes on when it is run again. */
  readonly site: TrainerSite;
  /** Keeps an adapter folder; gives its artefact id. */
  keep(folder: string): Promise<string>;
  /** Judges a checkpoint. What it throws ends this run and not the job. */
  evaluate?(model: ModelReference): Promise<JudgedCheckpoint>;
  /** What the evaluations of this run cost so far. */
  spent?(): NanoDollars;
  /**
   * Sets money aside before a job is started; throws where there is too little. What it gives is told what the service
   * charged: undefined where that is not known. The estimate is undefined where the trainer makes none, or the job was
   * begun before.
   */
  reserve?(estimate: () => Promise<TrainingEstimate | undefined>): Promise<(charged: NanoDollars | undefined) => void>;
  onEvent?(event: TrainingEvent): void;
  /** By this a row that the trainer's check refuses is named by file and line. */
  readonly placeOf?: PlaceOfRow | undefined;
  /** What decides the outcome besides the job and its trainer, as the base model's weights: a part of what the job is known by. */
  readonly identity?: string;
  readonly metadata?: JsonObject;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between two looks at the job and at whether its cancelling was asked for. */
  readonly pollMs?: number;
}

const usualPollMs = 2_000;
/** How long a trainer may take to put its state down when a run ends before its job. */
const farewellMs = 30_000;

/** One run of a job by this process, which holds its lock. */
export class JobRun {
  readonly #id: string;
  readonly #job: TrainingJob;
  readonly #before: JobRecord;
  readonly #options: RunJobOptions;
  readonly #stop = new AbortController();
  readonly #now: () => number;
  readonly #begunAt: number;
  readonly #spentBefore: NanoDollars;
  /** Of the last evaluation, until the trainer has told of it. */
  #copied: number | undefined;
  /** What ends this run though the trainer may not know of it. */
  #fault: { readonly error: unknown } | undefined;

  constructor(job: TrainingJob, before: JobRecord, options: RunJobOptions) {
    this.#id = before.id;
    this.#job = job;
    this.#options = options;
    // whatever ended before its success begins anew, with what it took so far
    this.#before = isFinal(before.state) ? { ...before, handle: undefined } : before;
    this.#now = options.now ?? Date.now;
    this.#begunAt = this.#now();
    this.#spentBefore = options.spent?.() ?? 0;
  }

  async toEnd(): Promise<JobRecord> {
    const { jobs, trainer, site } = this.#options;
    const begun = this.#before.handle !== undefined;
    if (jobs.isCancelRequested(this.#id) && !begun) return this.#cancelled();
    await this.#change({ state: 'validating', rawState: undefined, error: undefined, endedAt: undefined });
    let settle: (charged: NanoDollars | undefined) => void;
    try {
      // a job that a service has taken is not refused by what the service takes today
      const note = (message: string) => this.#options.onEvent?.({ type: 'message', level: 'info', message });
      if (!begun) await trainer.check?.(this.#job, { ...site, note });
      const estimate = async () => (begun ? undefined : trainer.estimate?.(this.#job, site));
      settle = (await this.#options.reserve?.(estimate)) ?? (() => {});
    } catch (thrown) {
      const error = await locatedRow(thrown, this.#options.placeOf);
      await this.#failed(sentenceOf(error), RungError.is(error) ? error.hint : undefined);
      throw error;
    }
    let charged: NanoDollars | undefined;
    try {
      const status = site.signal.aborted ? { state: 'paused' as const } : await this.#train();
      charged = status.outcome?.cost ?? (trainer.estimate === undefined ? 0 : undefined);
      return await this.#conclude(status);
    } finally {
      settle(charged);
    }
  }

  async #train(): Promise<TrainingStatus> {
    const { jobs, trainer, site, pollMs = usualPollMs } = this.#options;
    const log = jobs.openLog(this.#id);
    const tell = (event: TrainingEvent): void => {
      try {
        log.append(event);
      } catch (error) {
        this.#endRun(writeFailure(error, jobs.folder));
      }
      this.#options.onEvent?.(event);
    };
    await this.#change({ state: 'running', startedAt: this.#before.startedAt ?? this.#now() });
    const handle = await this.#started({
      ...site,
      signal: AbortSignal.any([site.signal, this.#stop.signal]),
      scratchFolder: jobs.scratchFolder(this.#id),
      keep: (folder) => this.#options.keep(folder),
      isCancelWanted: () => jobs.isCancelRequested(this.#id),
      ...(this.#options.evaluate && { evaluate: (model: ModelReference) => this.#evaluate(model, tell) }),
      onEvent: (event) => tell(this.#withCopied(event)),
    });
    if (handle === undefined) return { state: 'paused' };
    await this.#change({ handle });
    let cancelling = false;
    while (!site.signal.aborted && this.#fault === undefined) {
      if (!cancelling && jobs.isCancelRequested(this.#id)) {
        cancelling = true;
        await trainer.cancel(handle);
      }
      const status = await trainer.poll(handle, { waitMs: pollMs });
      // a trainer that was ended may call that a failure
      if (cancelling && status.state === 'failed') return { state: 'cancelled', rawState: status.rawState };
      if (isFinal(status.state) || status.state === 'paused') return status;
      await this.#change({ state: status.state, rawState: status.rawState, seconds: this.#seconds() });
    }
    return this.#farewell(handle);
  }

  /** Undefined where this run ends before its job begins. */
  async #started(context: TrainerContext): Promise<TrainingHandle | undefined> {
    try {
      return await this.#options.trainer.start(this.#job, context);
    } catch (error) {
      if (context.signal.aborted) return undefined;
      await this.#failed(messageOf(error), RungError.is(error) ? error.hint : undefined);
      throw error;
    }
  }

  /** Gives a trainer that was told to stop the time to put its state down; a job of a service goes on there. */
  async #farewell(handle: TrainingHandle): Promise<TrainingStatus> {
    const status = await this.#options.trainer.poll(handle, { waitMs: farewellMs });
    return status.state === 'succeeded' ? status : { state: 'paused' };
  }

  async #conclude(status: TrainingStatus): Promise<JobRecord> {
    const { rawState, outcome } = status;
    if (status.state === 'succeeded' && outcome !== undefined) return this.#succeeded(outcome, rawState);
    if (this.#fault !== undefined || this.#options.site.signal.aborted) {
      const message = this.#fault === undefined ? undefined : messageOf(this.#fault.error);
      const record = await this.#pause(message === undefined ? undefined : { message });
      if (this.#fault !== undefined) throw this.#fault.error;
      return record;
    }
    if (status.state === 'paused')
      return this.#pause({ message: status.error ?? 'The service paused the job.', hint: status.hint }, rawState);
    if (status.state === 'cancelled') return this.#cancelled(rawState);
    return this.#failed(status.error ?? 'No reason was given.', status.hint, rawState);
  }

  async #succeeded(outcome: TrainingOutcome, rawState: string | undefined): Promise<JobRecord> {
    const { jobs } = this.#options;
    await this.#tellMissed(outcome);
    await jobs.forgetCancel(this.#id);
    const { model, hyperparameters, bestStep, trainedTokens, samples } = outcome;
    return this.#change({
      ...{ state: 'succeeded', rawState, model, hyperparameters, bestStep, trainedTokens, samples },
      seconds: Math.max(outcome.seconds, this.#seconds()),
      cost: this.#cost() + (outcome.cost ?? 0),
      endedAt: this.#now(),
      error: undefined,
    });
  }

  /** A trainer that had told of its events before this record was made, or just before a kill, has them in its outcome. */
  async #tellMissed({ events }: TrainingOutcome): Promise<void> {
    const { jobs } = this.#options;
    const told = (await jobs.events(this.#id)).map(({ event }) => placeOf(event)).filter((place) => place !== '');
    const all = events.map(placeOf).filter((place) => place !== '');
    if (told.join() === all.join()) return;
    const log = jobs.openLog(this.#id);
    for (const event of events) log.append(event);
  }

  async #cancelled(rawState?: string): Promise<JobRecord> {
    await this.#options.jobs.forgetCancel(this.#id);
    return this.#change({ state: 'cancelled', rawState, handle: undefined, ...this.#took(), endedAt: this.#now(), error: undefined });
  }

  #failed(message: string, hint?: string, rawState?: string): Promise<JobRecord> {
    const error = { message, ...(hint === undefined ? {} : { hint }) };
    return this.#change({ state: 'failed', rawState, handle: undefined, ...this.#took(), endedAt: this.#now(), error });
  }

  #pause(error: JobRecord['error'], rawState?: string): Promise<JobRecord> {
    return this.#change({ state: 'paused', rawState, ...this.#took(), error });
  }

  async #evaluate(model: ModelReference, tell: (event: TrainingEvent) => void): Promise<number | undefined> {
    try {
      const { metric, unasked, copied } = await this.#options.evaluate!(model);
      if (unasked !== undefined) tell({ type: 'message', level: 'warning', message: `A checkpoint was not measured: ${unasked}` });
      this.#copied = copied;
      await this.#change(this.#took());
      return metric;
    } catch (error) {
      this.#endRun(error);
      throw error;
    }
  }

  /** What was seen of the answers belongs to the evaluation that the trainer tells of next. */
  #withCopied(event: TrainingEvent): TrainingEvent {
    if (event.type !== 'evaluation' || this.#copied === undefined) return event;
    const copied = this.#copied;
    this.#copied = undefined;
    return { ...event, copied };
  }

  #endRun(error: unknown): void {
    this.#fault ??= { error };
    this.#stop.abort(error);
  }

  #change(changes: Parameters<Jobs['change']>[1]): Promise<JobRecord> {
    return this.#options.jobs.change(this.#id, changes);
  }

  #took(): Pick<JobRecord, 'cost' | 'seconds'> {
    return { cost: this.#cost(), seconds: this.#seconds() };
  }

  #cost(): NanoDollars {
    return this.#before.cost + (this.#options.spent?.() ?? 0) - this.#spentBefore;
  }

  #seconds(): number {
    return (this.#before.seconds ?? 0) + (this.#now() - this.#begunAt) / 1000;
  }
}

function placeOf(event: TrainingEvent): string {
  return event.type === 'message' ? '' : `${event.type} ${event.step}`;
}

/** What was wrong, with its place: a record keeps no place beside its message. */
function sentenceOf(error: unknown): string {
  const { file, line } = (RungError.is(error) ? error.place : undefined) ?? {};
  return file === undefined || line === undefined ? messageOf(error) : `${basename(file)}:${line}: ${messageOf(error)}`;
}

import { changeJob, type JobContext, noted, runsOf } from './job-context.ts';
import { runServedJob } from './run-served-job.ts';
import { hasEnded, type ServedJob, type ServedJobState } from './served-job.ts';
import { turns } from './turns.ts';
import { validateJob } from './validate-job.ts';
import { invalid } from './wire-error.ts';

/** Works through the jobs: files are checked one job after another, and so many trained at a time, the oldest first. */
export interface JobQueue {
  /** Takes up every job that has not ended; also after one was added or resumed. */
  look(): void;
  cancel(job: ServedJob): Promise<ServedJob>;
  pause(job: ServedJob): Promise<ServedJob>;
  resume(job: ServedJob): Promise<ServedJob>;
  /** Seconds that a running job will take from now, where its trainer says. */
  secondsLeft(id: string): number | undefined;
  /** Ends the work; every job stays resumable. */
  stop(): Promise<void>;
}

interface Running {
  readonly controller: AbortController;
  readonly done: Promise<void>;
  secondsLeft?: number;
}

/** What is working was stopped by a kill or by the server's end: it waits for its turn again. */
export async function openJobQueue(context: JobContext): Promise<JobQueue> {
  for (const job of context.records.list()) if (job.state === 'running') await changeJob(job.id, context, () => ({ state: 'queued' }));
  return new Queue(context);
}

class Queue implements JobQueue {
  readonly #context: JobContext;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Running>();
  readonly #validating = new Set<string>();
  readonly #inTurn = turns();

  constructor(context: JobContext) {
    this.#context = context;
  }

  look(): void {
    if (this.#stopping.signal.aborted) return;
    const jobs = this.#context.records.list();
    for (const job of jobs) if (job.state === 'validating' && !this.#validating.has(job.id)) this.#validate(job);
    for (const job of jobs) {
      if (this.#running.size >= this.#context.config.jobsAtATime) return;
      const waits = job.state === 'queued' || job.ending === true;
      if (waits && job.run !== undefined && !this.#running.has(job.id)) this.#run({ ...job, run: job.run });
    }
  }

  #validate(job: ServedJob): void {
    this.#validating.add(job.id);
    void this.#inTurn(async () => {
      const current = this.#context.records.read(job.id);
      if (current?.state === 'validating') await validateJob(current, this.#context, this.#stopping.signal);
    })
      .catch((error: unknown) => this.#context.log(`${job.id}: ${error}`))
      .then(() => {
        this.#validating.delete(job.id);
        if (this.#context.records.read(job.id)?.state !== 'validating') this.look();
      });
  }

  #run(job: ServedJob & { readonly run: string }): void {
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, this.#stopping.signal]);
    const entry: Running = { controller, done: this.#work(job, signal) };
    this.#running.set(job.id, entry);
    void entry.done
      .catch((error: unknown) => this.#context.log(`${job.id}: ${error}`))
      .then(() => {
        this.#running.delete(job.id);
        this.look();
      });
  }

  async #work(job: ServedJob & { readonly run: string }, signal: AbortSignal): Promise<void> {
    const { now } = this.#context;
    await changeJob(job.id, this.#context, (current) => {
      if (current.state !== 'queued') return {};
      const resumed = current.notes.some(({ message }) => message === begun);
      return { state: 'running', ...noted(current, now(), resumed ? 'Fine-tuning job goes on from its checkpoint' : begun) };
    });
    await runServedJob(job, this.#context, signal, (event) => {
      const entry = this.#running.get(job.id);
      if (entry !== undefined && event.type === 'step' && event.secondsLeft !== undefined) entry.secondsLeft = event.secondsLeft;
    });
  }

  async cancel(job: ServedJob): Promise<ServedJob> {
    if (hasEnded(job)) throw cannot('cancelled', job);
    const { now } = this.#context;
    if (job.run !== undefined) await runsOf(job, this.#context).requestCancel(job.run);
    const cancelled = await changeJob(job.id, this.#context, (current) => {
      if (hasEnded(current)) throw cannot('cancelled', current);
      const note = noted(current, now(), 'Fine-tuning job was cancelled', 'warn');
      // whoever trains it has still to be told
      return { state: 'cancelled', endedAt: now(), ...(current.run === undefined ? {} : { ending: true }), ...note };
    });
    this.look();
    return cancelled;
  }

  async pause(job: ServedJob): Promise<ServedJob> {
    if (job.state !== 'running' && job.state !== 'queued') throw cannot('paused', job);
    const { now } = this.#context;
    const paused = await changeJob(job.id, this.#context, (current) => {
      if (hasEnded(current)) throw cannot('paused', current);
      return { state: 'paused', ...noted(current, now(), 'Fine-tuning job was paused') };
    });
    const running = this.#running.get(job.id);
    running?.controller.abort(new DOMException('Paused.', 'AbortError'));
    await running?.done.catch(() => {});
    return this.#context.records.read(job.id) ?? paused;
  }

  async resume(job: ServedJob): Promise<ServedJob> {
    if (job.state !== 'paused') throw cannot('resumed', job);
    const { now } = this.#context;
    const state: ServedJobState = job.run === undefined ? 'validating' : 'queued';
    const resumed = await changeJob(job.id, this.#context, (current) => ({
      state,
      ...noted(current, now(), 'Fine-tuning job was resumed'),
    }));
    this.look();
    return resumed;
  }

  secondsLeft(id: string): number | undefined {
    return this.#running.get(id)?.secondsLeft;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('The server ends.', 'AbortError'));
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
    await this.#inTurn(async () => {});
  }
}

const begun = 'Fine-tuning job started';

function cannot(what: string, { id, state }: ServedJob): Error {
  return invalid(
    `The job ${id} is ${state === 'validating' ? 'validating_files' : state} and cannot be ${what}.`,
    null,
    'invalid_job_state',
  );
}

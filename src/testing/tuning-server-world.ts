/** How a job at a tuning server goes. */
export type TuningFate =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'validation-fails'; readonly message: string }
  | { readonly kind: 'fails-at'; readonly step: number; readonly message: string }
  | { readonly kind: 'hangs-at'; readonly step: number }
  | { readonly kind: 'pauses-at'; readonly step: number }
  /** Says a word for its state that no documentation has, once. */
  | { readonly kind: 'odd-state'; readonly word: string }
  | { readonly kind: 'job-gone' }
  | { readonly kind: 'model-gone' };

export interface TuningFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly rows: readonly unknown[];
}

interface TuningLine {
  readonly id: string;
  readonly at: number;
  readonly message: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly step?: { readonly step: number; readonly trainLoss: number; readonly validationLoss?: number };
}

export type TuningPhase =
  | 'validating'
  | 'validated'
  | 'queued'
  | 'running'
  | 'paused'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'cancelled';

/** A job as every service's dialect tells it in its own words. */
export interface TuningJob {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly train: TuningFile;
  readonly validation: TuningFile | undefined;
  readonly epochs: number;
  readonly batchSize: number;
  readonly totalSteps: number;
  readonly tuned: string;
  readonly createdAt: number;
  phase: TuningPhase;
  /** Another word for the state, for one look. */
  word: string | undefined;
  step: number;
  finishedAt: number | undefined;
  error: string | undefined;
  readonly lines: TuningLine[];
}

export interface NewTuningJob extends Pick<TuningJob, 'body' | 'model' | 'train' | 'validation' | 'epochs' | 'batchSize'> {
  readonly id?: string;
  readonly tuned?: string;
  /** False where it is only validated until it is started. */
  readonly startsItself?: boolean;
}

export interface TuningWorldOptions {
  readonly fate: TuningFate;
  /** Steps that a job gets on between two looks at it. */
  readonly stepsPerLook: number;
  /** Tokens of a row, as the service counts them. */
  readonly tokensPerRow: number;
  readonly weights: TuningWeights;
}

/** What a service hands out as the weights of its tuned models. */
export interface TuningWeights {
  /** Name in the adapter's folder → content. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The archive of a service that hands out one; a tar.zst of the files where absent. */
  readonly archive?: Uint8Array;
}

/** 1 January 2026, 00:00 UTC, in seconds: where a tuning server's clock begins. */
const epoch = 1_767_225_600;

/** Files and jobs of a pretended service; a job gets on a little with every look at it. */
export class TuningWorld {
  readonly files = new Map<string, TuningFile>();
  readonly jobs = new Map<string, TuningJob>();
  readonly #options: TuningWorldOptions;
  readonly #startsItself = new Map<string, boolean>();
  #seconds = epoch;
  #count = 0;

  constructor(options: TuningWorldOptions) {
    this.#options = options;
  }

  get fate(): TuningFate {
    return this.#options.fate;
  }

  get weights(): TuningWeights {
    return this.#options.weights;
  }

  now(): number {
    return ++this.#seconds;
  }

  addFile(name: string, content: string, id?: string): TuningFile {
    const rows = content.split('\n').filter((line) => line !== '');
    const file = { id: id ?? `file-${++this.#count}`, name, bytes: Buffer.byteLength(content), rows: rows.map((row) => JSON.parse(row)) };
    this.files.set(file.id, file);
    return file;
  }

  addJob(given: NewTuningJob): TuningJob {
    const id = given.id ?? `job-${++this.#count}`;
    const job: TuningJob = {
      ...given,
      id,
      tuned: given.tuned ?? `ft:${given.model}:rung::${id}`,
      totalSteps: given.epochs * Math.ceil(given.train.rows.length / given.batchSize),
      createdAt: this.now(),
      phase: 'validating',
      word: undefined,
      step: 0,
      finishedAt: undefined,
      error: undefined,
      lines: [],
    };
    this.#startsItself.set(id, given.startsItself ?? true);
    this.jobs.set(id, job);
    this.#say(job, `Created fine-tuning job: ${id}`);
    return job;
  }

  tokensOf(job: TuningJob): number {
    return job.train.rows.length * job.epochs * this.#options.tokensPerRow;
  }

  start(job: TuningJob): void {
    job.phase = 'queued';
  }

  cancel(job: TuningJob): void {
    job.phase = 'cancelling';
  }

  /** One look: the job as it is now, having got on since the last. */
  look(job: TuningJob): void {
    const { fate } = this;
    job.word = undefined;
    if (fate.kind === 'job-gone' && job.phase === 'running') this.jobs.delete(job.id);
    else if (fate.kind === 'odd-state' && job.phase === 'queued') job.word = fate.word;
    this.#advance(job);
  }

  #advance(job: TuningJob): void {
    const { fate } = this;
    if (job.phase === 'cancelling') this.#finish(job, 'cancelled');
    else if (job.phase === 'validating') {
      if (fate.kind === 'validation-fails') this.#finish(job, 'failed', fate.message);
      else job.phase = this.#startsItself.get(job.id) === true ? 'queued' : 'validated';
    } else if (job.phase === 'queued') job.phase = 'running';
    else if (job.phase === 'running') this.#train(job);
  }

  #train(job: TuningJob): void {
    const { fate } = this;
    for (let moved = 0; moved < this.#options.stepsPerLook; moved++) {
      if (fate.kind === 'hangs-at' && job.step >= fate.step) return;
      if (fate.kind === 'fails-at' && job.step >= fate.step) {
        this.#finish(job, 'failed', fate.message);
        return;
      }
      if (fate.kind === 'pauses-at' && job.step === fate.step && !job.lines.some(({ message }) => message === 'Paused')) {
        job.phase = 'paused';
        this.#say(job, 'Paused');
        return;
      }
      if (job.step >= job.totalSteps) {
        this.#finish(job, 'succeeded');
        return;
      }
      job.step++;
      const trainLoss = 0.1 + 2 * Math.exp((-3 * job.step) / job.totalSteps);
      const isEpochEnd = job.step % (job.totalSteps / job.epochs) === 0;
      const step = { step: job.step, trainLoss, ...(isEpochEnd && job.validation ? { validationLoss: trainLoss + 0.05 } : {}) };
      const message = `Step ${job.step}/${job.totalSteps}: training loss=${trainLoss.toFixed(2)}`;
      job.lines.push({ id: this.#lineId(job), at: this.now(), message, level: 'info', step });
    }
  }

  #finish(job: TuningJob, phase: 'succeeded' | 'failed' | 'cancelled', error?: string): void {
    job.phase = phase;
    job.error = error;
    job.finishedAt = this.now();
    if (error === undefined) this.#say(job, phase === 'succeeded' ? 'The job has successfully completed' : 'The job was cancelled');
    else job.lines.push({ id: this.#lineId(job), at: this.now(), message: error, level: 'error' });
  }

  #say(job: TuningJob, message: string): void {
    job.lines.push({ id: this.#lineId(job), at: this.now(), message, level: 'info' });
  }

  #lineId(job: TuningJob): string {
    return `event-${job.id}-${job.lines.length}`;
  }
}

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { breather } from '#core/breather.ts';
import { inputError, RungError } from '#core/errors.ts';
import type { JobEvent, JobRecord } from '#core/job.ts';
import { contentHashInTurns, isJsonObject, type JsonObject } from '#core/json.ts';
import type { TrainingData, TrainingJob, TrainingState } from '#core/trainer.ts';
import { writeFailure } from '#data/write-failure.ts';
import { writeWhole } from '#data/write-whole.ts';
import { followLog } from './follow-events.ts';
import { readJobData, writeJobData } from './job-data.ts';
import { countedEvents, type JobLog, openJobLog, readJobLog } from './job-log.ts';
import { type Holder, holderOf, type ProcessLock, takeLock } from './process-lock.ts';

/** What may change of a record; undefined takes a value away. */
type JobChanges = Partial<Omit<JobRecord, 'schema' | 'id' | 'createdAt'>>;

interface NewJob {
  /** Id of the trainer that is to run it. */
  readonly trainer: string;
  /** What decides the outcome besides the job, where the trainer says so. */
  readonly identity?: string;
  readonly metadata?: JsonObject;
}

/** Training jobs on disk, a folder each. Ids come from outside: whatever is no id is no job. */
export interface Jobs {
  readonly folder: string;
  /** Newest first; records that cannot be read are left out and handed over as errors that name their files. */
  list(onUnreadable?: (id: string, error: unknown) => void): Promise<readonly JobRecord[]>;
  /** Undefined where there is no such job. */
  read(id: string): Promise<JobRecord | undefined>;
  /** The job whose id begins so; the newest of all where nothing is given. Throws a usage error that lists the jobs. */
  find(beginning?: string): Promise<JobRecord>;
  /** Writes the rows and the record of a job down; gives the record that is there where it was asked before. */
  create(job: TrainingJob, about: NewJob): Promise<JobRecord>;
  /** What was asked, rows included. */
  job(id: string): Promise<TrainingJob>;
  /** What it learns from. */
  data(id: string): Promise<TrainingData>;
  /** The events that count, from the first after number `after`: a step done again after a resume counts as it was done last. */
  events(id: string, after?: number): Promise<readonly JobEvent[]>;
  /** Every event as it is told, those that are there first; ends with the job or the signal. */
  followEvents(id: string, signal: AbortSignal): AsyncIterable<JobEvent>;
  change(id: string, changes: JobChanges): Promise<JobRecord>;
  /** Asks whoever runs the job, now or later, to cancel it. */
  requestCancel(id: string): Promise<void>;
  isCancelRequested(id: string): boolean;
  forgetCancel(id: string): Promise<void>;
  /** Who runs it now; undefined where nobody does, also where whoever did was killed. */
  runner(id: string): Holder | undefined;
  /** For the one process that may run it; undefined where another does. */
  lock(id: string): Promise<ProcessLock | undefined>;
  openLog(id: string): JobLog;
  /** Folder that survives a kill, for the trainer's own files. */
  scratchFolder(id: string): string;
}

const finalStates: readonly TrainingState[] = ['succeeded', 'failed', 'cancelled'];

/** True for the states that a job stays in unless it is asked for again. */
export function isFinal(state: TrainingState): boolean {
  return finalStates.includes(state);
}

/** The name of a job: equal jobs on one trainer are one job, so that asking again goes on with it. */
export async function jobId(trainer: string, job: TrainingJob, identity?: string): Promise<string> {
  return `ft_${(await contentHashInTurns({ trainer, job, identity }, breather())).slice(0, 12)}`;
}

const idShape = /^ft_[0-9a-f]{12}$/;
const files = { record: 'job.json', data: 'data.jsonl', events: 'events.jsonl', cancel: 'cancel', scratch: 'scratch' } as const;

/** The jobs of a task. */
export function openTaskJobs(taskFolder: string, now?: () => number): Jobs {
  return openJobs(join(taskFolder, '.rung', 'jobs'), now);
}

/** The jobs of a folder, which need not be there yet; `now` in milliseconds since 1970. */
export function openJobs(folder: string, now: () => number = Date.now): Jobs {
  const pathOf = (id: string, file = '') => {
    if (!idShape.test(id)) throw new TypeError(`${JSON.stringify(id)} is not the id of a job.`);
    return join(folder, id, file);
  };
  // one change after another, since each reads what the one before it wrote
  const changing = new Map<string, Promise<unknown>>();

  const write = async (record: JobRecord): Promise<JobRecord> => {
    const file = pathOf(record.id, files.record);
    try {
      await writeWhole(file, `${JSON.stringify(record, null, 2)}\n`);
    } catch (error) {
      throw writeFailure(error, file);
    }
    return record;
  };

  const jobs: Jobs = {
    folder,
    async list(onUnreadable) {
      const names = await readdir(folder).catch(() => []);
      const read = (name: string) => jobs.read(name).catch((error: unknown) => void onUnreadable?.(name, error));
      const records = await Promise.all(names.map(read));
      return records.filter((record) => record !== undefined).sort((one, other) => other.createdAt - one.createdAt);
    },
    async read(id) {
      if (!idShape.test(id)) return undefined;
      const file = pathOf(id, files.record);
      const text = await readFile(file, 'utf8').catch(() => undefined);
      return text === undefined ? undefined : parseRecord(text, id, file);
    },
    async find(beginning = '') {
      const isMeant = (id: string) => id.startsWith(beginning) || id.startsWith(`ft_${beginning}`);
      const unreadable: unknown[] = [];
      const records = await jobs.list((id, error) => isMeant(id) && unreadable.push(error));
      const found = records.filter(({ id }) => isMeant(id));
      if (found.length === 1 || (beginning === '' && found.length > 0)) return found[0]!;
      if (found.length === 0 && unreadable.length > 0) throw unreadable[0];
      throw notFound(beginning, found.length === 0 ? records : found, folder);
    },
    async create(job, { trainer, identity, metadata }) {
      const id = await jobId(trainer, job, identity);
      const before = await jobs.read(id);
      if (before !== undefined) {
        // rows that were lost or changed since are written anew
        await jobs.job(id).catch(() => writeJobData(pathOf(id, files.data), job));
        return before;
      }
      const { method, base, hyperparameters, seed, suffix, train, validation } = job;
      try {
        await mkdir(pathOf(id, files.scratch), { recursive: true });
      } catch (error) {
        throw writeFailure(error, pathOf(id));
      }
      await writeJobData(pathOf(id, files.data), job);
      return write({
        schema: 'rung.job/1',
        ...{ id, trainer, method, base, seed, suffix, metadata },
        state: 'queued',
        hyperparameters: { ...hyperparameters },
        rows: { train: train.length, validation: validation.length },
        createdAt: now(),
        cost: 0,
      });
    },
    job: (id) => readJobData(pathOf(id, files.data)),
    data: (id) => jobs.job(id),
    async events(id, after = 0) {
      return countedEvents(await readJobLog(pathOf(id, files.events))).filter(({ n }) => n > after);
    },
    followEvents(id, signal) {
      const hasEnded = async () => isFinal((await jobs.read(id))?.state ?? 'failed');
      return followLog(pathOf(id, files.events), hasEnded, signal);
    },
    change(id, changes) {
      const changed = (changing.get(id) ?? Promise.resolve()).then(async () => {
        const record = await jobs.read(id);
        if (record === undefined) throw notFound(id, await jobs.list(), folder);
        return write({ ...record, ...changes });
      });
      const settled = changed.catch(() => {});
      changing.set(id, settled);
      settled.then(() => changing.get(id) === settled && changing.delete(id));
      return changed;
    },
    async requestCancel(id) {
      const file = pathOf(id, files.cancel);
      try {
        await writeWhole(file, '');
      } catch (error) {
        throw writeFailure(error, file);
      }
    },
    isCancelRequested: (id) => existsSync(pathOf(id, files.cancel)),
    forgetCancel: (id) => rm(pathOf(id, files.cancel), { force: true }),
    runner: (id) => holderOf(pathOf(id)),
    lock: (id) => takeLock(pathOf(id), now),
    openLog: (id) => openJobLog(pathOf(id, files.events), now),
    scratchFolder: (id) => pathOf(id, files.scratch),
  };
  return jobs;
}

function parseRecord(text: string, id: string, file: string): JobRecord {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    record = undefined;
  }
  if (isJsonObject(record) && isRecord(record, id)) return record as unknown as JobRecord;
  throw new RungError({
    code: 'job-unreadable',
    message: 'The record of this job was changed, or was written by another version.',
    hint: 'Move its folder away; the tune can then be started anew.',
    place: { file },
  });
}

/** What is shown and counted with is there. */
function isRecord({ schema, base, rows, ...record }: Readonly<Record<string, unknown>>, id: string): boolean {
  return (
    schema === 'rung.job/1' &&
    record['id'] === id &&
    [record['trainer'], record['state'], record['method']].every((value) => typeof value === 'string') &&
    [record['createdAt'], record['cost']].every((value) => typeof value === 'number') &&
    [base, rows, record['hyperparameters']].every(isJsonObject)
  );
}

const listed = 8;

function notFound(beginning: string, records: readonly JobRecord[], folder: string): RungError {
  const names = records.slice(0, listed).map(({ id, state }) => `${id} (${state})`);
  const more = records.length > listed ? ` and ${records.length - listed} more` : '';
  const several = records.filter(({ id }) => beginning !== '' && (id.startsWith(beginning) || id.startsWith(`ft_${beginning}`)));
  return inputError({
    code: 'unknown-job',
    message:
      records.length === 0
        ? 'There is no training job here.'
        : several.length > 1
          ? `${several.length} jobs begin with ${JSON.stringify(beginning)}.`
          : `There is no job ${JSON.stringify(beginning)}.`,
    hint: records.length === 0 ? 'Start one with rung tune start.' : `There are: ${names.join(', ')}${more}.`,
    place: { file: folder },
  });
}

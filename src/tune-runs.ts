import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExitCode, type Place, RungError } from '#core/errors.ts';
import { contentHash, isJsonObject, type JsonObject } from '#core/json.ts';
import type { TrainingMethod } from '#core/trainer.ts';
import { writeFailure } from '#data/write-failure.ts';
import { writeWhole } from '#data/write-whole.ts';
import { type Holder, holderOf, type ProcessLock, takeLock } from '#jobs/process-lock.ts';
import type { TuneDocument } from './tune-document.ts';
import type { Sweep } from './tune-sweep.ts';

/** What `rung tune start` was asked; its hash names the run, so that asking the same again goes on with it. */
export interface TuneRequest {
  /** Absolute path of a task folder or file. */
  readonly task: string;
  readonly rung?: string;
  readonly method?: TrainingMethod;
  readonly model?: string;
  /** Options of the rung, over those of its ladder entry. */
  readonly options: JsonObject;
  readonly seed?: number;
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly concurrency?: number;
  /** Settings to try; the best is tuned to its end. */
  readonly sweep?: Sweep;
  /** Where a guard stands in the way, what is known to help is tried. */
  readonly mend?: boolean;
}

/** How a run ended. */
export type TuneOutcome =
  | { readonly exitCode: ExitCode; readonly document: TuneDocument; readonly rung: string; readonly notes: readonly string[] }
  | { readonly exitCode: ExitCode; readonly error: TuneError };

interface TuneError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly place?: Place;
}

/** What a run does now. */
export interface TuneDoing {
  readonly message: string;
  readonly done?: number;
  readonly total?: number;
}

/** A tune that a process of its own works on, in a folder: what was asked, what it does, how it ended. */
export interface TuneRun {
  readonly id: string;
  readonly folder: string;
  /** Where its process writes whatever it has to say. */
  readonly logFile: string;
  request(): Promise<TuneRequest>;
  /** Forgets how it ended before. */
  begin(): Promise<void>;
  setDoing(doing: TuneDoing): Promise<void>;
  doing(): Promise<TuneDoing | undefined>;
  end(outcome: TuneOutcome): Promise<void>;
  /** Undefined while it has not ended, and where its process was killed. */
  outcome(): Promise<TuneOutcome | undefined>;
  /** Whose process works on it now. */
  worker(): Holder | undefined;
  lock(): Promise<ProcessLock | undefined>;
}

const files = { request: 'request.json', doing: 'doing.json', outcome: 'outcome.json', log: 'log.txt' } as const;

/** The run that a request names, written down where it is new; `folder` is the task's. */
export async function tuneRunOf(folder: string, request: TuneRequest): Promise<TuneRun> {
  const id = `tune_${contentHash(request).slice(0, 12)}`;
  const home = join(folder, '.rung', 'tunes', id);
  try {
    await mkdir(home, { recursive: true });
    await writeWhole(join(home, files.request), `${JSON.stringify(request, null, 2)}\n`);
  } catch (error) {
    throw writeFailure(error, home);
  }
  return openTuneRun(home, id);
}

/** The run of a task that a process works on now. */
export async function runAtWork(folder: string): Promise<TuneRun | undefined> {
  const home = join(folder, '.rung', 'tunes');
  const names = await readdir(home).catch(() => []);
  return names.map((name) => openTuneRun(join(home, name), name)).find((run) => run.worker() !== undefined);
}

/** The run of a folder that is there already. */
export function openTuneRun(folder: string, id: string): TuneRun {
  const at = (name: keyof typeof files) => join(folder, files[name]);
  const write = async (name: keyof typeof files, value: object) => {
    try {
      await writeWhole(at(name), `${JSON.stringify(value)}\n`);
    } catch (error) {
      throw writeFailure(error, at(name));
    }
  };
  const read = async (name: keyof typeof files): Promise<object | undefined> => {
    const text = await readFile(at(name), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    return objectIn(text);
  };
  return {
    id,
    folder,
    logFile: at('log'),
    async request() {
      const request = await read('request');
      if (request !== undefined) return request as TuneRequest;
      throw new RungError({
        code: 'tune-request-unreadable',
        message: 'What this tune was asked is missing or was changed.',
        hint: 'Start the tune again: it is written anew.',
        place: { file: at('request') },
      });
    },
    async begin() {
      await rm(at('outcome'), { force: true });
      await rm(at('doing'), { force: true });
    },
    setDoing: (doing) => write('doing', doing),
    doing: async () => (await read('doing')) as TuneDoing | undefined,
    end: (outcome) => write('outcome', outcome),
    outcome: async () => (await read('outcome')) as TuneOutcome | undefined,
    worker: () => holderOf(folder),
    lock: () => takeLock(folder, Date.now),
  };
}

/** Undefined for text that is no JSON object, as of a file that a full disk or a hand has broken. */
function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

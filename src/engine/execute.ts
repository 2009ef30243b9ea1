import type { Answer, Candidate, ModelCall } from '#core/candidate.ts';
import { messageOf, RungError } from '#core/errors.ts';
import type { Example, SplitName } from '#core/example.ts';
import { canonicalJson, sha256 } from '#core/json.ts';
import type { Score } from '#core/metric.ts';
import { ModelError } from '#core/model-error.ts';
import type { Row, RowFailure } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import { BudgetEndedError } from './budget.ts';
import type { Clock } from './clock.ts';
import { InterruptedError } from './interrupt.ts';

export interface ExecuteOptions {
  readonly candidate: Candidate;
  readonly examples: readonly Example[];
  readonly split: SplitName;
  /** Which examples, by index, in ascending order; all where absent. */
  readonly rows?: readonly number[];
  /** Which repeat of the rows; 0 where absent. */
  readonly sample?: number;
  readonly store: Store;
  readonly clock: Clock;
  /** Rows in flight; the models' own limiters bound the requests below it. */
  readonly concurrency: number;
  /** Aborted when no new row should begin; rows in flight are finished. */
  readonly stopping: AbortSignal;
  /** Aborted when rows in flight should be dropped. */
  readonly abort: AbortSignal;
  /** Scores an answer with metrics that ask a model; throws only what ends the run. */
  readonly judge?: JudgeRow;
  /** Called once per row, with the index of its example; rows already in the store come first where nothing is judged. */
  onRow(index: number, row: Row, fromStore: boolean, judged?: Judged): void;
}

/** Metric id → what it gave for one answer. */
export type Judged = Readonly<Record<string, Score>>;

export type JudgeRow = (example: Example, answer: Answer) => Promise<Judged>;

const rowsPerTransaction = 100;

/**
 * Asks a candidate for every example that has no answer yet. A row that fails is a row with a failure. Throws
 * InterruptedError and BudgetEndedError after the rows in flight are kept, and what makes every further row pointless.
 */
export async function execute(options: ExecuteOptions): Promise<void> {
  const { candidate, examples, split, sample = 0, store, clock, stopping, abort } = options;
  const wanted = options.rows ?? [...examples.keys()];
  const keys = wanted.map((index) => rowKey(examples[index]!));
  const held = new Map<number, Row>();
  const done = await rowsInStore(options, wanted, keys, held);
  const buffer: Row[] = [];
  let flushing = Promise.resolve();
  const flush = () => {
    const rows = buffer.splice(0);
    flushing = flushing.then(() => store.appendRows(rows));
    return flushing;
  };

  let next = 0;
  let stop: unknown;
  const handOn = async (index: number, row: Row, fromStore: boolean): Promise<void> => {
    try {
      const judged = row.answer === undefined ? undefined : await options.judge?.(examples[index]!, row.answer);
      options.onRow(index, row, fromStore, judged);
    } catch (error) {
      // the answer is kept all the same: it was paid for
      stop ??= error;
    }
  };
  const work = async (): Promise<void> => {
    while (stop === undefined && !stopping.aborted) {
      while (next < wanted.length && done[next] === 1) next++;
      const at = next++;
      const index = wanted[at];
      const example = index === undefined ? undefined : examples[index];
      if (index === undefined || example === undefined) return;
      const stored = held.get(at);
      if (stored !== undefined) {
        await handOn(index, stored, true);
        continue;
      }
      const begun = clock.elapsed();
      const base = { candidate: candidate.id, example: keys[at] as string, sample, split };
      let row: Row;
      try {
        const answer = await candidate.answer(example.input, { signal: abort, sample });
        // with model calls, their recorded time: it does not depend on this run's queue, nor on the store
        const latencyMs = answer.calls.length > 0 ? totalLatency(answer.calls) : clock.elapsed() - begun;
        row = { ...base, answer, latencyMs, at: clock.now() };
      } catch (error) {
        if (stopping.aborted || endsTheRun(error, abort)) {
          stop ??= error;
          return;
        }
        row = { ...base, failure: failureOf(error), latencyMs: clock.elapsed() - begun, at: clock.now() };
      }
      buffer.push(row);
      await handOn(index, row, false);
      if (buffer.length >= rowsPerTransaction) await flush();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, wanted.length) }, work));
  await flush();
  if (stopping.aborted || abort.aborted) throw new InterruptedError();
  if (stop !== undefined) throw stop;
}

/** What a row is kept under: an example whose input was edited is another row. */
export function rowKey(example: Example): string {
  return sha256(`${example.id}\n${canonicalJson(example.input)}`).slice(0, 24);
}

/**
 * Hands on the rows that have an answer; gives which of the wanted ones they are. A part of the rows is looked up one by
 * one, all are streamed. Rows that are still to be judged are held instead.
 */
async function rowsInStore(
  { candidate, split, sample = 0, store, rows, onRow, judge }: ExecuteOptions,
  wanted: readonly number[],
  keys: readonly string[],
  held: Map<number, Row>,
): Promise<Uint8Array> {
  const done = new Uint8Array(keys.length);
  const take = (at: number | undefined, row: Row | undefined) => {
    if (at === undefined || row?.answer === undefined || row.sample !== sample) return;
    if (judge !== undefined) {
      held.set(at, row);
      return;
    }
    done[at] = 1;
    onRow(wanted[at]!, row, true);
  };
  if (rows === undefined) {
    const placeOf = new Map(keys.map((key, at) => [key, at]));
    for await (const row of store.rows(candidate.id, split)) take(placeOf.get(row.example), row);
  } else {
    for (const [at, key] of keys.entries()) take(at, await store.row(candidate.id, split, key, sample));
  }
  return done;
}

/** True for what makes every further row pointless. */
export function endsTheRun(error: unknown, abort: AbortSignal): boolean {
  return (
    abort.aborted ||
    error instanceof BudgetEndedError ||
    error instanceof InterruptedError ||
    (ModelError.is(error) && error.kind === 'unauthorised') ||
    isStoreError(error)
  );
}

function isStoreError(error: unknown): boolean {
  return RungError.is(error) && error.code === 'store';
}

function failureOf(error: unknown): RowFailure {
  if (ModelError.is(error)) {
    const { code, kind, message, modelAbsent } = error;
    return { code, kind, message, ...(modelAbsent && { modelAbsent }) };
  }
  return { code: RungError.is(error) ? error.code : 'candidate-error', message: messageOf(error) };
}

function totalLatency(calls: readonly ModelCall[]): number | null {
  let total = 0;
  for (const { latencyMs } of calls) {
    if (latencyMs === null) return null;
    total += latencyMs;
  }
  return total;
}

import type { StoredForecast } from './evidence.ts';
import type { SplitName } from './example.ts';
import type { PreparedCandidate, RecordedCall, Registration, Row } from './run.ts';
import type { TrainingEvent } from './trainer.ts';

/**
 * Where a task keeps what it paid for. Every write is durable against a killed process when its promise resolves;
 * rows are append-only.
 */
export interface Store {
  call(key: string): Promise<RecordedCall | undefined>;
  recordCall(call: RecordedCall): Promise<void>;

  /** Appends rows in one transaction. A row that is there already (candidate, example, sample) is kept as it is, unless it had failed. */
  appendRows(rows: readonly Row[]): Promise<void>;
  /** One row, as its latest attempt left it; `sample` is 0 where absent. */
  row(candidate: string, split: SplitName, example: string, sample?: number): Promise<Row | undefined>;
  /** Rows of a candidate in a split, in no particular order, streamed. */
  rows(candidate: string, split: SplitName): AsyncIterable<Row>;

  prepared(key: string): Promise<PreparedCandidate | undefined>;
  recordPrepared(key: string, prepared: PreparedCandidate): Promise<void>;
  candidate(id: string): Promise<PreparedCandidate | undefined>;

  /** The registration that holds, if any. */
  registration(): Promise<Registration | undefined>;
  register(registration: Registration): Promise<void>;
  /** Counts one more look at the test split under that key (a repeated key is the same look); gives the number of looks. */
  lookAtTest(splitHash: string, key: string): Promise<number>;

  recordTraining(candidate: string, events: readonly TrainingEvent[]): Promise<void>;
  training(candidate: string): Promise<readonly TrainingEvent[]>;

  /** Keeps what a learning curve foretold; the latest of one rung, metric and number of rows wins. */
  recordForecast(forecast: StoredForecast): Promise<void>;
  /** In the order of rung, metric and number of rows. */
  forecasts(): Promise<readonly StoredForecast[]>;

  /** Forgets answers, candidates and the registration, for `--fresh`. Looks at the test split were made and forecasts were promised: both stay. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

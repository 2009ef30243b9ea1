import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { RungError } from '#core/errors.ts';
import type { StoredForecast } from '#core/evidence.ts';
import type { SplitName } from '#core/example.ts';
import type { PreparedCandidate, RecordedCall, Registration, Row } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import { GroupCommit } from './group-commit.ts';
import { schema, schemaVersion } from './sqlite-schema.ts';
import { storeError } from './store-error.ts';

interface CallRecord {
  key: string;
  model: string;
  response: string;
  cost: number;
  latency_ms: number | null;
  at: number;
}

interface RowRecord {
  candidate: string;
  split: SplitName;
  example: string;
  sample: number;
  answer: string | null;
  failure: string | null;
  latency_ms: number | null;
  at: number;
}

/**
 * Opens (and makes) the store in one SQLite file. Write-ahead logging without a sync per commit: what was written
 * survives a killed process; only a power cut may lose the last moments.
 */
export async function openSqliteStore(file: string): Promise<Store> {
  try {
    if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
    const database = new Database(file, { timeout: 10_000 });
    return sqliteStore(database, file);
  } catch (error) {
    throw storeError(error, file);
  }
}

function sqliteStore(database: Database.Database, file: string): Store {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec(schema);
  const version = database.prepare<[], { value: string }>("select value from meta where name = 'schema'").get();
  if (version === undefined) database.prepare("insert or ignore into meta values ('schema', ?)").run(String(schemaVersion));
  else if (Number(version.value) !== schemaVersion) {
    throw new RungError({
      code: 'store-version',
      message: `The store was written by another version of Rung (tables ${version.value}, this one reads ${schemaVersion}).`,
      hint: 'Use that version, or move the .rung folder away to start anew.',
      place: { file },
    });
  }

  const statements = {
    call: database.prepare<[string], CallRecord>('select * from calls where key = ?'),
    recordCall: database.prepare('insert or ignore into calls values (@key, @model, @response, @cost, @latency_ms, @at)'),
    // an answered row is never replaced, a failed one is
    appendRow: database.prepare(`insert into rows values (@candidate, @split, @example, @sample, @answer, @failure, @latency_ms, @at)
      on conflict do update set answer = excluded.answer, failure = excluded.failure, latency_ms = excluded.latency_ms, at = excluded.at
      where rows.answer is null`),
    row: database.prepare<[string, string, string, number], RowRecord>(
      'select * from rows where candidate = ? and split = ? and example = ? and sample = ?',
    ),
    rowsAfter: database.prepare<[string, string, string, number, number], RowRecord>(
      'select * from rows where candidate = ? and split = ? and (example, sample) > (?, ?) order by example, sample limit ?',
    ),
    prepared: database.prepare<[string], { id: string; manifest: string; setup: string }>('select * from prepared where key = ?'),
    candidate: database.prepare<[string], { id: string; manifest: string; setup: string }>('select * from prepared where id = ?'),
    recordPrepared: database.prepare('insert or replace into prepared values (?, ?, ?, ?)'),
    registration: database.prepare<[], { body: string }>('select body from registration'),
    register: database.prepare('insert or replace into registration values (1, ?)'),
    look: database.prepare('insert or ignore into test_looks values (?, ?)'),
    looks: database.prepare<[string], { n: number }>('select count(*) as n from test_looks where split_hash = ?'),
    recordTraining: database.prepare('insert or replace into training values (?, ?)'),
    training: database.prepare<[string], { events: string }>('select events from training where candidate = ?'),
    recordForecast: database.prepare('insert or replace into forecasts values (?, ?, ?, ?)'),
    forecasts: database.prepare<[], { body: string }>('select body from forecasts order by rung, metric, made_at'),
  };
  const group = new GroupCommit(database);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storeError(error, file);
    }
  };
  const appendAll = database.transaction((rows: readonly Row[]) => {
    for (const row of rows) statements.appendRow.run(toRecord(row));
  });

  return {
    async call(key) {
      const record = guarded(() => statements.call.get(key));
      if (record === undefined) return undefined;
      const { latency_ms, response, ...rest } = record;
      return { ...rest, latencyMs: latency_ms, response: JSON.parse(response) as RecordedCall['response'] };
    },
    recordCall(call) {
      const { latencyMs, response, ...rest } = call;
      const record = { ...rest, latency_ms: latencyMs, response: JSON.stringify(response) };
      return group.run(() => guarded(() => statements.recordCall.run(record)));
    },
    async appendRows(rows) {
      group.flush();
      guarded(() => appendAll(rows));
    },
    async row(candidate, split, example, sample = 0) {
      const record = guarded(() => statements.row.get(candidate, split, example, sample));
      return record === undefined ? undefined : fromRecord(record);
    },
    async *rows(candidate, split) {
      // pages rather than an open cursor, so that writes may happen between two rows
      let last: RowRecord | undefined;
      for (;;) {
        const page = guarded(() => statements.rowsAfter.all(candidate, split, last?.example ?? '', last?.sample ?? -1, 1000));
        for (const record of page) yield fromRecord(record);
        last = page.at(-1);
        if (page.length < 1000) return;
      }
    },
    async prepared(key) {
      return readPrepared(guarded(() => statements.prepared.get(key)));
    },
    async candidate(id) {
      return readPrepared(guarded(() => statements.candidate.get(id)));
    },
    async recordPrepared(key, prepared) {
      guarded(() => statements.recordPrepared.run(key, prepared.id, JSON.stringify(prepared.manifest), JSON.stringify(prepared.setup)));
    },
    async registration() {
      const record = guarded(() => statements.registration.get());
      return record === undefined ? undefined : (JSON.parse(record.body) as Registration);
    },
    async register(registration) {
      guarded(() => statements.register.run(JSON.stringify(registration)));
    },
    async lookAtTest(splitHash, key) {
      guarded(() => statements.look.run(splitHash, key));
      return guarded(() => statements.looks.get(splitHash))?.n ?? 0;
    },
    async recordTraining(candidate, events) {
      guarded(() => statements.recordTraining.run(candidate, JSON.stringify(events)));
    },
    async training(candidate) {
      const record = guarded(() => statements.training.get(candidate));
      return record === undefined ? [] : (JSON.parse(record.events) as TrainingEvent[]);
    },
    async recordForecast(forecast) {
      const { rung, metric, madeAt } = forecast;
      guarded(() => statements.recordForecast.run(rung, metric, madeAt, JSON.stringify(forecast)));
    },
    async forecasts() {
      return guarded(() => statements.forecasts.all()).map(({ body }) => JSON.parse(body) as StoredForecast);
    },
    async clear() {
      group.flush();
      guarded(() =>
        database.exec('delete from calls; delete from rows; delete from prepared; delete from registration; delete from training;'),
      );
    },
    async close() {
      group.flush();
      database.close();
    },
  };
}

function toRecord(row: Row): RowRecord {
  return {
    candidate: row.candidate,
    split: row.split,
    example: row.example,
    sample: row.sample,
    answer: row.answer === undefined ? null : JSON.stringify(row.answer),
    failure: row.failure === undefined ? null : JSON.stringify(row.failure),
    latency_ms: row.latencyMs,
    at: row.at,
  };
}

function fromRecord({ answer, failure, latency_ms, ...rest }: RowRecord): Row {
  return {
    ...rest,
    latencyMs: latency_ms,
    ...(answer === null ? {} : { answer: JSON.parse(answer) as Row['answer'] }),
    ...(failure === null ? {} : { failure: JSON.parse(failure) as Row['failure'] }),
  };
}

function readPrepared(record: { id: string; manifest: string; setup: string } | undefined): PreparedCandidate | undefined {
  if (record === undefined) return undefined;
  return { id: record.id, manifest: JSON.parse(record.manifest), setup: JSON.parse(record.setup) };
}

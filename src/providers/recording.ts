import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { inputError } from '#core/errors.ts';
import type { ModelResponse } from '#core/model.ts';
import { type RawRecord, readRecords } from '#data/read-records.ts';

/** An answer longer than this is a fault of the file, in bytes. */
const longestRow = 64 * 1024 * 1024;

/** Which column holds what. */
export interface RecordingColumns {
  /** Equals the last user message of a request. */
  readonly match: string;
  readonly answer: string;
  readonly score?: string;
  readonly inputTokens?: string;
  readonly outputTokens?: string;
  readonly latencyMs?: string;
}

export interface Recording {
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly answers: ReadonlyMap<string, ModelResponse>;
}

/** Line ends differ between files that hold the same text. */
export function matchKey(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/**
 * Loads recorded answers; memory is proportional to the file. Of rows with the same match, the first counts.
 * A row without an answer (null, or absent in JSONL) stands for a call that brought none, and is left out.
 * Throws a usage error that names the line or the missing column.
 */
export async function loadRecording(path: string, name: string, columns: RecordingColumns): Promise<Recording> {
  const answers = new Map<string, ModelResponse>();
  const unseen = new Set(Object.values(columns) as (string | undefined)[]);
  unseen.delete(undefined);
  let last: RawRecord | undefined;
  for await (const row of readRecords(path, longestRow)) {
    last = row;
    for (const column of unseen) if (column !== undefined && column in row.fields) unseen.delete(column);
    if (unseen.has(columns.match)) break;
    const key = matchKey(textOf(row, columns.match, name));
    const answer = row.fields[columns.answer];
    if (!answers.has(key) && answer !== undefined && answer !== null) answers.set(key, responseOf(row, name, columns));
  }
  const [missing] = unseen;
  if (missing !== undefined && last !== undefined) throw missingColumn(last, missing, name);
  if (answers.size === 0) {
    throw inputError({
      code: 'recording-empty',
      message: 'The file holds no recorded answer.',
      hint: `Give it at least one row with the columns ${columns.match} and ${columns.answer}.`,
      place: { file: name },
    });
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { hash: hash.digest('hex'), answers };
}

function missingColumn(row: RawRecord, column: string, name: string): Error {
  return inputError({
    code: 'recording-column',
    message: `The recorded answers have no column ${JSON.stringify(column)}.`,
    hint: `The columns are: ${Object.keys(row.fields).join(', ')}.`,
    place: { file: name },
  });
}

function textOf(row: RawRecord, column: string, name: string): string {
  const value = row.fields[column];
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  throw unreadable(row, column, name, 'a text');
}

function numberOf(row: RawRecord, column: string | undefined, name: string): number | undefined {
  if (column === undefined) return undefined;
  const value = row.fields[column];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (Number.isFinite(number) && number >= 0) return number;
  throw unreadable(row, column, name, 'a number that is not negative');
}

const truths: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [true, 1],
  [false, 0],
  ['true', 1],
  ['false', 0],
]);

function scoreOf(row: RawRecord, column: string | undefined, name: string): number | undefined {
  if (column === undefined) return undefined;
  const value = row.fields[column];
  const truth = truths.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
  return truth ?? numberOf(row, column, name);
}

function responseOf(row: RawRecord, name: string, columns: RecordingColumns): ModelResponse {
  const score = scoreOf(row, columns.score, name);
  const inputTokens = numberOf(row, columns.inputTokens, name);
  const outputTokens = numberOf(row, columns.outputTokens, name);
  return {
    text: textOf(row, columns.answer, name),
    finishReason: 'stop',
    usage:
      inputTokens === undefined && outputTokens === undefined
        ? null
        : { inputTokens: Math.round(inputTokens ?? 0), cachedInputTokens: 0, outputTokens: Math.round(outputTokens ?? 0) },
    latencyMs: numberOf(row, columns.latencyMs, name) ?? null,
    recordedScores: score === undefined ? undefined : { recorded: score },
  };
}

function unreadable(row: RawRecord, column: string, name: string, wanted: string): Error {
  return inputError({
    code: 'recording-unreadable',
    message: `The column ${JSON.stringify(column)} does not hold ${wanted}.`,
    hint: 'Correct that row of the recorded answers, or name another column.',
    place: { file: name, line: row.line },
  });
}

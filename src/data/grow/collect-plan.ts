import type { DataRow } from '#core/data-row.ts';
import { turnText } from '#core/data-row.ts';
import { disjointSets } from '#data/disjoint-sets.ts';
import { type DroppedRows, droppedRows } from '#data/split/dropped-rows.ts';
import { markRow } from '#data/split/mark-row.ts';
import type { NearSearch } from '#data/split/near-search.ts';
import { hashNumber } from '#data/split/row-columns.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import { chooseDiverse, featureLength, writeFeatures } from './collect-diverse.ts';
import { feedbackOf, loggedAt } from './collect-fields.ts';
import type { RowFilter } from './collect-filter.ts';
import { findSharedPrompt, keptRows, type SharedPrompt } from './collect-prompt.ts';
import type { MixSource } from './mix-plan.ts';
import { type TextNumbers, textNumbers } from './mix-texts.ts';

/** What a metric says of a logged answer; null where it says nothing, with the reason. */
export interface CollectedScore {
  readonly value: number | null;
  readonly reason?: string;
}

export interface CollectOptions {
  readonly seed: number;
  readonly near: NearSearch;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly where?: readonly RowFilter[];
  readonly feedback?: { readonly minimum: number; readonly field?: string };
  /** Files whose rows are there already. */
  readonly against?: readonly MixSource[];
  /** Takes rows without an answer too. */
  readonly unanswered?: boolean;
  /** Scores answers, best first where better is higher; rows below the minimum are left out. */
  readonly score?: {
    rate(rows: AsyncIterable<DataRow>, put: (row: DataRow, score: CollectedScore) => void): Promise<void>;
    readonly minimum: number;
    readonly metric: string;
  };
  /** So many rows, as different as possible. */
  readonly rows?: number;
}

export interface PlannedCollection {
  readonly source: MixSource;
  readonly read: number;
  /** 1 for each row, of those that could be read, that is kept. */
  readonly kept: Uint8Array;
  readonly count: number;
  readonly dropped: DroppedRows;
  readonly sharedPrompt?: SharedPrompt;
  readonly diversity?: { readonly pool: number; readonly of: number; readonly radius: number };
  readonly scores?: { readonly scored: number; readonly unscored: number };
  readonly approximate: boolean;
}

/** Products of vectors that are computed at most while choosing diverse rows: some seconds. */
const mostProducts = 20_000_000;

/** Decides which rows of a log are kept: filters, then duplicates, then scores, then diversity. Memory: about 300 bytes a row. */
export async function planCollection(source: MixSource, options: CollectOptions): Promise<PlannedCollection> {
  const dropped = droppedRows();
  const texts = textNumbers(options.near);
  for (const { rows, format } of options.against ?? []) {
    for await (const row of rows) if (!isUnreadable(row)) texts.number(markRow(row, { format }).text);
  }
  const there = texts.count();
  const columns = await readLog(source, options, texts, dropped);
  const kept = new Uint8Array(columns.texts.length);
  const approximate = await dropDuplicates(columns, kept, there, texts, options.near, dropped);
  const scores = options.score === undefined ? undefined : await dropBadAnswers(source, kept, columns, options.score, dropped);
  const diversity = options.rows === undefined ? undefined : await keepDiverse(source, kept, columns, options.rows, dropped);
  const sharedPrompt = await findSharedPrompt(source, kept);
  return {
    ...{ source, read: columns.read, kept, count: kept.reduce((sum, one) => sum + one, 0), dropped, approximate },
    ...(sharedPrompt === undefined ? {} : { sharedPrompt }),
    ...(diversity === undefined ? {} : { diversity }),
    ...(scores === undefined ? {} : { scores }),
  };
}

/** By the place of a row among those that could be read; what was left out already has the text -2. */
interface LogColumns {
  readonly read: number;
  readonly lines: readonly number[];
  readonly keys: readonly number[];
  /** -1 where there is nothing to compare. */
  readonly texts: readonly number[];
  readonly feedback: readonly number[];
  readonly times: readonly number[];
}

const leftOut = -2;

async function readLog(source: MixSource, options: CollectOptions, texts: TextNumbers, dropped: DroppedRows): Promise<LogColumns> {
  const columns = { lines: [] as number[], keys: [] as number[], texts: [] as number[], feedback: [] as number[], times: [] as number[] };
  let read = 0;
  for await (const row of source.rows) {
    read += 1;
    if (isUnreadable(row)) {
      dropped.drop(row.line, row.message);
      continue;
    }
    const why = whyNot(row, options);
    if (why !== undefined) dropped.drop(row.line, why);
    const marks = why === undefined ? markRow(row, source) : undefined;
    columns.lines.push(row.line);
    columns.keys.push(marks === undefined ? 0 : hashNumber(`${options.seed}\n${marks.id}\n${marks.digest.toString('hex')}`));
    columns.texts.push(marks === undefined ? leftOut : marks.text === '' ? -1 : texts.number(marks.text));
    columns.feedback.push(feedbackOf(row, options.feedback?.field) ?? -Number.MAX_VALUE);
    columns.times.push(loggedAt(row) ?? 0);
  }
  return { read, ...columns };
}

function whyNot(row: DataRow, { since, where = [], feedback, unanswered = false }: CollectOptions): string | undefined {
  const failed = where.find((filter) => !filter.holds(row));
  if (failed !== undefined) return `does not meet ${failed.text}`;
  const time = since === undefined ? undefined : loggedAt(row);
  if (since !== undefined && time === undefined) return 'says no time';
  if (since !== undefined && time !== undefined && time < since) return 'is older';
  const given = feedback === undefined ? undefined : feedbackOf(row, feedback.field);
  if (feedback !== undefined && given === undefined) return 'has no feedback';
  if (feedback !== undefined && given! < feedback.minimum) return `has feedback below ${feedback.minimum}`;
  if (unanswered || row.preference !== undefined) return undefined;
  const last = row.turns.at(-1);
  return last?.role === 'assistant' && (turnText(last).trim() !== '' || last.toolCalls !== undefined) ? undefined : 'has no answer';
}

/** Of rows that ask the same, the one with the best feedback stays, then the latest; nothing stays that is there already. */
async function dropDuplicates(
  columns: LogColumns,
  kept: Uint8Array,
  there: number,
  texts: TextNumbers,
  near: NearSearch,
  dropped: DroppedRows,
): Promise<boolean> {
  const sets = disjointSets(texts.count());
  const { approximate } = await near.end(
    (left, right) => sets.find(left) === sets.find(right),
    (left, right) => sets.join(left, right),
  );
  const known = new Set<number>();
  for (let text = 0; text < there; text += 1) known.add(sets.find(text));
  const best = new Map<number, number>();
  const isBetter = (row: number, than: number) =>
    columns.feedback[row]! - columns.feedback[than]! ||
    columns.times[row]! - columns.times[than]! ||
    columns.keys[than]! - columns.keys[row]!;
  for (const [row, text] of columns.texts.entries()) {
    if (text < 0) continue;
    const set = sets.find(text);
    const other = best.get(set);
    if (other === undefined || isBetter(row, other) > 0) best.set(set, row);
  }
  for (const [row, text] of columns.texts.entries()) {
    if (text === leftOut) continue;
    const set = text === -1 ? -1 : sets.find(text);
    if (set !== -1 && known.has(set)) dropped.drop(columns.lines[row]!, 'is there already, or nearly so');
    else if (set !== -1 && best.get(set) !== row) dropped.drop(columns.lines[row]!, 'asks what another row asks, or nearly so');
    else kept[row] = 1;
  }
  return approximate;
}

async function dropBadAnswers(
  source: MixSource,
  kept: Uint8Array,
  columns: LogColumns,
  { rate, minimum, metric }: NonNullable<CollectOptions['score']>,
  dropped: DroppedRows,
): Promise<NonNullable<PlannedCollection['scores']>> {
  const placeOfLine = new Map<number, number>();
  for (const [row, line] of columns.lines.entries()) if (kept[row] === 1) placeOfLine.set(line, row);
  let [scored, unscored] = [0, 0];
  await rate(keptRows(source, kept), (row, { value, reason }) => {
    const place = placeOfLine.get(row.line);
    if (place === undefined) return;
    if (value === null) unscored += 1;
    else scored += 1;
    if (value !== null && value >= minimum) return;
    kept[place] = 0;
    dropped.drop(
      row.line,
      value === null ? `gets no score by ${metric}${reason === undefined ? '' : `: ${reason}`}` : `scores too low by ${metric}`,
    );
  });
  return { scored, unscored };
}

async function keepDiverse(
  source: MixSource,
  kept: Uint8Array,
  columns: LogColumns,
  wanted: number,
  dropped: DroppedRows,
): Promise<NonNullable<PlannedCollection['diversity']>> {
  const all = [...kept.keys()].filter((row) => kept[row] === 1).sort((a, b) => columns.keys[a]! - columns.keys[b]!);
  const pool = all.slice(0, Math.max(2 * wanted, Math.floor(mostProducts / Math.max(1, wanted))));
  const indexOf = new Map(pool.map((row, index) => [row, index]));
  const vectors = new Float32Array(pool.length * featureLength);
  let place = -1;
  for await (const row of source.rows) {
    if (isUnreadable(row)) continue;
    place += 1;
    const index = indexOf.get(place);
    if (index !== undefined) writeFeatures(markRow(row, source).text, vectors, index * featureLength);
  }
  const { chosen, radius } = chooseDiverse(vectors, pool.length, wanted);
  const stays = new Set(chosen.map((index) => pool[index]!));
  for (const row of all.toSorted((a, b) => a - b)) {
    if (stays.has(row)) continue;
    kept[row] = 0;
    dropped.drop(columns.lines[row]!, 'other rows cover what it asks');
  }
  return { pool: pool.length, of: all.length, radius };
}

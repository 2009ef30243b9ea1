import type { DataFormat } from '#core/data-format.ts';
import type { DataRow } from '#core/data-row.ts';
import { inputError } from '#core/errors.ts';
import type { SplitName } from '#core/example.ts';
import { disjointSets } from '#data/disjoint-sets.ts';
import { type DroppedRows, droppedRows } from '#data/split/dropped-rows.ts';
import { markRow } from '#data/split/mark-row.ts';
import type { NearSearch } from '#data/split/near-search.ts';
import { hashNumber } from '#data/split/row-columns.ts';
import { isUnreadable, type UnreadableRow } from '#data/unreadable-row.ts';
import { isRefusal } from './mix-refusal.ts';
import { type TextNumbers, textNumbers } from './mix-texts.ts';

/** A file of rows that can be read again from its start. */
export interface MixSource {
  /** For messages. */
  readonly file: string;
  readonly format: DataFormat;
  readonly rows: AsyncIterable<DataRow | UnreadableRow>;
}

/** Rows that are mixed in, and how many. */
export interface MixPart extends MixSource {
  /** `general`, `safety`. */
  readonly name: string;
  /** Of the rows that are trained on afterwards, from 0 up to, and without, 1. */
  readonly share: number;
}

export interface MixOptions {
  readonly seed: number;
  readonly near: NearSearch;
}

export interface PlannedPart extends MixPart {
  readonly read: number;
  /** Rows that could be taken: readable, for training, and like no other. */
  readonly eligible: number;
  /** Places, among the rows that could be read, of those that are taken; ascending. */
  readonly taken: Uint32Array;
  /** Characters of the taken rows. */
  readonly characters: number;
  /** Taken rows whose answer refuses. */
  readonly refusals: number;
  /** 1 where a taken row's id is given in the file it is mixed into or in an earlier part; by place. */
  readonly clashes: ReadonlySet<number>;
}

export interface PlannedMix {
  readonly own: MixSource & {
    readonly read: number;
    /** Rows by their side; `none` where the file names none. */
    readonly sides: Readonly<Record<SplitName | 'none', number>>;
    /** Rows that are trained on: those on the train side, or all where the file names no sides. */
    readonly training: number;
    readonly characters: number;
    readonly refusals: number;
  };
  readonly parts: readonly PlannedPart[];
  readonly dropped: DroppedRows;
  readonly approximate: boolean;
}

interface Candidates {
  read: number;
  readonly keys: number[];
  readonly characters: number[];
  readonly refuses: boolean[];
  readonly ids: (number | undefined)[];
  /** Number of each row's text in the search; -1 where it may not be taken. */
  readonly texts: number[];
}

/**
 * Decides which rows of other files are mixed into the rows of one. Shares are of what is trained on afterwards; what says the
 * same as a row of the file, on whatever side, or as a row taken before, is refused; rows for validation or test are never taken.
 */
export async function planMix(own: MixSource, parts: readonly MixPart[], { seed, near }: MixOptions): Promise<PlannedMix> {
  const together = parts.reduce((sum, { share }) => sum + share, 0);
  if (together >= 1) {
    throw inputError({
      code: 'shares-too-large',
      message: `The shares that are mixed in add up to ${Number(together.toFixed(4))} and leave no room for the rows themselves.`,
      hint: 'Make them smaller, as --general-share 0.1 --safety-share 0.03.',
    });
  }
  const dropped = droppedRows();
  const texts = textNumbers(near);
  const mine = await readOwn(own, texts, dropped);
  const candidates: Candidates[] = [];
  for (const part of parts) candidates.push(await readCandidates(part, seed, texts, dropped));
  const sets = disjointSets(texts.count());
  const { approximate } = await near.end(
    (left, right) => sets.find(left) === sets.find(right),
    (left, right) => sets.join(left, right),
  );
  const held = new Set<number>();
  for (let text = 0; text < mine.texts; text += 1) held.add(sets.find(text));
  const ids = new Set(mine.ids);
  const planned = parts.map((part, index): PlannedPart => {
    const found = candidates[index]!;
    const wanted = Math.round((part.share / (1 - together)) * mine.training);
    const order = [...found.keys.keys()].filter((place) => found.texts[place] !== -1).sort((a, b) => found.keys[a]! - found.keys[b]!);
    const taken: number[] = [];
    let eligible = 0;
    for (const place of order) {
      const set = sets.find(found.texts[place]!);
      if (held.has(set)) continue;
      eligible += 1;
      held.add(set);
      if (taken.length < wanted) taken.push(place);
    }
    taken.sort((a, b) => a - b);
    const clashes = new Set(taken.filter((place) => found.ids[place] !== undefined && ids.has(found.ids[place])));
    for (const place of taken) if (found.ids[place] !== undefined) ids.add(found.ids[place]);
    const characters = taken.reduce((sum, place) => sum + found.characters[place]!, 0);
    const refusals = taken.filter((place) => found.refuses[place]).length;
    return { ...part, read: found.read, eligible, taken: Uint32Array.from(taken), characters, refusals, clashes };
  });
  return { own: { ...own, ...mine.counts, training: mine.training }, parts: planned, dropped, approximate };
}

async function readOwn(own: MixSource, texts: TextNumbers, dropped: DroppedRows) {
  const sides = { train: 0, validation: 0, test: 0, none: 0 };
  const ids: number[] = [];
  let [read, characters, refusals] = [0, 0, 0];
  for await (const row of own.rows) {
    read += 1;
    if (isUnreadable(row)) {
      dropped.drop(row.line, row.message);
      continue;
    }
    const marks = markRow(row, own);
    sides[row.split ?? 'none'] += 1;
    texts.number(marks.text);
    if (row.id !== undefined) ids.push(hashNumber(row.id));
    if (row.split !== undefined && row.split !== 'train') continue;
    characters += charactersOf(row);
    if (isRefusal(marks.answer)) refusals += 1;
  }
  const named = sides.train + sides.validation + sides.test;
  const training = named === 0 ? sides.none : sides.train + sides.none;
  return { ids, texts: texts.count(), training, counts: { read, sides, characters, refusals } };
}

async function readCandidates(part: MixPart, seed: number, texts: TextNumbers, dropped: DroppedRows): Promise<Candidates> {
  const found: Candidates = { read: 0, keys: [], characters: [], refuses: [], ids: [], texts: [] };
  for await (const row of part.rows) {
    found.read += 1;
    if (isUnreadable(row)) {
      dropped.drop(row.line, `${part.file}: ${row.message}`);
      continue;
    }
    const marks = markRow(row, part);
    const mayTrain = row.split === undefined || row.split === 'train';
    found.keys.push(hashNumber(`${seed}\n${part.name}\n${marks.id}\n${marks.digest.toString('hex')}`));
    found.characters.push(charactersOf(row));
    found.refuses.push(isRefusal(marks.answer));
    found.ids.push(row.id === undefined ? undefined : hashNumber(row.id));
    // a text without a letter says nothing about being like another
    found.texts.push(mayTrain && marks.text !== '' ? texts.number(marks.text) : -1);
  }
  return found;
}

function charactersOf({ turns, preference }: DataRow): number {
  const all = [...turns, ...(preference?.chosen ?? [])];
  return all.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : JSON.stringify(content ?? '').length), 0);
}

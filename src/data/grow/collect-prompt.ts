import { type DataRow, turnText } from '#core/data-row.ts';
import { isUnreadable } from '#data/unreadable-row.ts';
import type { MixSource } from './mix-plan.ts';

/** A text of the system that most rows begin with, and how many do. */
export interface SharedPrompt {
  readonly text: string;
  readonly rows: number;
}

const most = 0.5;

/** By majority vote (Boyer and Moore 1981, MJRTY), then counted: two readings, one text in memory. */
export async function findSharedPrompt(source: MixSource, kept: Uint8Array): Promise<SharedPrompt | undefined> {
  let [text, votes] = ['', 0];
  for await (const row of keptRows(source, kept)) {
    const prompt = systemPrompt(row);
    if (votes === 0) text = prompt;
    votes += prompt === text ? 1 : -1;
  }
  if (text === '') return undefined;
  let [all, rows] = [0, 0];
  for await (const row of keptRows(source, kept)) {
    all += 1;
    if (systemPrompt(row) === text) rows += 1;
  }
  return all > 1 && rows > most * all ? { text, rows } : undefined;
}

/** What the turns before the first of the user say. */
export function systemPrompt({ turns }: DataRow): string {
  const first = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  return turns
    .slice(0, first === -1 ? turns.length : first)
    .map(turnText)
    .join('\n');
}

/** The rows of a source that are kept, in their order. */
export async function* keptRows(source: MixSource, kept: Uint8Array): AsyncGenerator<DataRow> {
  let place = -1;
  for await (const row of source.rows) {
    if (isUnreadable(row)) continue;
    place += 1;
    if (kept[place] === 1) yield row;
  }
}

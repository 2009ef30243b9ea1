import type { DataFinding } from '#core/data-check.ts';
import { type DataRow, turnText } from '#core/data-row.ts';

const listedRows = 1000;
const shownExamples = 5;
const shownCharacters = 200;

/** Collects the rows that a rule is about, in bounded memory; a row counts once. */
export interface RuleRows {
  add(row: number, text: () => string): void;
  readonly count: number;
  /** The finding; undefined where no row was added. */
  finding(words: Omit<DataFinding, 'rows' | 'count' | 'examples'>): DataFinding | undefined;
}

export function ruleRows(): RuleRows {
  const rows: number[] = [];
  const examples: { row: number; text: string }[] = [];
  let count = 0;
  let last = -1;
  return {
    add(row, text) {
      if (row === last) return;
      last = row;
      count += 1;
      if (rows.length < listedRows) rows.push(row);
      if (examples.length < shownExamples) examples.push({ row, text: readableText(text()) });
    },
    get count() {
      return count;
    },
    finding: (words) => (count === 0 ? undefined : { ...words, rows, count, examples }),
  };
}

/** A text cut to what a person reads of an example. */
export function readableText(text: string): string {
  const line = text.length > shownCharacters * 4 ? text.slice(0, shownCharacters * 4) : text;
  const plain = line.replace(/\s+/g, ' ').trim();
  return plain.length <= shownCharacters && line === text ? plain : `${plain.slice(0, shownCharacters - 1).toWellFormed()}…`;
}

/** The answer that a row teaches last: of a preference the better one; undefined where there is none. */
export function lastAnswer({ turns, preference }: DataRow): string | undefined {
  const turn = (preference?.chosen ?? turns).findLast(({ role }) => role === 'assistant');
  return turn === undefined ? undefined : turnText(turn);
}

/** What a row asks last: the text of its last turn of the user. */
export function lastQuestion({ turns }: DataRow): string {
  const turn = turns.findLast(({ role }) => role === 'user');
  return turn === undefined ? '' : turnText(turn);
}

/** `1 row`, `2,300 rows`. */
export function rowsText(count: number): string {
  return count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`;
}

const singular: Readonly<Record<string, string>> = { have: 'has', are: 'is', do: 'does', go: 'goes', teach: 'teaches', cannot: 'cannot' };

/** `2 rows have no answer`, `1 row has no answer`: a phrase that begins with a verb in the plural. */
export function rowsThat(count: number, phrase: string): string {
  const [verb = '', ...rest] = phrase.split(' ');
  return `${rowsText(count)} ${count === 1 ? [singular[verb] ?? `${verb}s`, ...rest].join(' ') : phrase}`;
}

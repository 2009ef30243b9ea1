import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import type { ExampleSource } from '#core/example.ts';
import { sha256 } from '#core/json.ts';

/** A row as a person labels it. */
export interface LabelRow {
  /** Names the row by what it holds, so that labels find it again when the file grew or was put in another order. */
  readonly key: string;
  readonly row: DataRow;
  /** What is asked: the turns before the answer. */
  readonly asked: readonly DataTurn[];
  /** The text that a classifier reads: the last turn of the user. */
  readonly text: string;
  /** The answer that the file has already. */
  readonly answer?: string;
}

/** Where an answer came from: typed or chosen by a person, a model's draft taken as it was, or a draft that a person changed. */
export type AnswerOrigin = 'chosen' | 'accepted' | 'edited';

/** Tag of a row whose answer is a model's draft that a person accepted without a change. */
const acceptedTag = 'draft-accepted';
const keyDigits = 16;

/** Makes rows ready to be labelled. Equal rows are told apart by how many came before; two answers to choose from are no row to label. */
export function labelRows(rows: Iterable<DataRow>): LabelRow[] {
  const seen = new Map<string, number>();
  const made: LabelRow[] = [];
  for (const row of rows) {
    if (row.preference !== undefined) continue;
    const last = row.turns.at(-1);
    const answer = last?.role === 'assistant' && last.content !== null ? turnText(last) : undefined;
    const asked = answer === undefined ? row.turns : row.turns.slice(0, -1);
    if (asked.length === 0) continue;
    const content = sha256(JSON.stringify([row.id ?? null, asked.map((turn) => [turn.role, turn.content])])).slice(0, keyDigits);
    const before = seen.get(content) ?? 0;
    seen.set(content, before + 1);
    const question = asked.findLast(({ role }) => role === 'user') ?? asked.at(-1)!;
    made.push({
      key: before === 0 ? content : `${content}-${before + 1}`,
      row,
      asked,
      text: turnText(question),
      ...(answer === undefined || answer.trim() === '' ? {} : { answer }),
    });
  }
  return made;
}

const sources: Readonly<Record<AnswerOrigin, ExampleSource>> = { chosen: 'human', accepted: 'synthetic', edited: 'edited' };

/** The row with a person's answer; its id, group and fields stay, and it says where the answer came from. */
export function withAnswer({ row, asked }: LabelRow, answer: string, origin: AnswerOrigin): DataRow {
  const tags = (row.tags ?? []).filter((tag) => tag !== acceptedTag);
  const marked = origin === 'accepted' ? [...tags, acceptedTag] : tags;
  return {
    ...row,
    turns: [...asked, { role: 'assistant', content: answer }],
    source: sources[origin],
    ...(marked.length > 0 || row.tags !== undefined ? { tags: marked } : {}),
  };
}

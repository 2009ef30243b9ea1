import type { MeasuredRow } from '#core/approach.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { expectedText, type Input } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { Prompt } from '#core/prompt.ts';
import type { PreferenceRow } from '#core/trainer.ts';
import { renderPrompt } from './prompt.ts';

/** Two ways to be wrong about one question teach what a third would. */
const mostPerExample = 2;

export interface Pairs {
  readonly train: readonly PreferenceRow[];
  readonly validation: readonly PreferenceRow[];
  /** What was left out, in words; empty where nothing was. */
  readonly left: readonly string[];
}

/** Pairs of a file, asked with the rung's own prompt before what each row says itself. */
export function pairsOfRows(rows: readonly DataRow[], prompt: Prompt): Pairs {
  const readable = rows.map((row) => ({ row, pair: pairOf(row, prompt) }));
  const usable = readable.flatMap(({ row, pair }) => (pair === undefined || row.split === 'test' ? [] : [{ split: row.split, pair }]));
  const unreadable = readable.filter(({ pair }) => pair === undefined).length;
  const ofTest = readable.filter(({ row, pair }) => pair !== undefined && row.split === 'test').length;
  return {
    train: usable.flatMap(({ split, pair }) => (split === 'validation' ? [] : [pair])),
    validation: usable.flatMap(({ split, pair }) => (split === 'validation' ? [pair] : [])),
    left: [
      ...(unreadable === 0 ? [] : [`${unreadable} rows without two differing answers in text`]),
      ...(ofTest === 0 ? [] : [`${ofTest} of the test split`]),
    ],
  };
}

function pairOf({ turns, preference }: DataRow, prompt: Prompt): PreferenceRow | undefined {
  if (preference === undefined || turns.length === 0) return undefined;
  const [chosen, rejected] = [answerOf(preference.chosen), answerOf(preference.rejected)];
  const messages = turns.map(messageOf);
  if (chosen === undefined || rejected === undefined || chosen === rejected || messages.includes(undefined)) return undefined;
  return { messages: renderPrompt(prompt, [], { messages: messages as Message[] }), chosen, rejected };
}

function answerOf(turns: readonly DataTurn[]): string | undefined {
  const message = turns.length === 1 ? messageOf(turns[0]!) : undefined;
  return message?.role === 'assistant' ? message.content : undefined;
}

/** A turn in plain text; undefined for one that calls a tool, answers for one or is empty. */
function messageOf(turn: DataTurn): Message | undefined {
  const text = turnText(turn);
  if (turn.role === 'tool' || turn.toolCalls !== undefined || text.trim() === '') return undefined;
  return { role: turn.role === 'developer' ? 'system' : turn.role, content: text };
}

/**
 * Pairs of a model's own answers that the metric marks down, each against the expected answer of its row; those that answer
 * well teach nothing.
 */
export function pairsOfAnswers(drawn: readonly (readonly MeasuredRow[])[], promptFor: (input: Input) => Prompt, bestScore: number): Pairs {
  const rejected = new Map<MeasuredRow['example'], Set<string>>();
  for (const { example, answer, score } of drawn.flat()) {
    if (answer === undefined || score === null || score >= bestScore || example.expected === undefined) continue;
    const text = answer.text.trim();
    if (text === '' || text === expectedText(example.expected)) continue;
    const known = rejected.get(example) ?? new Set();
    if (known.size < mostPerExample) rejected.set(example, known.add(text));
  }
  const train = [...rejected].flatMap(([{ input, expected }, texts]) =>
    [...texts].map((text) => ({
      messages: renderPrompt(promptFor(input), [], input),
      chosen: expectedText(expected as Json),
      rejected: text,
    })),
  );
  return { train, validation: [], left: [] };
}

import type { MeasuredRow } from '#core/approach.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { expectedText, type Input } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { Message } from '#core/message.ts';
import type { Prompt } from '#core/prompt.ts';
import type { PreferenceRow, RowOrigins } from '#core/trainer.ts';
import { renderPrompt } from './prompt.ts';

/** Two ways to be wrong about one question teach what a third would. */
const mostPerExample = 2;

export interface Pairs {
  readonly train: readonly PreferenceRow[];
  readonly validation: readonly PreferenceRow[];
  /** What was left out, in words; empty where nothing was. */
  readonly left: readonly string[];
  readonly origins: RowOrigins;
}

/** Pairs of a file, asked with the rung's own prompt before what each row says itself. */
export function pairsOfRows(rows: readonly DataRow[], file: string, prompt: Prompt): Pairs {
  const readable = rows.map((row) => ({ row, pair: pairOf(row, prompt) }));
  const usable = readable.flatMap(({ row, pair }) => (pair === undefined || row.split === 'test' ? [] : [{ row, pair }]));
  const [train, validation] = [
    usable.filter(({ row }) => row.split !== 'validation'),
    usable.filter(({ row }) => row.split === 'validation'),
  ];
  const unreadable = readable.filter(({ pair }) => pair === undefined).length;
  const ofTest = readable.filter(({ row, pair }) => pair !== undefined && row.split === 'test').length;
  return {
    train: train.map(({ pair }) => pair),
    validation: validation.map(({ pair }) => pair),
    origins: {
      train: train.map(({ row }) => ({ file, line: row.line })),
      validation: validation.map(({ row }) => ({ file, line: row.line })),
    },
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
  const origins = [...rejected].flatMap(([{ id }, texts]) => [...texts].map(() => ({ example: id })));
  return { train, validation: [], left: [], origins: { train: origins, validation: [] } };
}

/**
 * Pairs of a model's own answers to one question: the best-scored against those that score worst. No expected answer is
 * learnt from, so that an open-ended metric decides alone; a question whose draws all score the same teaches nothing.
 */
export function pairsOfOwn(drawn: readonly (readonly MeasuredRow[])[], promptFor: (input: Input) => Prompt): Pairs {
  const said = new Map<MeasuredRow['example'], Map<string, number>>();
  for (const { example, answer, score } of drawn.flat()) {
    const text = answer?.text.trim() ?? '';
    if (text !== '' && score !== null) said.set(example, (said.get(example) ?? new Map<string, number>()).set(text, score));
  }
  const made = [...said].flatMap(([{ id, input }, scores]): { pair: PreferenceRow; example: string }[] => {
    const [best, ...others] = [...scores].sort(([, a], [, b]) => b - a);
    const worse = others.filter(([, score]) => score < best![1]).slice(-mostPerExample);
    const messages = renderPrompt(promptFor(input), [], input);
    return worse.map(([rejected]) => ({ pair: { messages, chosen: best![0], rejected }, example: id }));
  });
  const origins = made.map(({ example }) => ({ example }));
  return { train: made.map(({ pair }) => pair), validation: [], left: [], origins: { train: origins, validation: [] } };
}

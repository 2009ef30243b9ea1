import { breather } from '#core/breather.ts';
import { inputError } from '#core/errors.ts';
import type { TrainingRow as Conversation, PreferenceRow, TextRow, TrainingData } from '#core/trainer.ts';
import { type RowOfJob, TrainingRowError } from '#core/training-row-error.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { TrainingRow } from './packed-batch.ts';

/** How rows are read that may be many. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Told now and then how many rows were read. */
  readonly onRows?: (done: number, total: number) => void;
}

/** What a step takes as one: a conversation, a piece of text, or a chosen answer with the rejected one. */
export type TrainingItem = readonly TrainingRow[];

/** The items of both parts of a job. */
export interface TrainingItems {
  readonly train: readonly TrainingItem[];
  readonly validation: readonly TrainingItem[];
}

/**
 * Rows as tokens; others have their turn meanwhile. Throws a usage error (`training-rows`, `template-spans`) that names the row
 * which cannot be learnt: without an assistant's turn, longer than the context, empty, or preferring an answer to itself.
 */
export async function itemsOf(
  data: TrainingData,
  tokenizer: ChatTokenizer,
  config: LlamaConfig,
  { signal, onRows }: ReadOptions = {},
): Promise<TrainingItems> {
  if (data.train.length === 0) {
    throw inputError({ code: 'training-rows', message: 'There are no training rows.', hint: 'Give at least ten rows to learn from.' });
  }
  const breathe = breather(signal);
  const learnt = async <Row>(part: RowOfJob['part'], rows: readonly Row[], learn: (row: Row, at: RowOfJob) => TrainingItem[]) => {
    const items: TrainingItem[] = [];
    for (const [index, row] of rows.entries()) {
      items.push(...learn(row, { part, index }));
      const pause = breathe();
      if (pause === undefined) continue;
      onRows?.((part === 'train' ? 0 : data.train.length) + index + 1, data.train.length + data.validation.length);
      await pause;
    }
    return items;
  };
  const both = async <Row>(train: readonly Row[], validation: readonly Row[], learn: (row: Row, at: RowOfJob) => TrainingItem[]) => ({
    train: await learnt('train', train, learn),
    validation: await learnt('validation', validation, learn),
  });
  const checked = (row: TrainingRow, at: RowOfJob, { messages }: Pick<Conversation, 'messages'>): TrainingRow =>
    withinContext(row, at, messages.findLast(({ role }) => role === 'user')?.content ?? '', config);
  if (data.method === 'preference') {
    return both(data.train, data.validation, (row, at) => [preferenceItem(row, at, tokenizer).map((side) => checked(side, at, row))]);
  }
  if (data.method === 'pretraining') {
    return both(data.train, data.validation, (row, at) => textItems(row, at, tokenizer, config.contextLength));
  }
  return both(data.train, data.validation, (row, at) => [[checked(conversationRow(row, at, tokenizer), at, row)]]);
}

function conversationRow({ messages }: Conversation, at: RowOfJob, tokenizer: ChatTokenizer): TrainingRow {
  const row = tokenizer.trainedTokens(messages);
  // nothing comes before the first token to predict it from
  if (row.mask.includes(true, 1)) return row;
  if (messages.some(({ role, weight }) => role === 'assistant' && weight !== 0)) {
    throw inputError({
      code: 'template-spans',
      message: 'The chat template does not say which part of a conversation is the answer, so there is nothing to learn.',
      hint: 'Put {% generation %} and {% endgeneration %} around the assistant turn in chat_template.jinja, as Transformers asks for it.',
    });
  }
  throw unusable(at, `has no assistant turn to learn.`, 'Give it an assistant turn whose weight is not 0, or drop the row.');
}

/** Only the answer itself is judged, not the assistant turns before it. */
function preferenceItem({ messages, chosen, rejected }: PreferenceRow, at: RowOfJob, tokenizer: ChatTokenizer): TrainingRow[] {
  const shown = messages.map((message) => ({ ...message, weight: 0 as const }));
  const sides = [chosen, rejected].map((content) =>
    conversationRow({ messages: [...shown, { role: 'assistant', content }] }, at, tokenizer),
  );
  if (sides[0]!.tokens.join() === sides[1]!.tokens.join()) {
    throw unusable(at, `prefers an answer to itself.`, 'Give two answers that differ, or drop the row.');
  }
  return sides;
}

/** A text between the tokenizer's own begin and end tokens, cut into pieces that fit; every token but the first is learnt once. */
function textItems({ text }: TextRow, at: RowOfJob, tokenizer: ChatTokenizer, contextLength: number): TrainingItem[] {
  if (text.trim() === '') throw unusable(at, `has no text.`, 'Drop the row.');
  const tokens = tokenizer.document(text);
  if (tokens.length < 2) throw unusable(at, `is a single token, from which nothing can be predicted.`, 'Drop the row.');
  const step = contextLength - 1;
  return Array.from({ length: Math.ceil((tokens.length - 1) / step) }, (_, index) => {
    // a piece begins with the last token of the one before, so that its own first token has something to follow from
    const piece = tokens.slice(index * step, index * step + contextLength);
    return [{ tokens: piece, mask: piece.map((_, place) => place > 0) }];
  });
}

/** Characters by which people find a row again in their file, where rows are numbered anew by the split. */
const quoted = 60;

function withinContext(row: TrainingRow, at: RowOfJob, asked: string, { contextLength }: LlamaConfig): TrainingRow {
  if (row.tokens.length <= contextLength) return row;
  const begins = asked === '' ? '' : ` It asks ${JSON.stringify(asked.length > quoted ? `${asked.slice(0, quoted)}…` : asked)}.`;
  const fault = `has ${row.tokens.length} tokens; the model reads ${contextLength}.${begins}`;
  throw unusable(at, fault, 'Shorten the row or its instruction, drop it, or tune a model with a longer context.');
}

function unusable(row: RowOfJob, fault: string, hint: string): TrainingRowError {
  return new TrainingRowError({ code: 'training-rows', row, fault, hint });
}

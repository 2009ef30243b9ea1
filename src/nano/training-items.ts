import { inputError, type RungError } from '#core/errors.ts';
import type { TrainingRow as Conversation, PreferenceRow, TextRow, TrainingData } from '#core/trainer.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { TrainingRow } from './packed-batch.ts';

/** What a step takes as one: a conversation, a piece of text, or a chosen answer with the rejected one. */
export type TrainingItem = readonly TrainingRow[];

type Split = 'training' | 'validation';

/**
 * Rows as tokens. Throws a usage error (`training-rows`, `template-spans`) that names the row which cannot be learnt: without
 * an assistant's turn, longer than the context, empty, or preferring an answer to itself.
 */
export function itemsOf(
  data: TrainingData,
  tokenizer: ChatTokenizer,
  config: LlamaConfig,
): { train: TrainingItem[]; validation: TrainingItem[] } {
  if (data.train.length === 0) throw unusable('There are no training rows.', 'Give at least ten rows to learn from.');
  const both = <Row>(train: readonly Row[], validation: readonly Row[], learn: (row: Row, name: string) => TrainingItem[]) => {
    const named = (rows: readonly Row[], split: Split) => rows.flatMap((row, index) => learn(row, `Row ${index + 1} of the ${split} rows`));
    return { train: named(train, 'training'), validation: named(validation, 'validation') };
  };
  const checked = (row: TrainingRow, name: string, { messages }: Pick<Conversation, 'messages'>): TrainingRow =>
    withinContext(row, name, messages.findLast(({ role }) => role === 'user')?.content ?? '', config);
  if (data.method === 'preference') {
    return both(data.train, data.validation, (row, name) => [preferenceItem(row, name, tokenizer).map((side) => checked(side, name, row))]);
  }
  if (data.method === 'pretraining') {
    return both(data.train, data.validation, (row, name) => textItems(row, name, tokenizer, config.contextLength));
  }
  return both(data.train, data.validation, (row, name) => [[checked(conversationRow(row, name, tokenizer), name, row)]]);
}

function conversationRow({ messages }: Conversation, name: string, tokenizer: ChatTokenizer): TrainingRow {
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
  throw unusable(`${name} has no assistant turn to learn.`, 'Give it an assistant turn whose weight is not 0, or drop the row.');
}

/** Only the answer itself is judged, not the assistant turns before it. */
function preferenceItem({ messages, chosen, rejected }: PreferenceRow, name: string, tokenizer: ChatTokenizer): TrainingRow[] {
  const shown = messages.map((message) => ({ ...message, weight: 0 as const }));
  const sides = [chosen, rejected].map((content) =>
    conversationRow({ messages: [...shown, { role: 'assistant', content }] }, name, tokenizer),
  );
  if (sides[0]!.tokens.join() === sides[1]!.tokens.join()) {
    throw unusable(`${name} prefers an answer to itself.`, 'Give two answers that differ, or drop the row.');
  }
  return sides;
}

/** A text between the tokenizer's own begin and end tokens, cut into pieces that fit; every token but the first is learnt once. */
function textItems({ text }: TextRow, name: string, tokenizer: ChatTokenizer, contextLength: number): TrainingItem[] {
  if (text.trim() === '') throw unusable(`${name} has no text.`, 'Drop the row.');
  const tokens = tokenizer.document(text);
  if (tokens.length < 2) throw unusable(`${name} is a single token, from which nothing can be predicted.`, 'Drop the row.');
  const step = contextLength - 1;
  return Array.from({ length: Math.ceil((tokens.length - 1) / step) }, (_, index) => {
    // a piece begins with the last token of the one before, so that its own first token has something to follow from
    const piece = tokens.slice(index * step, index * step + contextLength);
    return [{ tokens: piece, mask: piece.map((_, place) => place > 0) }];
  });
}

/** Characters by which people find a row again in their file, where rows are numbered anew by the split. */
const quoted = 60;

function withinContext(row: TrainingRow, name: string, asked: string, { contextLength }: LlamaConfig): TrainingRow {
  if (row.tokens.length <= contextLength) return row;
  const begins = asked === '' ? '' : ` It asks ${JSON.stringify(asked.length > quoted ? `${asked.slice(0, quoted)}…` : asked)}.`;
  const message = `${name} has ${row.tokens.length} tokens; the model reads ${contextLength}.${begins}`;
  throw unusable(message, 'Shorten the row or its instruction, drop it, or tune a model with a longer context.');
}

function unusable(message: string, hint: string): RungError {
  return inputError({ code: 'training-rows', message, hint });
}

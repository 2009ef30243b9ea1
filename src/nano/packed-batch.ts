import { commonPrefix } from './prefix-cache.ts';

/** One conversation to learn from. */
export interface TrainingRow {
  readonly tokens: readonly number[];
  readonly mask: readonly boolean[];
}

/** Consecutive rows of the packed batch that belong to one conversation. */
export interface PackedSpan {
  readonly start: number;
  readonly count: number;
  /** Rows [0, prefix) of the batch come before this span and are attended to. */
  readonly prefix: number;
}

export interface PackedBatch {
  readonly tokens: readonly number[];
  readonly positions: readonly number[];
  readonly spans: readonly PackedSpan[];
  /** Rows whose logits are judged, with the token each should predict and the conversation it belongs to. */
  readonly targets: readonly { readonly row: number; readonly token: number; readonly conversation: number }[];
}

/** A shared beginning below this is not worth a span of its own. */
const smallestPrefix = 8;

/**
 * Lays conversations end to end without padding. A beginning that all of them share, as far as nothing in it is judged,
 * is computed once: causal attention makes its activations the same for all, and its gradients add up. With a long
 * instruction before short messages this saves most of the work.
 */
export function packBatch(rows: readonly TrainingRow[]): PackedBatch {
  const prefix = sharedPrefix(rows);
  const tokens: number[] = [];
  const positions: number[] = [];
  const spans: PackedSpan[] = [];
  const targets: { row: number; token: number; conversation: number }[] = [];
  const append = (piece: readonly number[], from: number, before: number): void => {
    spans.push({ start: tokens.length, count: piece.length, prefix: before });
    for (const [index, token] of piece.entries()) {
      tokens.push(token);
      positions.push(from + index);
    }
  };
  if (prefix > 0) append(rows[0]!.tokens.slice(0, prefix), 0, 0);
  for (const [conversation, row] of rows.entries()) {
    const start = tokens.length;
    // Nothing is predicted from the last token, so it is not computed.
    append(row.tokens.slice(prefix, -1), prefix, prefix);
    for (const [index, counted] of row.mask.entries()) {
      if (counted && index > 0) targets.push({ row: start + index - 1 - prefix, token: row.tokens[index]!, conversation });
    }
  }
  return { tokens, positions, spans, targets };
}

/** Tokens that all rows begin with and none learns; 0 where they are not worth a span of their own. */
export function sharedPrefix(rows: readonly TrainingRow[]): number {
  const first = rows[0];
  if (!first || rows.length < 2) return 0;
  const limits = rows.map(({ tokens, mask }) => {
    const judged = mask.indexOf(true, 1);
    return Math.min(commonPrefix(first.tokens, tokens), (judged < 0 ? tokens.length : judged) - 1);
  });
  const shared = Math.min(...limits);
  return shared >= smallestPrefix ? shared : 0;
}

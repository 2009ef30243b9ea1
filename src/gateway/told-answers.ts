import type { ModelPiece, ModelResponse } from '#core/model.ts';

/** A piece of one of several answers, or that it is whole now. */
export type Told =
  | { readonly index: number; readonly piece: ModelPiece }
  | {
      readonly index: number;
      readonly response: ModelResponse /** Whether its text was told in pieces before. */;
      readonly inPieces: boolean;
    };

/** Starts one of several answers. */
type StartAnswer = (index: number, onPiece: (piece: ModelPiece) => void, signal: AbortSignal) => Promise<ModelResponse>;

/**
 * What several answers bring, in the order in which it comes. Pieces that come faster than they are taken are put together, so
 * that a slow reader holds no more than the answers themselves. Throws what one of them throws; the others are then ended, and
 * so they are where nobody takes any more.
 */
export async function* toldAnswers(count: number, start: StartAnswer, signal: AbortSignal): AsyncGenerator<Told> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const waiting: Told[] = [];
  let [working, wake]: [number, () => void] = [count, () => {}];
  let failure: { readonly error: unknown } | undefined;
  const work = async (index: number): Promise<void> => {
    let inPieces = false;
    const onPiece = (piece: ModelPiece): void => {
      inPieces = true;
      const at = waiting.findIndex((told) => told.index === index && 'piece' in told);
      const before = waiting[at];
      if (before !== undefined && 'piece' in before) waiting[at] = { index, piece: together(before.piece, piece) };
      else waiting.push({ index, piece });
      wake();
    };
    try {
      const response = await start(index, onPiece, either);
      waiting.push({ index, response, inPieces });
    } catch (error) {
      failure ??= { error };
    }
    working--;
    wake();
  };
  try {
    for (let index = 0; index < count; index++) void work(index);
    for (;;) {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next;
      if (failure !== undefined) throw failure.error;
      if (working === 0) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    ending.abort();
  }
}

function together(one: ModelPiece, other: ModelPiece): ModelPiece {
  const logProbabilities = [...(one.logProbabilities ?? []), ...(other.logProbabilities ?? [])];
  return { text: one.text + other.text, ...(logProbabilities.length > 0 && { logProbabilities }) };
}

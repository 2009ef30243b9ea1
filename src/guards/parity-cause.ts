import type { AskedAnswer } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { count } from './words.ts';

/** A sample that the server answered otherwise than the trainer. */
export interface UnlikeAnswer {
  readonly sample: TrainerSample;
  readonly served: AskedAnswer;
  /** What the same server says as the model before training; undefined where it brought no answer. */
  readonly untuned: AskedAnswer | undefined;
}

/**
 * What most likely makes a server answer otherwise, as a sentence: a prompt of another length comes from another template, the
 * untuned model's own answers from an adapter that is not applied, and what is left from the adapter, its base or the weights. Undefined
 * where nothing can be told. `tolerance` is of ln p per token.
 */
export function causeOf(unlike: readonly UnlikeAnswer[], tolerance: number): string | undefined {
  if (unlike.length === 0) return undefined;
  const length = lengthCause(unlike);
  if (length !== undefined) return length;
  if (unlike.every((each) => isUntuned(each, tolerance))) {
    return 'These are the answers of the model before training: the adapter is not applied.';
  }
  if (lengthsOf(unlike).length === 0) return undefined;
  return unlike.every(({ sample, served }) => sample.text.trim() === served.text.trim())
    ? 'The prompts are as long as in training and the texts agree: weights of another precision, or another scale of the adapter.'
    : 'The prompts are as long as in training, and these are not the answers of the model before it: another adapter, another base under it, another scale of it, or weights of another precision.';
}

type Counted = Pick<UnlikeAnswer, 'sample' | 'served'>;

/** The same for prompts alone, also where answers agree: a sentence where the server reads another number of tokens. */
export function lengthCause(rows: readonly Counted[]): string | undefined {
  const other = lengthsOf(rows).filter(({ trained, read }) => trained !== read);
  if (other[0] === undefined) return undefined;
  const { trained, read } = other[0];
  const more = other.every((each) => each.read - each.trained === 1);
  const likely = more ? 'a second token that begins the text, or another chat template' : 'another chat template';
  return `The server reads ${count(read)} tokens where the trainer's template gives ${count(trained)}: ${likely}.`;
}

function lengthsOf(rows: readonly Counted[]): readonly { readonly trained: number; readonly read: number }[] {
  return rows.flatMap(({ sample: { promptTokens: trained }, served: { promptTokens: read } }) =>
    trained === undefined || read === undefined ? [] : [{ trained, read }],
  );
}

function isUntuned({ served, untuned }: UnlikeAnswer, tolerance: number): boolean {
  if (untuned === undefined || untuned.text !== served.text) return false;
  if (served.logProbability === undefined || untuned.logProbability === undefined) return true;
  return Math.abs(served.logProbability - untuned.logProbability) / Math.max(1, served.tokens ?? 1) <= tolerance;
}

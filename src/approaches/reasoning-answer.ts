import type { ModelResponse } from '#core/model.ts';
import type { Output } from '#core/output.ts';
import type { Reading } from './json-repair.ts';
import { readAnswer } from './read-answer.ts';

/** A text split into its reasoning and its answer. */
export interface Reasoned extends Reading {
  readonly reasoning: string;
  /** Why there is no answer to read. */
  readonly problem?: string;
}

// "Answer:", "**Final answer:**", "# Answer:" at the start of a line
const answerLine = /^[^\p{L}\p{N}\n]*(?:final )?answer[*_ ]*:[*_]*/gimu;

/**
 * Splits a text at its last line that begins with "Answer:". Without such a line there is no answer, unless the whole
 * text is nothing but a label or a JSON object: then the model left the reasoning out.
 */
export function readReasoned(output: Output, { text, finishReason }: ModelResponse): Reasoned {
  const marker = [...text.matchAll(answerLine)].at(-1);
  const answer = marker === undefined ? '' : text.slice(marker.index + marker[0].length).trim();
  if (marker !== undefined && answer !== '')
    return { text: answer, ...readAnswer(output, answer), reasoning: text.slice(0, marker.index).trim() };
  const whole = readAnswer(output, text);
  if (output.kind !== 'text' && whole.strict) return { text, ...whole, reasoning: '' };
  const problem =
    finishReason === 'length'
      ? 'It was cut off before a line that begins with "Answer:".'
      : 'No line begins with "Answer:" and holds an answer.';
  return { text, value: undefined, strict: false, reasoning: text.trim(), problem };
}

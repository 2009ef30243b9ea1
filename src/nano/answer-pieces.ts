import type { ModelPiece } from '#core/model.ts';
import { GrowingText } from './growing-text.ts';
import type { ComingTokens } from './inference-task.ts';

interface ComingToken {
  readonly token: string;
  readonly logProbability: number | undefined;
  /** Where its text begins in the answer. */
  readonly from: number;
}

/** Cuts an answer that grows into pieces that stay: whole characters, and nothing that may be the beginning of a stop string. */
export class AnswerPieces {
  readonly #growing: GrowingText;
  readonly #stop: readonly string[];
  readonly #tokenText: (token: number) => string;
  readonly #tell: (piece: ModelPiece) => void;
  #text = '';
  #told = 0;
  #coming: ComingToken[] = [];

  constructor(
    tokenizer: { decode(tokens: readonly number[]): string; tokenText(token: number): string },
    stop: readonly string[],
    tell: (piece: ModelPiece) => void,
  ) {
    this.#growing = new GrowingText((tokens) => tokenizer.decode(tokens));
    this.#tokenText = (token) => tokenizer.tokenText(token);
    this.#stop = stop;
    this.#tell = tell;
  }

  add({ tokens, logProbabilities }: ComingTokens): void {
    for (const [index, token] of tokens.entries()) this.#add(token, logProbabilities[index]);
  }

  /** Tells what is left of the whole answer. */
  end(text: string): void {
    this.#text = text;
    this.#tellUpTo(text.length);
  }

  #add(token: number, logProbability: number | undefined): void {
    this.#coming.push({ token: this.#tokenText(token), logProbability, from: this.#text.length });
    this.#text += this.#growing.push(token);
    this.#tellUpTo(this.#text.length - heldBack(this.#text.slice(this.#told), this.#stop));
  }

  #tellUpTo(end: number): void {
    if (end <= this.#told) return;
    const text = this.#text.slice(this.#told, end);
    const tokens = this.#coming.filter(({ from }) => from < end);
    this.#coming = this.#coming.slice(tokens.length);
    this.#told = end;
    const logProbabilities = tokens.flatMap(({ token, logProbability }) =>
      logProbability === undefined ? [] : [{ token, logProbability }],
    );
    this.#tell({ text, ...(logProbabilities.length > 0 && { logProbabilities }) });
  }
}

/** Characters at the end of a text from where a stop string stands in it, or may be beginning. */
function heldBack(text: string, stop: readonly string[]): number {
  let held = 0;
  for (const end of stop) {
    const whole = text.indexOf(end);
    if (whole >= 0) held = Math.max(held, text.length - whole);
    for (let length = Math.min(end.length - 1, text.length); length > held; length--) {
      if (text.endsWith(end.slice(0, length))) held = length;
    }
  }
  const from = text.length - held;
  const splitsCharacter = held > 0 && /[\uDC00-\uDFFF]/.test(text.charAt(from)) && /[\uD800-\uDBFF]/.test(text.charAt(from - 1));
  return splitsCharacter ? held + 1 : held;
}

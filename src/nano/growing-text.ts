/**
 * The text of tokens that come one by one. Only whole characters are given: the bytes of one may come with several tokens. Two
 * neighbouring pieces are decoded together, so that a space that a tokenizer adds or takes away at the beginning of a text is
 * neither lost nor added between them, and a long answer costs no more a token than a short one.
 */
export class GrowingText {
  readonly #decode: (tokens: readonly number[]) => string;
  /** From the piece that was given last. */
  #tokens: number[] = [];
  /** How many of them were given. */
  #given = 0;

  constructor(decode: (tokens: readonly number[]) => string) {
    this.#decode = decode;
  }

  /** What a token adds; nothing as long as its last character is not whole. */
  push(token: number): string {
    this.#tokens.push(token);
    const added = this.rest();
    if (added === '' || added.endsWith('\uFFFD')) return '';
    this.#tokens = this.#tokens.slice(this.#given);
    this.#given = this.#tokens.length;
    return added;
  }

  /** What was not given yet, as it would read if nothing followed. */
  rest(): string {
    return this.#decode(this.#tokens).slice(this.#decode(this.#tokens.slice(0, this.#given)).length);
  }
}

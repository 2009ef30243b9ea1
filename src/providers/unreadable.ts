/** A reply that cannot be read as an answer: what is wrong, as the end of a sentence. */
export interface Unreadable {
  readonly fault: string;
}

/** A text said otherwise, and what was done to it in a few words. */
export interface Reworded {
  readonly text: string;
  readonly how: string;
}

/** What a variation may draw on. */
export interface Draw {
  /** A number in [0, 1). */
  random(): number;
  /** Words in lower case that must stay as they are, since the answer repeats them. */
  readonly kept: ReadonlySet<string>;
  /** The parent's label, and a row close to it that has another one; of tasks with labels. */
  readonly label?: string;
  readonly neighbour?: { readonly text: string; readonly label: string };
  /** Languages to translate into. */
  readonly languages: readonly string[];
}

/** One of a list, which must not be empty. */
export function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.min(list.length - 1, Math.floor(random() * list.length))]!;
}

/** The same in another order (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const order = [...list];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.min(last, Math.floor(random() * (last + 1)));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** `with` begins with a capital where what it replaces does. */
export function inCaseOf(replaced: string, replacement: string): string {
  const first = replaced.charAt(0);
  return first !== first.toLowerCase() ? replacement.charAt(0).toUpperCase() + replacement.slice(1) : replacement;
}

/** The first letter small, but for the pronoun I and words in capitals. */
export function uncapitalised(text: string): string {
  return /^(?:I\b|[\p{Lu}\p{N}]{2})/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

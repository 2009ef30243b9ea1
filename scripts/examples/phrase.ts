import type { Random } from './random.ts';

/**
 * Draws one sentence from a pattern: `{name}` stands for one of the words of that list, `(a|b)` for one of the
 * alternatives written out, which may be empty. The same `{name}` twice in a pattern is the same word.
 */
export function phrase(
  pattern: string,
  lists: Readonly<Record<string, readonly string[]>>,
  random: Random,
  drawn: Map<string, string> = new Map(),
): string {
  return pattern
    .replace(/\(([^()]*)\)/g, (_, alternatives: string) => random.pick(alternatives.split('|')))
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      const list = drawn.has(name) ? [] : lists[name];
      if (list === undefined) throw new Error(`The pattern ${JSON.stringify(pattern)} names no list ${name}.`);
      const word = drawn.get(name) ?? random.pick(list);
      drawn.set(name, word);
      return word;
    })
    .replace(/\s+/g, ' ')
    .replace(/ ([,.?])/g, '$1')
    .trim();
}

/** Words of a text file, one list a line: `name: first, second, third`. */
export function wordLists(text: string): Record<string, string[]> {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [name, words] = line.split(':') as [string, string];
        return [name.trim(), words.split(',').map((word) => word.trim())];
      }),
  );
}

/** Patterns of a text, one a line. */
export function patterns(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim());
}

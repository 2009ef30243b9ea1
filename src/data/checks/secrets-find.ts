/** A way in which a secret or a person's data is written. */
export interface SensitivePattern {
  /** The rule of its findings. */
  readonly rule: string;
  /** As people call it, in the singular: `OpenAI API key`. */
  readonly name: string;
  /** What `--fix` writes in its place. */
  readonly replacement: string;
  /** The page or standard that gives the format. */
  readonly source: string;
  /** Texts without any of these cannot match: a quick look before the pattern. */
  readonly needs?: readonly string[];
  /** Global. Where it has a group `secret`, that part is meant, else the whole match. */
  readonly pattern: RegExp;
  /** What a pattern cannot say: checksum, entropy, ranges. `before` are the forty characters in front. */
  holds?(found: string, before: string): boolean;
}

export interface SensitiveSpan {
  readonly start: number;
  readonly end: number;
  readonly pattern: SensitivePattern;
}

const lookBehind = 40;

/** Where a text holds something sensitive, in order and without overlaps; of patterns that meet, the earlier in the list wins. */
export function sensitiveSpans(text: string, patterns: readonly SensitivePattern[]): readonly SensitiveSpan[] {
  const spans: SensitiveSpan[] = [];
  for (const one of patterns) {
    if (one.needs !== undefined && !one.needs.some((part) => text.includes(part))) continue;
    for (const match of text.matchAll(one.pattern)) {
      const secret = match.groups?.['secret'];
      const found = secret ?? match[0];
      const start = match.index + (secret === undefined ? 0 : match[0].lastIndexOf(secret));
      const end = start + found.length;
      if (spans.some((span) => span.start < end && start < span.end)) continue;
      if (one.holds?.(found, text.slice(Math.max(0, start - lookBehind), start)) === false) continue;
      spans.push({ start, end, pattern: one });
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

/** The text with each span replaced by what its pattern says, or by what `shown` gives for it. */
export function replaceSpans(
  text: string,
  spans: readonly SensitiveSpan[],
  shown: (span: SensitiveSpan, found: string) => string = ({ pattern }) => pattern.replacement,
): string {
  let [result, at] = ['', 0];
  for (const span of spans) {
    result += text.slice(at, span.start) + shown(span, text.slice(span.start, span.end));
    at = span.end;
  }
  return result + text.slice(at);
}

/** Enough of a secret to find it again and not enough to use it: its first and last two characters, of a short one nothing. */
export function masked(found: string): string {
  return found.length < 12 ? '••••' : `${found.slice(0, 2)}••••${found.slice(-2)}`.toWellFormed();
}

/** Shannon's entropy of a text's characters, in bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...text].length;
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

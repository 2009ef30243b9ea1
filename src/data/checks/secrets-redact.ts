import type { DataRow } from '#core/data-row.ts';
import { personalPatterns } from './personal-data-patterns.ts';
import { replaceSpans, type SensitivePattern, sensitiveSpans } from './secrets-find.ts';
import { secretPatterns } from './secrets-patterns.ts';
import { mapRowStrings } from './secrets-row.ts';

const allPatterns: readonly SensitivePattern[] = [...secretPatterns, ...personalPatterns];

/** A text with every secret and all personal data that Rung knows replaced, as `[EMAIL]`: for showing and for storing. */
export function redactedText(text: string, patterns: readonly SensitivePattern[] = allPatterns): string {
  return replaceSpans(text, sensitiveSpans(text, patterns));
}

export interface RedactedRow {
  readonly row: DataRow;
  /** What was replaced: names of the patterns and how often. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** A row with the same replaced in all its texts; undefined where there is nothing to replace. */
export function redactedRow(row: DataRow, patterns: readonly SensitivePattern[] = allPatterns): RedactedRow | undefined {
  const kinds = new Map<string, number>();
  const redacted = mapRowStrings(row, (text) => {
    const spans = sensitiveSpans(text, patterns);
    for (const { pattern } of spans) kinds.set(pattern.name, (kinds.get(pattern.name) ?? 0) + 1);
    return replaceSpans(text, spans);
  });
  return kinds.size === 0 ? undefined : { row: redacted, kinds };
}

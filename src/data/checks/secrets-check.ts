import type { DataCheck, DataFinding } from '#core/data-check.ts';
import { defineDataCheck } from '#core/data-check.ts';
import { type RuleRows, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { masked, replaceSpans, type SensitivePattern, type SensitiveSpan, sensitiveSpans } from './secrets-find.ts';
import { redactedRow, redactedText } from './secrets-redact.ts';
import { rowStrings } from './secrets-row.ts';

export interface SensitiveRules {
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly patterns: readonly SensitivePattern[];
  /** What finds of each rule mean and what to do, by rule. */
  readonly rules: Readonly<Record<string, { readonly severity: DataFinding['severity']; readonly what: string; readonly fix: string }>>;
}

const contextCharacters = 60;

/** A check that finds these patterns, one finding for each rule. No finding, example or fix shows what was found but masked. */
export function sensitiveCheck({ id, summary, source, patterns, rules }: SensitiveRules): DataCheck {
  return defineDataCheck({
    id,
    family: 'clean',
    summary,
    source,
    begin() {
      const found = new Map<string, { readonly rows: RuleRows; readonly kinds: Map<string, number> }>();
      return {
        row(row) {
          const seen = new Set<string>();
          for (const text of rowStrings(row)) {
            for (const span of sensitiveSpans(text, patterns)) {
              const { rule, name } = span.pattern;
              const entry = found.get(rule) ?? { rows: ruleRows(), kinds: new Map<string, number>() };
              found.set(rule, entry);
              entry.rows.add(row.line, () => inContext(text, span));
              if (seen.has(name)) continue;
              seen.add(name);
              entry.kinds.set(name, (entry.kinds.get(name) ?? 0) + 1);
            }
          }
        },
        end: () =>
          Object.entries(rules).flatMap(([rule, { severity, what, fix }]) => {
            const entry = found.get(rule);
            const kinds = [...(entry?.kinds ?? [])].sort(([, a], [, b]) => b - a);
            const finding = entry?.rows.finding({
              rule,
              family: 'clean',
              severity,
              message: `${rowsThat(entry.rows.count, 'hold')} ${what}: ${kinds.map(([name, count]) => `${name} in ${count.toLocaleString('en')}`).join(', ')}.`,
              fix,
              figures: { kinds: Object.fromEntries(kinds) },
            });
            return finding === undefined ? [] : [finding];
          }),
        mend(row) {
          const redacted = redactedRow(row, patterns);
          if (redacted === undefined) return undefined;
          const kinds = [...redacted.kinds].map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`));
          return { rule: id, line: row.line, what: `replaced: ${kinds.join(', ')}`, row: redacted.row };
        },
      };
    },
  });
}

/** What stands around a find, the find masked and everything else that is sensitive replaced. */
function inContext(text: string, span: SensitiveSpan): string {
  // what is cut must not show the half of another secret
  const [before, after] = [redactedText(text.slice(0, span.start)), redactedText(text.slice(span.end))];
  const shown = replaceSpans(text.slice(span.start, span.end), [{ ...span, start: 0, end: span.end - span.start }], (_, found) =>
    masked(found),
  );
  return `${span.pattern.name}: …${before.slice(-contextCharacters)}${shown}${after.slice(0, contextCharacters)}…`;
}

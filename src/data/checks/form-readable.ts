import { defineDataCheck } from '#core/data-check.ts';
import { type RuleRows, rowsThat, ruleRows } from '#data/check-data-finding.ts';

/** Records that could not be read as rows: one finding for every kind of fault. */
export const formReadable = defineDataCheck({
  id: 'form-readable',
  family: 'form',
  summary: 'records that are no rows: not JSON, not UTF-8, fields that do not fit the format',
  source: 'OpenAI cookbook, "Data preparation and analysis for chat model fine-tuning" (format error checks); RFC 8259 for JSON',
  begin() {
    const byCode = new Map<string, { readonly rows: RuleRows; readonly message: string; readonly fix: string }>();
    let seen = 0;
    return {
      row() {
        seen += 1;
      },
      unreadable(line, { code, message, fix }) {
        const kind = byCode.get(code) ?? { rows: ruleRows(), message, fix };
        byCode.set(code, kind);
        kind.rows.add(line, () => message);
      },
      end() {
        const empty = seen === 0 && byCode.size === 0;
        const findings = [...byCode].map(([rule, { rows, message, fix }]) =>
          rows.finding({
            rule,
            family: 'form',
            severity: 'error',
            message: rows.count === 1 ? message : rowsThat(rows.count, `cannot be read, the first because: ${message}`),
            fix,
          }),
        );
        return [
          ...findings.filter((finding) => finding !== undefined),
          ...(empty
            ? [
                {
                  rule: 'no-rows',
                  family: 'form' as const,
                  severity: 'error' as const,
                  rows: [],
                  count: 0,
                  message: 'The file has no rows.',
                  fix: 'Check its name, or how it was exported.',
                  examples: [],
                },
              ]
            : []),
        ];
      },
    };
  },
});

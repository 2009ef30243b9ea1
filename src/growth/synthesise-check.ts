import type { DataCheckFamily, DataFinding } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import type { Output } from '#core/output.ts';
import { checkData } from '#data/check-data.ts';
import { dataChecks } from '#data/checks/index.ts';
import { heldOutTexts } from './held-out-texts.ts';

export interface CheckedRows {
  readonly rows: readonly DataRow[];
  /** Rows that a finding of severity error is about. */
  readonly dropped: readonly { readonly row: DataRow; readonly rule: string; readonly why: string }[];
  /** What else was found in the rows that stay. */
  readonly findings: readonly Pick<DataFinding, 'rule' | 'severity' | 'count' | 'message'>[];
}

/** What is asked of all rows that are trained on together, not of those that are added. */
const ofWholeSets: readonly DataCheckFamily[] = ['balanced', 'enough', 'representative'];

/** Checks new rows as `rung data check` does and leaves out those with errors. What only a whole set can be is not asked of them. */
export async function checkNewRows(
  rows: readonly DataRow[],
  about: {
    readonly file: string;
    readonly output: Output;
    readonly seed: number;
    readonly now: () => number;
    readonly signal: AbortSignal;
  },
): Promise<CheckedRows> {
  const { file, output, seed, now, signal } = about;
  const dropped: { row: DataRow; rule: string; why: string }[] = [];
  let left = rows;
  for (;;) {
    const { document } = await checkData({ file, format: 'rung', container: 'jsonl', recognised: '' }, inOrder(left), {
      checks: dataChecks.filter(({ family }) => !ofWholeSets.includes(family)),
      ...{ file, seed, now },
      options: { labels: output.kind === 'labels' ? output.labels : undefined },
      heldOut: heldOutTexts({ signal }),
    });
    const faulty = new Map<number, DataFinding>();
    for (const finding of document.findings) {
      if (finding.severity === 'error') for (const line of finding.rows) if (!faulty.has(line)) faulty.set(line, finding);
    }
    const stay = left.filter(({ line }) => !faulty.has(line));
    // findings list a thousand rows at most, and what is left may be judged otherwise
    if (stay.length === left.length) {
      return {
        rows: left,
        dropped,
        findings: document.findings.map(({ rule, severity, count, message }) => ({ rule, severity, count, message })),
      };
    }
    for (const row of left) {
      const finding = faulty.get(row.line);
      if (finding !== undefined) dropped.push({ row, rule: finding.rule, why: finding.message });
    }
    left = stay;
  }
}

async function* inOrder(rows: readonly DataRow[]): AsyncGenerator<DataRow> {
  yield* rows;
}

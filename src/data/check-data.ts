import type { DataCheck, DataCheckInput, DataCheckPass, DataFinding, DataFix } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { type CheckedFile, type DataCheckDocument, documentOf } from './check-data-document.ts';
import { inSample } from './check-data-sample.ts';
import { redactedText } from './checks/secrets-redact.ts';
import { nearestName } from './nearest.ts';
import { isUnreadable, type UnreadableRow } from './unreadable-row.ts';

/** What a rule counts as; `off` drops it. A rule or a check may be named. */
export type RuleSetting = 'off' | 'info' | 'warning' | 'error';

export interface CheckDataOptions extends DataCheckInput {
  readonly checks: readonly DataCheck[];
  readonly rules?: ReadonlyMap<string, RuleSetting>;
  /** Share of the rows to read, above 0 and at most 1; which ones follows from the seed. All rows where absent. */
  readonly sample?: number;
  /** Milliseconds from any start. */
  now(): number;
  /** Told about four times a second how far reading has come, and then of each check that ends. */
  progress?(event: { readonly stage: string; readonly rows: number; readonly seconds: number }): void;
}

export interface CheckedData {
  readonly document: DataCheckDocument;
  /** The change that mends a row safely, several rules' changes one after another; empty where it stays. After all rows were seen. */
  mend(row: DataRow): readonly DataFix[];
  /** Names under `rules` that are no check's, with what they may have meant; a rule that found nothing is among them. */
  readonly unmet: readonly { readonly name: string; readonly nearest?: string }[];
}

const batchRows = 256;
const progressMilliseconds = 250;

/** Streams rows once through all checks. A few hundred rows are held at a time, and what the checks keep. */
export async function checkData(
  about: CheckedFile,
  rows: AsyncIterable<DataRow | UnreadableRow>,
  options: CheckDataOptions,
): Promise<CheckedData> {
  const checks = options.checks.filter(({ id }) => options.rules?.get(id) !== 'off');
  const running = checks.map((check) => ({ check, pass: check.begin(options), milliseconds: 0 }));
  const started = options.now();
  let [read, skipped, told] = [0, 0, started];
  let batch: (DataRow | UnreadableRow)[] = [];
  const flush = () => {
    for (const one of running) {
      const from = options.now();
      for (const row of batch) feed(one.pass, row);
      one.milliseconds += options.now() - from;
    }
    read += batch.length;
    batch = [];
    const now = options.now();
    if (now - told < progressMilliseconds) return;
    told = now;
    options.progress?.({ stage: 'read', rows: read, seconds: (now - started) / 1000 });
  };
  for await (const row of rows) {
    if (options.sample !== undefined && !inSample(row.line, options.sample, options.seed)) {
      skipped += 1;
      continue;
    }
    batch.push(row);
    if (batch.length === batchRows) flush();
  }
  flush();
  const findings: DataFinding[] = [];
  const readEnded = options.now();
  for (const one of running) {
    options.progress?.({ stage: one.check.id, rows: read, seconds: (options.now() - started) / 1000 });
    const from = options.now();
    findings.push(...(await one.pass.end()));
    one.milliseconds += options.now() - from;
  }
  const ended = options.now();
  const document = documentOf({
    about,
    rows: read,
    ...(options.sample !== undefined && { sampled: { share: options.sample, of: read + skipped } }),
    findings: withSettings(findings.map(withoutSecrets), options.rules),
    passes: running.map(({ check, pass }) => ({ check, pass })),
    seconds: {
      total: seconds(ended - started),
      reading: seconds(readEnded - started - running.reduce((sum, { milliseconds }) => sum + milliseconds, 0) + (ended - readEnded)),
      checks: Object.fromEntries(running.map(({ check, milliseconds }) => [check.id, seconds(milliseconds)])),
    },
  });
  const known = [...options.checks.map(({ id }) => id), ...findings.map(({ rule }) => rule)];
  const unmet = [...(options.rules?.keys() ?? [])].filter((name) => !known.includes(name));
  return {
    document,
    unmet: unmet.map((name) => ({ name, nearest: nearestName(name, known) })),
    mend: (row) =>
      mend(
        running.map(({ pass }) => pass),
        row,
        options.rules,
      ),
  };
}

function feed(pass: DataCheckPass, row: DataRow | UnreadableRow): void {
  if (isUnreadable(row)) pass.unreadable?.(row.line, row);
  else pass.row(row);
}

// What a report shows is passed on: keys and personal data of the rows stay with the rows.
function withoutSecrets(finding: DataFinding): DataFinding {
  const examples = finding.examples.map(({ row, text }) => ({ row, text: redactedText(text) }));
  return { ...finding, message: redactedText(finding.message), examples };
}

function withSettings(findings: readonly DataFinding[], rules: CheckDataOptions['rules']): DataFinding[] {
  return findings.flatMap((finding) => {
    const setting = rules?.get(finding.rule);
    if (setting === undefined) return [finding];
    return setting === 'off' ? [] : [{ ...finding, severity: setting }];
  });
}

function mend(passes: readonly DataCheckPass[], row: DataRow, rules: CheckDataOptions['rules']): DataFix[] {
  const fixes: DataFix[] = [];
  let mended = row;
  for (const pass of passes) {
    const fix = pass.mend?.(mended);
    if (fix === undefined || rules?.get(fix.rule) === 'off') continue;
    fixes.push(fix);
    if (fix.row === undefined) break;
    mended = fix.row;
  }
  return fixes;
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds)) / 1000;
}

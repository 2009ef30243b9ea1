import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { type RuleRows, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { type NearLabel, nearLabels } from './labels-near.ts';
import { declaredLabels, type LabelledRows, labelTally } from './labels-tally.ts';
import { redactedText } from './secrets-redact.ts';

/** Labels written in several ways, and labels that were not declared. */
export const labels = defineDataCheck({
  id: 'labels',
  family: 'clean',
  summary: 'near-miss labels ("neg" for "negative", case, spacing, plurals, typos) and labels outside the declared set',
  source: 'Damerau 1964, Communications of the ACM 7:171-176, for the distance of typing errors; thresholds ours, docs/data-clean.md',
  begin(input) {
    const declared = declaredLabels(input);
    const tally = labelTally(declared);
    let meant: ReadonlyMap<string, NearLabel> = new Map();
    return {
      row(row) {
        tally.add(row);
      },
      end() {
        const labelled = tally.labelled();
        if (labelled === undefined) return [];
        meant = nearLabels(labelled, declared);
        return [nearFinding(labelled, meant), undeclaredFinding(labelled, meant, declared)].filter((finding) => finding !== undefined);
      },
      figures() {
        const labelled = tally.labelled();
        return labelled === undefined ? undefined : { labels: labelled.names.length, declared: declared?.length ?? null };
      },
      mend(row) {
        const answer = row.preference === undefined ? row.turns.findLast(({ role }) => role === 'assistant') : undefined;
        const near = typeof answer?.content === 'string' ? meant.get(answer.content) : undefined;
        // only what no one would read as another label is changed without asking
        if (answer === undefined || near === undefined || !near.sameLetters) return undefined;
        const next: DataRow = { ...row, turns: row.turns.map((turn) => (turn === answer ? { ...turn, content: near.label } : turn)) };
        const what = `label ${quotedLabel(String(answer.content))} written as ${quotedLabel(near.label)}`;
        return { rule: 'label-near-miss', line: row.line, what, row: next };
      },
    };
  },
});

function nearFinding(labelled: LabelledRows, meant: ReadonlyMap<string, NearLabel>): DataFinding | undefined {
  const rows = ruleRows();
  addRows(rows, labelled, (name) => {
    const near = meant.get(name);
    return near === undefined ? undefined : `${quotedLabel(name)}, probably ${quotedLabel(near.label)} (${near.why})`;
  });
  const pairs = [...meant].map(([name, { label }]) => `${quotedLabel(name)} for ${quotedLabel(label)}`);
  return rows.finding({
    rule: 'label-near-miss',
    family: 'clean',
    severity: 'warning',
    message: `${rowsThat(rows.count, 'have')} a label that looks like another one written differently: ${listed(pairs)}.`,
    fix: 'Write each label in one way; --fix does where only case, spacing or punctuation differ.',
    figures: { meant: Object.fromEntries([...meant].slice(0, 100).map(([name, { label }]) => [name, label])) },
  });
}

function undeclaredFinding(
  labelled: LabelledRows,
  meant: ReadonlyMap<string, NearLabel>,
  declared: readonly string[] | undefined,
): DataFinding | undefined {
  if (declared === undefined) return undefined;
  const allowed = new Set(declared);
  const rows = ruleRows();
  const names = new Set<string>();
  addRows(rows, labelled, (name) => {
    if (allowed.has(name) || meant.has(name)) return undefined;
    names.add(name);
    return quotedLabel(name);
  });
  return rows.finding({
    rule: 'label-undeclared',
    family: 'clean',
    severity: 'error',
    message: `${rowsThat(rows.count, 'have')} a label that was not declared: ${listed([...names].map(quotedLabel))}.`,
    fix: 'Correct the label, take the row out, or declare the label.',
  });
}

function addRows(rows: RuleRows, { names, nameOf, lines }: LabelledRows, about: (name: string) => string | undefined): void {
  const texts = names.map(about);
  for (const [index, line] of lines.entries()) {
    const text = texts[nameOf[index]!];
    if (text !== undefined) rows.add(line, () => text);
  }
}

function quotedLabel(label: string): string {
  const plain = redactedText(label.replace(/\s+/g, ' ')).slice(0, 60);
  return `“${plain.toWellFormed()}”`;
}

function listed(parts: readonly string[]): string {
  return parts.length <= 5 ? parts.join(', ') : `${parts.slice(0, 5).join(', ')} and ${(parts.length - 5).toLocaleString('en')} more`;
}

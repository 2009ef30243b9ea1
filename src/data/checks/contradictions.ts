import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastAnswer, lastQuestion, readableText, rowsText, ruleRows } from '#data/check-data-finding.ts';
import { rowNumbers } from '#data/check-data-numbers.ts';
import { askedText } from '#data/deduplicate/row-text.ts';
import { hashTable, textHash } from './contradictions-table.ts';
import { redactedText } from './secrets-redact.ts';

/** Longer answers to one question may differ in words alone. Ours. */
const shortAnswer = 80;
const listedGroups = 50;
const examplesKept = 5;

/** Rows that ask the same and answer differently. */
export const contradictions = defineDataCheck({
  id: 'contradictions',
  family: 'clean',
  summary: 'the same input with another output',
  source:
    'Sheng, Provost and Ipeirotis 2008, Get Another Label?, KDD 614-622, for what repeated labels tell; normalisation ours, docs/data-clean.md',
  begin() {
    const firstRow = hashTable();
    const lines = rowNumbers();
    const asked = rowNumbers();
    const answers = rowNumbers();
    const long = rowNumbers();
    const examples = new Map<number, string>();
    let figures: JsonObject | undefined;
    return {
      row(row) {
        const answer = lastAnswer(row);
        if (answer === undefined || row.preference !== undefined || answer.trim() === '') return;
        const { said, setting } = askedText(row);
        const question = textHash(`${setting}\u0000${plain(said)}`);
        const reply = textHash(plain(answer));
        const first = firstRow.get(question);
        if (first === undefined) firstRow.set(question, lines.length);
        else if (answers.values()[first] !== reply && examples.size < examplesKept) {
          examples.set(
            row.line,
            redactedText(
              `${readableText(lastQuestion(row)).slice(0, 120)} → ${readableText(answer)} (row ${lines.values()[first]} answers otherwise)`,
            ),
          );
        }
        lines.push(row.line);
        asked.push(question);
        answers.push(reply);
        long.push(answer.length > shortAnswer ? 1 : 0);
      },
      end() {
        const groups = disagreeing(asked.values(), answers.values());
        const isLong = (group: readonly number[]) => group.some((index) => long.values()[index] === 1);
        const line = (index: number) => lines.values()[index]!;
        const [contradicting, varied] = [groups.filter((group) => !isLong(group)), groups.filter(isLong)];
        figures = { groups: contradicting.length, variedGroups: varied.length };
        const about = (found: readonly (readonly number[])[], words: Pick<DataFinding, 'rule' | 'severity' | 'message' | 'fix'>) => {
          const rows = ruleRows();
          for (const index of found.flat().sort((a, b) => a - b)) rows.add(line(index), () => '');
          const members = new Set(found.flat().map(line));
          const shown = [...examples].filter(([row]) => members.has(row)).map(([row, text]) => ({ row, text }));
          const listed = found.slice(0, listedGroups).map((group) => group.slice(0, 100).map(line));
          const finding = rows.finding({ ...words, family: 'clean', figures: { groups: listed } });
          return finding === undefined
            ? []
            : [
                {
                  ...finding,
                  message: `${rowsText(rows.count)} in ${found.length.toLocaleString('en')} ${found.length === 1 ? 'group' : 'groups'} ${words.message}`,
                  examples: shown,
                },
              ];
        };
        return [
          ...about(contradicting, {
            rule: 'contradictory-duplicates',
            severity: 'warning',
            message: 'ask the same and are answered differently: a model can only learn to guess between them.',
            fix: 'Decide which answer is right; where both are, add to the input what tells them apart.',
          }),
          ...about(varied, {
            rule: 'several-answers',
            severity: 'info',
            message: 'ask the same and have several long answers, which may say the same in other words.',
            fix: 'Read a few; keep the best where they disagree.',
          }),
        ];
      },
      figures: () => figures,
    };
  },
});

/** Case, spacing and the mark at the end do not make another question; what stands within may: 5 + 3 is not 5 - 3. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\s.!?…"'“”]+$/u, '')
    .trim();
}

/** Groups of rows, by their place, that ask the same and do not all answer the same; in the order of their first rows. */
function disagreeing(asked: Float64Array, answers: Float64Array): readonly (readonly number[])[] {
  const order = Float64Array.from(asked.keys()).sort((a, b) => asked[a]! - asked[b]! || a - b);
  const groups: number[][] = [];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && asked[order[end]!] === asked[order[start]!]) end += 1;
    const first = answers[order[start]!];
    if (order.subarray(start, end).some((index) => answers[index] !== first)) groups.push([...order.subarray(start, end)]);
    start = end;
  }
  return groups.sort((a, b) => a[0]! - b[0]!);
}

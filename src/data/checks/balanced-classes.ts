import { type DataFinding, type DataScore, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastAnswer, lastQuestion, readableText, rowsText } from '#data/check-data-finding.ts';
import { evenness } from './balanced-evenness.ts';

const longestLabel = 80;
const mostClasses = 1000;
/** Rows per class from which answers are labels and not texts that happen to repeat. Ours. */
const rowsPerClass = 5;
/** With 8 labels a class a small classifier begins to be of use (Tunstall et al. 2022, SetFit, arXiv 2209.11055). */
const fewestOfClass = 8;
/** A class so many times rarer than the commonest is learnt badly. Ours; what helps at which ratio differs by task (He and Garcia 2009, IEEE TKDE 21:1263-1284). */
const steepest = 10;

interface ClassCount {
  count: number;
  readonly rows: number[];
  readonly example: string;
}

/** Classes where the answers are labels: how even they are, and which are rare or missing. */
export const balancedClasses = defineDataCheck({
  id: 'balanced-classes',
  family: 'balanced',
  summary: 'where answers are labels: how even the classes are, and which are rare or missing',
  source: 'Pielou 1966 (evenness); Tunstall et al. 2022, arXiv 2209.11055 (8 rows a class); the ratio of 10 is ours',
  begin({ options, random }) {
    const declared = Array.isArray(options['labels']) ? options['labels'].map(String) : [];
    const counts = new Map<string, ClassCount>();
    let rows = 0;
    let texts = false;
    const areClasses = () => !texts && counts.size > 0 && (declared.length > 0 || rows >= rowsPerClass * counts.size) && rows > 1;
    return {
      row(row) {
        const answer = lastAnswer(row)?.trim();
        if (answer === undefined || answer === '' || texts) return;
        rows += 1;
        if (answer.length > longestLabel && declared.length === 0) texts = true;
        const label = answer.length > longestLabel ? readableText(answer) : answer;
        const seen = counts.get(label);
        if (seen === undefined && counts.size >= mostClasses) texts = true;
        if (texts) return counts.clear();
        if (seen === undefined) counts.set(label, { count: 1, rows: [row.line], example: readableText(lastQuestion(row)) });
        else {
          seen.count += 1;
          if (seen.rows.length < fewestOfClass) seen.rows.push(row.line);
        }
      },
      end: () => (areClasses() ? classFindings(counts, declared) : []),
      score(): DataScore | undefined {
        if (!areClasses()) return undefined;
        const all = new Set([...counts.keys(), ...declared]);
        return evenness(
          [...counts.values()].map(({ count }) => count),
          all.size,
          'evenness of classes (entropy over its maximum)',
          random,
        );
      },
      figures(): JsonObject | undefined {
        if (!areClasses()) return undefined;
        const most = [...counts].sort(([, a], [, b]) => b.count - a.count);
        return { classes: counts.size, rows, counts: Object.fromEntries(most.slice(0, 200).map(([label, { count }]) => [label, count])) };
      },
    };
  },
});

function classFindings(counts: ReadonlyMap<string, ClassCount>, declared: readonly string[]): DataFinding[] {
  const largest = Math.max(...[...counts.values()].map(({ count }) => count));
  const rare = [...counts].filter(([, { count }]) => count < fewestOfClass || count * steepest < largest);
  const missing = declared.filter((label) => !counts.has(label));
  const findings: DataFinding[] = [];
  if (missing.length > 0) {
    findings.push({
      rule: 'class-missing',
      family: 'balanced',
      severity: 'warning',
      rows: [],
      count: missing.length,
      message: `${missing.length === 1 ? 'A declared label has' : `${missing.length} declared labels have`} no row: ${listed(missing)}.`,
      fix: 'Add rows for it: what a model never saw it does not answer.',
      examples: [],
    });
  }
  if (rare.length > 0 && counts.size > 1) {
    const rows = rare.flatMap(([, { rows: lines }]) => lines).sort((a, b) => a - b);
    findings.push({
      rule: 'class-rare',
      family: 'balanced',
      severity: 'warning',
      rows: rows.slice(0, 1000),
      count: rare.reduce((sum, [, { count }]) => sum + count, 0),
      message: `${rare.length} of ${counts.size} classes have fewer than ${fewestOfClass} rows, or less than a tenth of the ${rowsText(largest)} of the commonest: ${listed(rare.map(([label, { count }]) => `${label} (${count})`))}.`,
      fix: 'Add rows of these classes, or join them; do not judge them by the overall score.',
      examples: rare.slice(0, 5).map(([label, { rows: lines, example }]) => ({ row: lines[0]!, text: `${label}: ${example}` })),
      figures: { classes: Object.fromEntries(rare.slice(0, 50).map(([label, { count }]) => [label, count])) },
    });
  }
  return findings;
}

function listed(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}

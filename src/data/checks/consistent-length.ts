import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastAnswer, lastQuestion, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { powerBins, quantile, rowNumbers } from '#data/check-data-numbers.ts';

const fewestRows = 20;
/** Beyond so many times the spread of the middle half, a number is "far out" (Tukey 1977, Exploratory Data Analysis, section 2D). */
const farOut = 3;
/** The least spread of logarithms: texts of nearly one length would else have no room at all. Factor 1.4. Ours. */
const leastSpread = 0.35;
const shownTexts = 50;

/** Questions and answers whose length lies far outside the others', on a logarithmic scale. */
export const consistentLength = defineDataCheck({
  id: 'consistent-length',
  family: 'consistent',
  summary: 'questions and answers that are far longer or shorter than the others',
  source: 'Tukey 1977, Exploratory Data Analysis: outer fences at three times the spread of the middle half, here of logarithms of lengths',
  begin() {
    const lines = rowNumbers();
    const [asked, answered] = [lengths(), lengths()];
    return {
      row(row) {
        const answer = lastAnswer(row);
        lines.push(row.line);
        asked.add(row.line, lastQuestion(row).trim());
        answered.add(row.line, answer?.trim() ?? '');
      },
      end() {
        const findings = [
          outliers(lines.values(), answered, { rule: 'answer-length-outlier', what: 'answer', severity: 'warning' }),
          outliers(lines.values(), asked, { rule: 'question-length-outlier', what: 'question', severity: 'info' }),
        ];
        return findings.filter((finding) => finding !== undefined);
      },
      figures: (): JsonObject => ({ questions: describe(asked), answers: describe(answered) }),
    };
  },
});

interface Lengths {
  add(line: number, text: string): void;
  values(): Float64Array;
  /** The longest and shortest texts so far. */
  text(line: number): string | undefined;
}

function lengths(): Lengths {
  const numbers = rowNumbers();
  let ends: { readonly line: number; readonly length: number; readonly text: string }[] = [];
  return {
    add(line, text) {
      numbers.push(text.length);
      if (text.length === 0) return;
      const isEnd = ends.length < 2 * shownTexts || text.length > ends[shownTexts]!.length || text.length < ends[shownTexts - 1]!.length;
      if (!isEnd) return;
      ends = [...ends, { line, length: text.length, text: text.slice(0, 1000) }].sort((a, b) => a.length - b.length);
      if (ends.length > 2 * shownTexts) ends.splice(shownTexts, 1);
    },
    values: () => numbers.values(),
    text: (line) => ends.find((end) => end.line === line)?.text,
  };
}

function describe(of: Lengths): JsonObject {
  const sorted = of
    .values()
    .filter((length) => length > 0)
    .sort();
  if (sorted.length === 0) return { n: 0 };
  return {
    n: sorted.length,
    characters: { p5: quantile(sorted, 0.05), p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: sorted.at(-1)! },
    bins: powerBins(sorted),
  };
}

function outliers(
  lines: Float64Array,
  of: Lengths,
  words: { readonly rule: string; readonly what: string; readonly severity: DataFinding['severity'] },
): DataFinding | undefined {
  const sorted = of
    .values()
    .filter((length) => length > 0)
    .map(Math.log)
    .sort();
  if (sorted.length < fewestRows) return undefined;
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const room = farOut * Math.max(leastSpread, high - low);
  const rows = ruleRows();
  of.values().forEach((length, index) => {
    const far = length > 0 && (Math.log(length) < low - room || Math.log(length) > high + room);
    if (far)
      rows.add(
        lines[index]!,
        () => `${length.toLocaleString('en')} characters${of.text(lines[index]!) === undefined ? '' : `: ${of.text(lines[index]!)}`}`,
      );
  });
  const median = Math.round(Math.exp(quantile(sorted, 0.5)));
  const ends = [Math.exp(low - room), Math.exp(high + room)].map((end) => Math.round(end).toLocaleString('en'));
  return rows.finding({
    rule: words.rule,
    family: 'consistent',
    severity: words.severity,
    message: rowsThat(
      rows.count,
      `have ${words.what === 'answer' ? 'an answer' : 'a question'} far longer or shorter than the others, whose median is ${median.toLocaleString('en')} characters (outside ${ends.join(' to ')}).`,
    ),
    fix: `Read them: a ${words.what} of another length is often another task, a cut text or a pasted document.`,
  });
}

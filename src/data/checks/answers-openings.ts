import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { lastAnswer, type RuleRows, ruleRows } from '#data/check-data-finding.ts';
import { rowShare } from '#data/check-data-share.ts';
import { declaredLabels, labelTally } from './labels-tally.ts';
import { redactedText } from './secrets-redact.ts';

const openingWords = 4;
const fewestAnswers = 50;
const fewestWords = 8;
/** One answer in ten. Ours: of 1,319 answers of two models to GSM8K, asked without a format, the commonest four words open fewer. */
const bar = 0.1;
const heldOpenings = 20_000;

/** Answers that begin with the same words, which a model learns before anything else. */
export const answersOpenings = defineDataCheck({
  id: 'answers-openings',
  family: 'clean',
  summary: 'many answers that begin with the same words, as "Certainly! Here is a"',
  source: 'Li et al. 2016, arXiv 1510.03055, for what common openings do to a model of answers; threshold ours, docs/data-clean.md',
  begin(input) {
    const tally = labelTally(declaredLabels(input));
    const openings = new Map<string, RuleRows>();
    let counted = 0;
    return {
      row(row) {
        tally.add(row);
        const answer = lastAnswer(row)?.trim();
        if (answer === undefined || /^[{[<`|#]/.test(answer)) return;
        const words = answer.slice(0, 200).split(/\s+/u, fewestWords);
        if (words.length < fewestWords) return;
        counted += 1;
        const opening = words.slice(0, openingWords).join(' ').toLowerCase();
        let rows = openings.get(opening);
        if (rows === undefined) {
          // what first comes so late is not among the common ones
          if (openings.size >= heldOpenings) return;
          rows = ruleRows();
          openings.set(opening, rows);
        }
        rows.add(row.line, () => redactedText(answer));
      },
      end() {
        if (counted < fewestAnswers || tally.labelled() !== undefined) return [];
        const common = [...openings].filter(([, rows]) => rows.count >= bar * counted).sort(([, a], [, b]) => b.count - a.count);
        return common.flatMap(([opening, rows]): DataFinding[] => {
          const { value, low = 0, high = 1 } = rowShare(rows.count, counted, 'share', true);
          const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
          const finding = rows.finding({
            rule: 'repeated-opening',
            family: 'clean',
            severity: 'info',
            message: `${percent(value)} (${percent(low)} to ${percent(high)}) of ${counted.toLocaleString('en')} answers begin with “${redactedText(opening)}”.`,
            fix: 'Vary or cut the opening, unless the format asks for it.',
          });
          return finding === undefined ? [] : [finding];
        });
      },
    };
  },
});

import { type DataCheckInput, type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { lastAnswer, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { quantile, rowNumbers } from '#data/check-data-numbers.ts';
import { boilerplate, emptyWords, refusals } from './answers-phrases.ts';
import { cutOff } from './answers-truncated.ts';
import { declaredLabels, labelTally } from './labels-tally.ts';
import { redactedText } from './secrets-redact.ts';

/** Where phrases that open an answer are looked for. */
const openingCharacters = 400;
/** An answer is short that has a tenth of the usual words or less, and at most so many. Ours. */
const shortShare = 0.1;
const shortWords = 3;
const usualWords = 20;
/** Ends without a mark tell something only where this share of the other prose has one. Ours. */
const endedShare = 0.8;
/** Or where this share of the answers is plainly cut off: then most of the others may be too. Ours. */
const cutShare = 0.05;
const fewestProse = 10;

/** Answers that teach nothing, or what no one wants: placeholders, refusals, boilerplate, half sentences. Of labels it says nothing. */
export const answers = defineDataCheck({
  id: 'answers',
  family: 'clean',
  summary: 'answers that are too short, placeholders, refusals, boilerplate, answers that were cut off',
  source:
    'Zou et al. 2023, arXiv 2307.15043, appendix B, and the filters of ShareGPT data for refusals; thresholds ours, docs/data-clean.md',
  begin(input: DataCheckInput) {
    const tally = labelTally(declaredLabels(input));
    const [placeholders, refused, phrases, cut, unended] = [ruleRows(), ruleRows(), ruleRows(), ruleRows(), ruleRows()];
    const lengths = rowNumbers();
    const few = new Map<number, { readonly words: number; readonly text: string }>();
    let prose = 0;
    return {
      row(row) {
        tally.add(row);
        const answer = lastAnswer(row)?.trim();
        if (answer === undefined || answer === '') return;
        const shown = () => redactedText(answer.slice(0, 4 * openingCharacters));
        const words = answer.split(/\s+/u, usualWords + 1).length;
        lengths.push(words);
        if (words <= shortWords && few.size < 100_000) few.set(row.line, { words, text: answer.slice(0, openingCharacters) });
        if (emptyWords.test(answer)) placeholders.add(row.line, shown);
        const opening = answer.slice(0, openingCharacters);
        if (refusals.some((pattern) => pattern.test(opening))) refused.add(row.line, shown);
        if (boilerplate.some((pattern) => pattern.test(answer))) phrases.add(row.line, shown);
        const end = cutOff(answer);
        if (end.kind === 'none') return;
        if (end.kind === 'cut') cut.add(row.line, () => `${end.why}: …${redactedText(answer).slice(-150)}`);
        else {
          prose += 1;
          if (end.kind === 'unended') unended.add(row.line, () => `no mark at the end: …${redactedText(answer).slice(-150)}`);
        }
      },
      end() {
        if (tally.labelled() !== undefined) return [];
        const usual = quantile(lengths.values().slice().sort(), 0.5);
        const short = ruleRows();
        for (const [line, { words, text }] of few) {
          const wanted = usual >= usualWords && words <= Math.max(1, shortShare * usual) && !emptyWords.test(text);
          if (wanted) short.add(line, () => redactedText(text));
        }
        const ended = prose >= fewestProse && prose - unended.count >= endedShare * prose;
        const cutOften = cut.count >= cutShare * lengths.length;
        const findings: (DataFinding | undefined)[] = [
          placeholders.finding({
            rule: 'placeholder-answer',
            family: 'clean',
            severity: 'warning',
            message: `${rowsThat(placeholders.count, 'have')} an answer that stands for none, as “N/A” or “TODO”.`,
            fix: 'Write the answer or take the row out; keep it only where that is what the model should say.',
          }),
          short.finding({
            rule: 'short-answer',
            family: 'clean',
            severity: 'info',
            message: `${rowsThat(short.count, 'answer')} with ${shortWords} words or fewer, where half of the answers have ${usual > usualWords ? `more than ${usualWords}` : usualWords} or more.`,
            fix: 'Read them: short answers among long ones are often broken off or from another task.',
          }),
          refused.finding({
            rule: 'refusal',
            family: 'clean',
            severity: 'warning',
            message: `Of ${lengths.length.toLocaleString('en')} answers, ${rowsThat(refused.count, 'hold')} a refusal.`,
            fix: 'Keep those that should refuse and take the others out: a model learns to refuse more than it was shown.',
          }),
          phrases.finding({
            rule: 'boilerplate',
            family: 'clean',
            severity: 'warning',
            message: `${rowsThat(phrases.count, 'have')} an answer that speaks of itself as a model, or with a gap of a template that no one filled.`,
            fix: 'Rewrite the answers as the product would say them.',
          }),
          cut.finding({
            rule: 'truncated-answer',
            family: 'clean',
            severity: 'warning',
            message: `${rowsThat(cut.count, 'have')} an answer that was cut off: within JSON, code, a bracket or a sentence.`,
            fix: 'Ask for them again with a higher limit of tokens, or take them out: a model learns to stop there.',
          }),
          ended || cutOften
            ? unended.finding({
                rule: 'unended-answer',
                family: 'clean',
                severity: 'info',
                message: `Of ${prose.toLocaleString('en')} longer answers, ${rowsThat(unended.count, 'have')} no mark at the end; ${ended ? 'the others have one' : 'other answers of the file are plainly cut off'}.`,
                fix: 'Look whether they were cut off.',
              })
            : undefined,
        ];
        return findings.filter((finding) => finding !== undefined);
      },
    };
  },
});

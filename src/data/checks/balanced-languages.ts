import { defineDataCheck } from '#core/data-check.ts';
import type { JsonObject } from '#core/json.ts';
import { lastAnswer, lastQuestion, type RuleRows, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { guessLanguage } from './balanced-language-guess.ts';

/** A language with less than this share of the guessed rows, beside one with most, is a stray one. Ours. */
const stray = 0.05;
const most = 0.8;
/** Where this share of the answers is in another language, the task is a translation. Ours. */
const translation = 0.5;
const fewestRows = 50;

/** Languages of questions and answers, by a guess from scripts and little words. */
export const balancedLanguages = defineDataCheck({
  id: 'balanced-languages',
  family: 'balanced',
  summary: 'languages of the questions, and answers in another language than their question; a guess',
  source: 'Grefenstette 1995, "Comparing two language identification schemes", JADT: little words tell languages apart; thresholds ours',
  begin() {
    const byLanguage = new Map<string, { count: number; readonly rows: RuleRows }>();
    const crossed = ruleRows();
    let [rows, both, crossings] = [0, 0, 0];
    return {
      row(row) {
        rows += 1;
        const question = lastQuestion(row);
        const asked = guessLanguage(question);
        if (asked === undefined) return;
        const seen = byLanguage.get(asked) ?? { count: 0, rows: ruleRows() };
        byLanguage.set(asked, seen);
        seen.count += 1;
        seen.rows.add(row.line, () => question);
        const answer = lastAnswer(row) ?? '';
        const answered = guessLanguage(answer);
        if (answered === undefined) return;
        both += 1;
        if (answered === asked) return;
        crossings += 1;
        crossed.add(row.line, () => `${asked} → ${answered}: ${answer}`);
      },
      end() {
        const guessed = [...byLanguage.values()].reduce((sum, { count }) => sum + count, 0);
        if (guessed < fewestRows) return [];
        const main = [...byLanguage].reduce((one, other) => (other[1].count > one[1].count ? other : one));
        const few = main[1].count < most * guessed ? [] : [...byLanguage].filter(([, { count }]) => count < stray * guessed);
        // where most answers are in another language the task is a translation
        const mixed = both >= fewestRows && crossings < translation * both ? crossed : undefined;
        return [
          ...few.map(([language, { rows: strayRows }]) =>
            strayRows.finding({
              rule: 'language-stray',
              family: 'balanced',
              severity: 'info',
              message: rowsThat(
                strayRows.count,
                `seem to ask in ${language}, most others in ${main[0]} (a guess from scripts and little words).`,
              ),
              fix: 'Keep them where the model will be asked in that language, with enough rows of it; else take them out.',
            }),
          ),
          mixed?.finding({
            rule: 'language-crossed',
            family: 'balanced',
            severity: 'warning',
            message: rowsThat(crossings, `seem to answer in another language than they are asked in (a guess).`),
            fix: 'Read them, and answer in the language of the question.',
          }),
        ].filter((finding) => finding !== undefined);
      },
      figures: (): JsonObject => ({
        method: 'a guess from scripts and little words',
        rows,
        languages: Object.fromEntries(
          [...byLanguage].sort(([, a], [, b]) => b.count - a.count).map(([language, { count }]) => [language, count]),
        ),
      }),
    };
  },
});

import { defineDataCheck } from '#core/data-check.ts';
import { turnText } from '#core/data-row.ts';
import { rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { everyTurn, mendTexts } from './form-mend-turns.ts';

const replacement = /\uFFFD/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** What went wrong when texts were written, cut or copied. */
export const formText = defineDataCheck({
  id: 'form-text',
  family: 'form',
  summary: 'replacement characters, control characters, halves of characters',
  source: 'Unicode 16.0, sections 23.1 (control codes), 23.8 (U+FFFD) and 3.9 (surrogates)',
  begin() {
    const [replaced, controls, halves] = [ruleRows(), ruleRows(), ruleRows()];
    return {
      row(row) {
        for (const turn of everyTurn(row)) {
          const text = turnText(turn);
          if (control.test(text)) controls.add(row.line, () => text);
          if (replacement.test(text)) replaced.add(row.line, () => around(text, replacement));
          if (!text.isWellFormed()) halves.add(row.line, () => around(text, loneSurrogate).toWellFormed());
        }
      },
      end: () =>
        [
          halves.finding({
            rule: 'half-character',
            family: 'form',
            severity: 'error',
            message: rowsThat(halves.count, 'hold half of a character (a lone surrogate), as from a text cut in the middle of an emoji.'),
            fix: 'Cut texts between characters: UTF-8 cannot hold halves, and tokenizers refuse them.',
          }),
          replaced.finding({
            rule: 'replacement-character',
            family: 'form',
            severity: 'warning',
            message: rowsThat(replaced.count, 'hold U+FFFD: characters that were lost when the text was decoded.'),
            fix: 'Read the source again with its right character set; what was lost cannot be told from the file.',
          }),
          controls.finding({
            rule: 'control-character',
            family: 'form',
            severity: 'warning',
            message: rowsThat(controls.count, 'hold control characters that no one sees and a model learns.'),
            fix: 'Take them out; --fix does.',
          }),
        ].filter((finding) => finding !== undefined),
      mend(row) {
        const mended = mendTexts(row, (text) => text.replace(new RegExp(control, 'g'), ''));
        return mended === undefined
          ? undefined
          : { rule: 'control-character', line: row.line, what: 'control characters taken out', row: mended };
      },
    };
  },
});

function around(text: string, pattern: RegExp): string {
  const at = text.search(pattern);
  return text.slice(Math.max(0, at - 60), at + 60);
}

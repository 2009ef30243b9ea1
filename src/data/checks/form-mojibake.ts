import { defineDataCheck } from '#core/data-check.ts';
import { turnText } from '#core/data-row.ts';
import { readableText, rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { everyTurn, mendTexts } from './form-mend-turns.ts';
import { repairedText } from './form-mojibake-repair.ts';

/** Text that was UTF-8 and was read as Windows-1252. */
export const formMojibake = defineDataCheck({
  id: 'form-mojibake',
  family: 'form',
  summary: 'text decoded with the wrong character set, as “Ã©” for “é”',
  source: 'unicode.org, CP1252.TXT; Speer 2019, ftfy, doi 10.5281/zenodo.2591652, for the idea of repairing by encoding anew',
  begin() {
    const found = ruleRows();
    return {
      row(row) {
        for (const turn of everyTurn(row)) {
          const text = turnText(turn);
          const repaired = repairedText(text);
          if (repaired !== undefined) found.add(row.line, () => `${readableText(text).slice(0, 90)} → ${repaired}`);
        }
      },
      end() {
        const finding = found.finding({
          rule: 'mojibake',
          family: 'form',
          severity: 'warning',
          message: rowsThat(found.count, 'hold text that was decoded with the wrong character set, as “Ã©” for “é”.'),
          fix: 'Decode the source as UTF-8; --fix repairs these turns: their bytes leave no doubt.',
        });
        return finding === undefined ? [] : [finding];
      },
      mend(row) {
        const mended = mendTexts(row, (text) => repairedText(text) ?? text);
        return mended === undefined ? undefined : { rule: 'mojibake', line: row.line, what: 'wrongly decoded text repaired', row: mended };
      },
    };
  },
});

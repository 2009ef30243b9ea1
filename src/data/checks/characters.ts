import { defineDataCheck } from '#core/data-check.ts';
import { rowsThat, ruleRows } from '#data/check-data-finding.ts';
import { oddCharacters } from './characters-kinds.ts';
import { redactedText } from './secrets-redact.ts';
import { mapRowStrings, rowStrings } from './secrets-row.ts';

const what: Readonly<Record<string, { readonly what: string; readonly fix: string }>> = {
  'invisible-character': {
    what: 'characters that no one sees and a model learns',
    fix: 'Take them out; --fix does. Look where they come from: hidden text is a way to smuggle instructions.',
  },
  'bidirectional-control': { what: 'controls that show text in another order than it is read', fix: 'Take them out; --fix does.' },
  'mixed-scripts': {
    what: 'words with letters of another script that look the same',
    fix: 'Write the word in one script: to a tokenizer the two are different words.',
  },
  'private-use-character': {
    what: 'characters without a public meaning, as from a font of symbols',
    fix: 'Write what they stand for, or take them out.',
  },
};

/** Characters that look like others or like nothing. Mojibake and control codes are with the check `form-text`. */
export const characters = defineDataCheck({
  id: 'characters',
  family: 'clean',
  summary: 'zero-width characters, bidirectional controls, letters of look-alike scripts, private-use characters',
  source: 'Unicode Technical Standard 39 and Standard Annex 9; Boucher and Anderson 2023, Trojan Source, USENIX Security',
  begin() {
    const found = oddCharacters.map((kind) => ({ kind, rows: ruleRows() }));
    return {
      row(row) {
        for (const text of rowStrings(row)) {
          for (const { kind, rows } of found) {
            if (!kind.sign.test(text)) continue;
            const [first, ...others] = kind.places(text);
            if (first === undefined) continue;
            rows.add(row.line, () => {
              const around = `${text.slice(Math.max(0, first.at - 40), first.at)}▮${text.slice(first.at + first.length, first.at + first.length + 40)}`;
              return redactedText(`${first.name}${others.length === 0 ? '' : ` and ${others.length} more`}: …${around.toWellFormed()}…`);
            });
          }
        }
      },
      end: () =>
        found.flatMap(({ kind, rows }) => {
          const words = what[kind.rule]!;
          const finding = rows.finding({
            rule: kind.rule,
            family: 'clean',
            severity: 'warning',
            message: `${rowsThat(rows.count, 'hold')} ${words.what}.`,
            fix: words.fix,
          });
          return finding === undefined ? [] : [finding];
        }),
      mend(row) {
        const done = new Map<string, number>();
        const mended = mapRowStrings(row, (text) =>
          oddCharacters.reduce((current, kind) => {
            if (!kind.removable || !kind.sign.test(current)) return current;
            const places = kind.places(current);
            if (places.length > 0) done.set(kind.rule, (done.get(kind.rule) ?? 0) + places.length);
            return places.toReversed().reduce((kept, { at, length }) => kept.slice(0, at) + kept.slice(at + length), current);
          }, text),
        );
        const [rule] = done.keys();
        if (rule === undefined) return undefined;
        const counts = [...done].map(([name, count]) => `${count} ${name}${count === 1 ? '' : 's'}`);
        return { rule, line: row.line, what: `taken out: ${counts.join(', ')}`, row: mended };
      },
    };
  },
});

import { defineDataCheck } from '#core/data-check.ts';
import { rowText } from '#data/deduplicate/row-text.ts';

/** Fewer rows than this hardly teach anything about an input (a rule of thumb of ours). */
const fewestRows = 5;
const mostDeclared = 1000;

/** Which of the inputs that a task declares its rows are about, by their words. */
export const diverseCoverage = defineDataCheck({
  id: 'diverse-coverage',
  family: 'diverse',
  summary: 'declared inputs (`covers`: words or phrases) that no or hardly any row is about',
  source:
    'coverage of a declared input space as in testing by categories (Ostrand and Balcer 1988, CACM 31(6)); at least five rows each is a rule of thumb of ours',
  begin: ({ options }) => {
    const declared = namesOf(options['covers']).map((name) => ({ name, words: wordsOf(name), rows: 0 }));
    const known = declared.filter(({ words }) => words.length > 0).slice(0, mostDeclared);
    return {
      row: (row) => {
        if (known.length === 0) return;
        const words = new Set(wordsOf(rowText(row).said));
        for (const input of known) if (input.words.every((word) => words.has(word))) input.rows += 1;
      },
      end: () => {
        const rare = known.filter(({ rows }) => rows < fewestRows);
        if (rare.length === 0) return [];
        const list = rare.slice(0, 20).map(({ name, rows }) => `${JSON.stringify(name)} ${rows}`);
        return [
          {
            rule: 'input-not-covered',
            family: 'diverse',
            severity: 'warning',
            rows: [],
            count: rare.length,
            message: `${rare.length} of ${known.length} declared inputs have fewer than ${fewestRows} rows with their words: ${list.join(', ')}${rare.length > 20 ? ', …' : ''}.`,
            fix: 'Collect or write rows about them, or take them from the declaration.',
            examples: [],
          },
        ];
      },
      figures: () => (known.length === 0 ? undefined : { inputs: known.map(({ name, rows }) => ({ name, rows })) }),
    };
  },
});

function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

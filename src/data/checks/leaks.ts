import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { readableText, rowsThat } from '#data/check-data-finding.ts';
import { unitsText } from '#data/deduplicate/units-text.ts';
import { gramWords } from '#data/deduplicate/word-grams.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';
import { findLeaks, type Leak, type Leaks } from './leaks-search.ts';
import { type SideCollector, type SidedRows, sideCollector } from './leaks-sides.ts';

const [listedRows, shownExamples, shownPairs, shownCharacters] = [1000, 5, 20, 400] as const;

/** Rows to train on that a test, or another file named with `against`, holds too: what is measured on those is memory. */
export const leaks = defineDataCheck({
  id: 'leaks',
  family: 'leaks',
  summary:
    'rows on two sides of a split, or in files named with --against: equal, nearly equal, of one group, with thirteen words in a row in common',
  source:
    'runs of 13 words: Brown and others 2020 (arXiv:2005.14165, appendix C); Jaccard 0.8: Lee and others 2021 (arXiv:2107.06499); a cosine of 0.95 between vectors of words is a rule of thumb of ours',
  begin: ({ options }) => {
    const files = namesOf(options['against']);
    let collector: SideCollector | undefined;
    let found: Leaks | undefined;
    let sides: readonly string[] = [];
    const splits = new Set<string>();
    return {
      row: (row) => {
        // in a file of one side there is nothing to leak to
        if (row.split === undefined && files.length === 0) return;
        splits.add(row.split ?? 'train');
        collector ??= sideCollector();
        collector.add(row);
      },
      end: async () => {
        if (collector === undefined) return [];
        try {
          if (splits.size < 2 && files.length === 0) return [];
          const sided = await collector.end(files);
          sides = sided.sides;
          found = findLeaks(sided);
          return findingsOf(found, sided);
        } finally {
          collector.close();
        }
      },
      figures: () =>
        found === undefined
          ? undefined
          : {
              sides: sides.filter((side) => files.includes(side) || splits.has(side)),
              exact: found.exact.length,
              near: found.near.length,
              questions: found.questions.length,
              grams: found.grams.length,
              groups: found.groups.length,
              ...(found.wordsCompared && { sameWords: found.words.length }),
              gramWords,
              threshold: nearDuplicateThreshold,
              approximate: found.approximate || found.gramsSampled,
            },
    };
  },
});

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function findingsOf(found: Leaks, sided: SidedRows): DataFinding[] {
  const read = sided.printed.textReader();
  const finding = (
    all: readonly (Leak | { readonly row: number })[],
    words: Pick<DataFinding, 'rule' | 'severity' | 'message' | 'fix'>,
  ): DataFinding[] => {
    if (all.length === 0) return [];
    const shown = all
      .slice(0, shownPairs)
      .flatMap((leak) =>
        'of' in leak
          ? [{ row: sided.line(leak.row), side: sideName(sided, leak.row), of: sided.line(leak.of), in: sideName(sided, leak.of) }]
          : [],
      );
    return [
      {
        ...words,
        family: 'leaks',
        count: all.length,
        rows: all.slice(0, listedRows).map(({ row }) => sided.line(row)),
        examples: all
          .slice(0, shownExamples)
          .map(({ row }) => ({ row: sided.line(row), text: readableText(unitsText(read(row), shownCharacters)) })),
        ...(shown.length > 0 && { figures: { pairs: shown } }),
      },
    ];
  };
  const more = found.approximate ? '; very many rows are alike, so there may be more' : '';
  const fix = 'Take them out of the part that is trained on, or split anew with rung data split.';
  return [
    ...finding(found.exact, {
      rule: 'leak-exact',
      severity: 'error',
      message: rowsThat(found.exact.length, 'are in a test, a validation part or another file too, word for word.'),
      fix,
    }),
    ...finding(found.near, {
      rule: 'leak-near',
      severity: 'error',
      message: `${rowsThat(found.near.length, 'are nearly equal to a row of a test, a validation part or another file')} (Jaccard similarity of at least ${nearDuplicateThreshold}, directly or through other rows)${more}.`,
      fix,
    }),
    ...finding(found.questions, {
      rule: 'leak-question',
      severity: 'error',
      message: rowsThat(found.questions.length, 'ask what a row of a test, a validation part or another file asks, with another answer.'),
      fix: `${fix} Where the answers contradict each other, look which is right.`,
    }),
    ...finding(
      found.grams.map((row) => ({ row })),
      {
        rule: 'leak-words',
        severity: 'warning',
        message: `${rowsThat(found.grams.length, 'have a run of')} ${gramWords} words in common with a row of a test, a validation part or another file${found.gramsSampled ? ', by a sample of such runs' : ''}.`,
        fix: 'Look whether it is a common quotation; where it is the task itself, take the row out.',
      },
    ),
    ...finding(found.words, {
      rule: 'leak-same-words',
      severity: 'warning',
      message: rowsThat(
        found.words.length,
        'have nearly the same words as a row of a test, a validation part or another file (cosine of at least 0.95).',
      ),
      fix,
    }),
    ...finding(found.groups, {
      rule: 'leak-group',
      severity: 'error',
      message: rowsThat(found.groups.length, 'are of a group that has rows on another side of the split.'),
      fix: 'Split anew with rung data split --group: rows of one person, document or conversation help to guess one another.',
    }),
  ];
}

function sideName({ sides, side }: SidedRows, row: number): string {
  return sides[side(row)] ?? '';
}

import { type DataCheckInput, type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { readableText, rowsThat } from '#data/check-data-finding.ts';
import { rowShare } from '#data/check-data-share.ts';
import { exactGroups, richer } from '#data/deduplicate/exact-groups.ts';
import { nearDuplicatesOf } from '#data/deduplicate/near-left-out.ts';
import { type RowFacts, rowFacts } from '#data/deduplicate/row-facts.ts';
import { openRowPrints, type PrintedRows, type RowPrinting } from '#data/deduplicate/row-prints.ts';
import { semanticDuplicates } from '#data/deduplicate/semantic-duplicates.ts';
import { templateGroups } from '#data/deduplicate/template-groups.ts';
import { unitsText } from '#data/deduplicate/units-text.ts';
import { nearDuplicateThreshold } from '#data/near-duplicates.ts';

/** In larger files the search by words would take longer than all else. */
const mostSemantic = 20_000;
/** A share of rows from one template that is worth a warning (a rule of thumb of ours). */
const templatedShare = 0.2;
const [listedRows, shownExamples, shownPairs, shownCharacters] = [1000, 5, 20, 400] as const;

interface Pair {
  readonly row: number;
  readonly kept: number;
  readonly likeness: number;
}

/** Rows that say what another row says already. */
export const duplicates = defineDataCheck({
  id: 'duplicates',
  family: 'diverse',
  summary: 'exact, near and semantic duplicates, and rows that are one text but for numbers and names',
  source:
    'Lee and others 2021 (arXiv:2107.06499): near-duplicates by MinHash at a Jaccard similarity of 0.8; cosines of 0.95 and 0.85 and the share of templates are rules of thumb of ours',
  begin: (input) => {
    const facts = rowFacts();
    let printing: RowPrinting | undefined;
    let found: Found | undefined;
    const exactOf = new Map<number, number>();
    return {
      row: (row) => {
        printing ??= openRowPrints();
        printing.add(facts.add(row));
      },
      end: async () => {
        if (printing === undefined) return [];
        try {
          const printed = await printing.end();
          found = await findAll(printed, facts);
          for (const { row, kept } of found.exact) exactOf.set(facts.line(row), facts.line(kept));
          return findingsOf(found, printed, facts);
        } finally {
          printing.close();
        }
      },
      score: () => {
        if (found === undefined || facts.size === 0) return undefined;
        const distinct = facts.size - found.exact.length - found.near.length;
        return rowShare(distinct, facts.size, 'share of rows that no other row says already', isSampled(input));
      },
      figures: () => (found === undefined ? undefined : figuresOf(found, facts)),
      mend: ({ line }) => {
        const kept = exactOf.get(line);
        return kept === undefined ? undefined : { rule: 'exact-duplicate', line, what: `left out: an exact duplicate of row ${kept}` };
      },
    };
  },
});

interface Found {
  readonly exact: readonly Pair[];
  readonly near: readonly Pair[];
  readonly semantic: readonly Pair[];
  readonly review: readonly Pair[];
  readonly templates: readonly (readonly number[])[];
  readonly approximate: boolean;
  readonly wordsCompared: boolean;
}

async function findAll(printed: PrintedRows, facts: RowFacts): Promise<Found> {
  const { columns } = printed;
  const byContent = (first: number, second: number) => richer(columns, facts, first, second);
  const { kept, pairs } = exactGroups(columns, facts);
  const near = nearDuplicatesOf(printed, kept, { threshold: nearDuplicateThreshold, settingOf: facts.likeSetting }, byContent);
  const gone = new Set(near.leftOut.map(({ row }) => row));
  const staying = kept.filter((row) => !gone.has(row));
  const wordsCompared = staying.length <= mostSemantic;
  const semantic = wordsCompared
    ? await semanticDuplicates(printed, [...staying], { settingOf: facts.likeSetting, richer: byContent }, {})
    : { leftOut: [], review: [], approximate: false };
  return {
    exact: Array.from({ length: pairs.length / 2 }, (_, at) => ({ row: pairs[2 * at]!, kept: pairs[2 * at + 1]!, likeness: 1 })),
    near: near.leftOut,
    semantic: semantic.leftOut,
    review: firstOfEach(semantic.review.map(({ row, other, cosine }) => ({ row, kept: other, likeness: cosine }))),
    templates: templateGroups(columns, kept),
    approximate: near.approximate,
    wordsCompared,
  };
}

/** A row with several others that are like it, once, with the likest. */
function firstOfEach(pairs: readonly Pair[]): Pair[] {
  const rows = new Set<number>();
  return pairs.filter(({ row }) => rows.size < rows.add(row).size);
}

function findingsOf(found: Found, printed: PrintedRows, facts: RowFacts): DataFinding[] {
  const read = printed.textReader();
  const text = (row: number) => readableText(unitsText(read(row), shownCharacters));
  const about = (pairs: readonly Pair[], words: Pick<DataFinding, 'rule' | 'severity' | 'message' | 'fix'>): DataFinding[] => {
    if (pairs.length === 0) return [];
    const sorted = [...pairs].sort((first, second) => facts.line(first.row) - facts.line(second.row));
    return [
      {
        ...words,
        family: 'diverse',
        count: pairs.length,
        rows: sorted.slice(0, listedRows).map(({ row }) => facts.line(row)),
        examples: sorted.slice(0, shownExamples).map(({ row }) => ({ row: facts.line(row), text: text(row) })),
        figures: {
          pairs: sorted
            .slice(0, shownPairs)
            .map(({ row, kept, likeness }) => ({ row: facts.line(row), of: facts.line(kept), likeness: Math.round(likeness * 1e4) / 1e4 })),
        },
      },
    ];
  };
  const templated = found.templates.flat();
  return [
    ...about(found.exact, {
      rule: 'exact-duplicate',
      severity: 'warning',
      message: rowsThat(found.exact.length, 'are equal to another row but for spacing.'),
      fix: 'Leave them out: --fix does, and rung data dedupe. A row that comes twice counts twice in training.',
    }),
    ...about(found.near, {
      rule: 'near-duplicate',
      severity: 'warning',
      message: `${rowsThat(found.near.length, 'are nearly equal to another row')} (Jaccard similarity of at least ${nearDuplicateThreshold})${found.approximate ? '; very many rows are alike, so there may be more' : ''}.`,
      fix: 'Leave them out with rung data dedupe: models repeat what they saw often.',
    }),
    ...about(found.semantic, {
      rule: 'same-words',
      severity: 'warning',
      message: rowsThat(found.semantic.length, 'have nearly the same words as another row, in another order (cosine of at least 0.95).'),
      fix: 'Look at them, and leave them out with rung data dedupe --semantic.',
    }),
    ...about(found.review, {
      rule: 'like-words',
      severity: 'info',
      message: rowsThat(found.review.length, 'have much the same words as another row (cosine of at least 0.85).'),
      fix: 'Look at a few: keep them where they teach something else.',
    }),
    ...about(
      templated.map((row) => ({ row, kept: row, likeness: 1 })),
      {
        rule: 'template',
        severity: templated.length > templatedShare * facts.size ? 'warning' : 'info',
        message: `${rowsThat(templated.length, 'are one of')} ${found.templates.length} ${found.templates.length === 1 ? 'text' : 'texts'} but for numbers and names.`,
        fix: 'Keep a few of each text, or have them said in other words: a model learns the template and not the task.',
      },
    ),
  ];
}

function figuresOf(found: Found, facts: RowFacts) {
  return {
    exact: found.exact.length,
    near: found.near.length,
    ...(found.wordsCompared && { sameWords: found.semantic.length, likeWords: found.review.length }),
    templates: found.templates.slice(0, shownPairs).map((rows) => ({ rows: rows.length, first: facts.line(rows[0]!) })),
    threshold: nearDuplicateThreshold,
    approximate: found.approximate,
  };
}

function isSampled({ options }: DataCheckInput): boolean {
  return options['sampled'] === true;
}

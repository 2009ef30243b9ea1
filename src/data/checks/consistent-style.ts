import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { lastAnswer, rowsText, ruleRows } from '#data/check-data-finding.ts';
import { rowNumbers } from '#data/check-data-numbers.ts';

/** A trait of how an answer is written. */
interface Trait {
  readonly id: string;
  readonly has: (text: string) => boolean;
  readonly yes: string;
  readonly no: string;
}

const traits: readonly Trait[] = [
  { id: 'ends', has: (text) => /[.!?…。！？]["'”’)\]]?$/.test(text), yes: 'end with a full stop or its like', no: 'end without one' },
  { id: 'capital', has: (text) => !/^\p{Ll}/u.test(text), yes: 'begin with a capital letter', no: 'begin with a small letter' },
  { id: 'markdown', has: (text) => /^(#{1,6} |[-*] |\d+\. |```|\|)|\*\*[^*]+\*\*/m.test(text), yes: 'use Markdown', no: 'use none' },
  { id: 'emoji', has: (text) => /\p{Extended_Pictographic}/u.test(text), yes: 'hold an emoji', no: 'hold none' },
  { id: 'lines', has: (text) => text.includes('\n'), yes: 'have several lines', no: 'have one line' },
];

const fewestRows = 50;
/** From this share on, a trait is the style of the data. Ours. */
const usual = 0.95;

/** Answers that are written in another way than nearly all others. */
export const consistentStyle = defineDataCheck({
  id: 'consistent-style',
  family: 'consistent',
  summary: 'one style: ending, capitals, Markdown, emoji, lines that differ from those of nearly all answers',
  source: 'threshold ours: a trait of 95 of 100 answers is the style of the data',
  begin() {
    const lines = rowNumbers();
    const marks = rowNumbers();
    const samples = new Map<number, string[]>();
    return {
      row(row) {
        const answer = lastAnswer(row)?.trim();
        if (answer === undefined || answer === '' || /^[{[]/.test(answer)) return;
        const mark = traits.reduce((bits, trait, index) => bits | (trait.has(answer) ? 1 << index : 0), 0);
        lines.push(row.line);
        marks.push(mark);
        const held = samples.get(mark) ?? [];
        if (held.length < 5) samples.set(mark, [...held, answer.slice(0, 300)]);
      },
      end: () => traits.flatMap((trait, index) => traitFinding(trait, 1 << index, lines.values(), marks.values(), samples) ?? []),
    };
  },
});

function traitFinding(
  { id, yes, no }: Trait,
  bit: number,
  lines: Float64Array,
  marks: Float64Array,
  samples: ReadonlyMap<number, readonly string[]>,
): DataFinding | undefined {
  const rows = lines.length;
  if (rows < fewestRows) return undefined;
  const having = marks.reduce((sum, mark) => sum + ((mark & bit) === 0 ? 0 : 1), 0);
  const most = having * 2 >= rows;
  const share = (most ? having : rows - having) / rows;
  if (share < usual || share === 1) return undefined;
  const odd = ruleRows();
  const shown = new Map<number, number>();
  marks.forEach((mark, index) => {
    if (((mark & bit) !== 0) === most) return;
    const nth = shown.get(mark) ?? 0;
    shown.set(mark, nth + 1);
    odd.add(lines[index]!, () => samples.get(mark)?.[nth] ?? '');
  });
  return odd.finding({
    rule: `style-${id}`,
    family: 'consistent',
    severity: 'info',
    message: `The answers of ${rowsText(odd.count)} ${most ? no : yes}; those of the other ${(rows - odd.count).toLocaleString('en')} ${most ? yes : no}.`,
    fix: 'Write all answers in one style, or keep these where the difference means something.',
  });
}

import { type Example, expectedText, textOf } from '#core/example.ts';
import { openPassageIndex } from '#data/passage-index.ts';

/** Two labels whose training rows lie near each other, and how often. */
export interface NearLabels {
  readonly one: string;
  readonly other: string;
  readonly rows: number;
}

const looked = 4;
const mostRows = 300;

/** Labels that are easily taken for each other by their training rows alone: nearest rows of another label. Asks nothing. */
export function nearLabels(train: readonly Example[]): readonly NearLabels[] {
  const rows = train.flatMap(({ input, expected }) =>
    typeof expected === 'string' ? [{ text: textOf(input), label: expectedText(expected) }] : [],
  );
  const index = openPassageIndex(
    rows.map(({ text }, id) => ({ id: String(id), title: '', text })),
    'bm25',
  );
  const pairs = new Map<string, { one: string; other: string; rows: number }>();
  for (const { text, label } of rows.slice(0, mostRows)) {
    for (const { id } of index.find(text, looked)) {
      const near = rows[Number(id)]?.label;
      if (near === undefined || near === label) continue;
      const [one, other] = label < near ? [label, near] : [near, label];
      const key = JSON.stringify([one, other]);
      const pair = pairs.get(key) ?? { one, other, rows: 0 };
      pairs.set(key, { ...pair, rows: pair.rows + 1 });
    }
  }
  return [...pairs.values()].sort((a, b) => b.rows - a.rows || (a.one + a.other < b.one + b.other ? -1 : 1));
}

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

const cuesPerLabel = 12;
const shareConfused = 0.5;
const functionWords = new Set(
  'a an and are as at be but by can could do does did for from get had has have how i if in is it its me my no not of on or our out please she so that the them then there these they this to up was we were what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** Lower-case words that say something. */
export function contentWords(text: string): readonly string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1 && !functionWords.has(word));
}

/** Label → the words that set its rows apart: the largest count × share of the word's uses; no words of the label's own name. */
export function cueWords(rows: readonly LabelledText[]): ReadonlyMap<string, readonly string[]> {
  const everywhere = countWords(rows);
  const byLabel = Map.groupBy(rows, ({ label }) => label);
  return new Map(
    [...byLabel].map(([label, own]) => {
      const name = new Set(contentWords(label.replaceAll('_', ' ')));
      const weighed = [...countWords(own)]
        .filter(([word]) => !name.has(word))
        .map(([word, count]) => ({ word, weight: count * (count / (everywhere.get(word) ?? count)) }));
      weighed.sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1));
      return [label, weighed.slice(0, cuesPerLabel).map(({ word }) => word)] as const;
    }),
  );
}

/** Label → the one that is easily taken for it: the pairs whose rows share most words, until half the labels are in one. */
export function easilyConfused(rows: readonly LabelledText[]): ReadonlyMap<string, string> {
  const counts = new Map([...Map.groupBy(rows, ({ label }) => label)].map(([label, own]) => [label, countWords(own)]));
  const labels = [...counts.keys()].sort();
  const pairs = labels.flatMap((one, index) =>
    labels.slice(index + 1).map((other) => ({ one, other, likeness: cosine(counts.get(one)!, counts.get(other)!) })),
  );
  pairs.sort((a, b) => b.likeness - a.likeness || (a.one + a.other < b.one + b.other ? -1 : 1));
  const partners = new Map<string, string>();
  for (const { one, other } of pairs) {
    if (partners.size >= shareConfused * labels.length) break;
    if (partners.has(one) || partners.has(other)) continue;
    partners.set(one, other).set(other, one);
  }
  return partners;
}

function countWords(rows: readonly LabelledText[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of rows) for (const word of new Set(contentWords(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function cosine(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let product = 0;
  for (const [word, count] of one) product += count * (other.get(word) ?? 0);
  const norm = (counts: ReadonlyMap<string, number>) => Math.hypot(...counts.values());
  return product / Math.max(1, norm(one) * norm(other));
}

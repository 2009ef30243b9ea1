import { type Example, expectedText, textOf } from '#core/example.ts';

/** Texts of one group, and how often each word is said: once per text. */
export interface WordCounts {
  readonly texts: number;
  readonly counts: ReadonlyMap<string, number>;
}

const priorWeight = 50;
const surely = 1.2;
/** A word tells a group only where its texts say it so many times as often as the others. */
const timesCommoner = 2;

export function countWords(texts: readonly string[]): WordCounts {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { texts: texts.length, counts };
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/\p{L}[\p{L}\p{N}'-]+/gu) ?? []);
}

/**
 * Words that are commoner in the first texts than in the others: log-odds ratio with an informative Dirichlet prior, the
 * counts of all texts scaled to 50 words, divided by its standard deviation (Monroe, Colaresi and Quinn 2008, Political
 * Analysis 16:372-403, equations 16 and 22). The surest first; none below a z-score of 1.2, and none that the others say
 * more than half as often.
 */
export function tellingWords(first: WordCounts, others: WordCounts, count: number): readonly string[] {
  const [oneTotal, otherTotal] = [sum(first), sum(others)];
  const total = oneTotal + otherTotal;
  const scored = [...first.counts].flatMap(([word, own]) => {
    const theirs = others.counts.get(word) ?? 0;
    if (own / first.texts < (timesCommoner * theirs) / Math.max(1, others.texts)) return [];
    const prior = (priorWeight * (own + theirs)) / total;
    const [a, b] = [own + prior, theirs + prior];
    const odds = Math.log(a / (oneTotal + priorWeight - a)) - Math.log(b / (otherTotal + priorWeight - b));
    return [{ word, z: odds / Math.sqrt(1 / a + 1 / b) }];
  });
  return scored
    .filter(({ z }) => z >= surely)
    .sort((a, b) => b.z - a.z || (a.word < b.word ? -1 : 1))
    .slice(0, count)
    .map(({ word }) => word);
}

/**
 * Counts of the texts that are expected to get each answer, in the order of the answers. A word that is itself an answer is
 * not counted: it would name another answer where one is described.
 */
export function wordsByAnswer(examples: readonly Example[]): ReadonlyMap<string, WordCounts> {
  const groups = new Map<string, string[]>();
  for (const { input, expected } of examples) {
    if (expected === undefined) continue;
    const answer = expectedText(expected);
    const group = groups.get(answer);
    if (group === undefined) groups.set(answer, [textOf(input)]);
    else group.push(textOf(input));
  }
  const names = new Set([...groups.keys()].map((answer) => answer.toLowerCase()));
  return new Map(
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([answer, texts]) => [answer, withoutNames(countWords(texts), names)]),
  );
}

function withoutNames({ texts, counts }: WordCounts, names: ReadonlySet<string>): WordCounts {
  return { texts, counts: new Map([...counts].filter(([word]) => !names.has(word))) };
}

/** The counts of all groups but one. */
export function withoutGroup(groups: ReadonlyMap<string, WordCounts>, left: string): WordCounts {
  const counts = new Map<string, number>();
  let texts = 0;
  for (const [answer, group] of groups) {
    if (answer === left) continue;
    texts += group.texts;
    for (const [word, n] of group.counts) counts.set(word, (counts.get(word) ?? 0) + n);
  }
  return { texts, counts };
}

function sum({ counts }: WordCounts): number {
  let total = 0;
  for (const n of counts.values()) total += n;
  return total;
}

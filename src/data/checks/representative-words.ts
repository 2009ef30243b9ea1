/** Words of a text, without case, each once. */
export function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const [word] of text
    .normalize('NFKC')
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu))
    words.add(word);
  return words;
}

export interface TellingWord {
  readonly word: string;
  /** Shares of the texts on each side that have it. */
  readonly data: number;
  readonly traffic: number;
  /** Standard errors by which the log-odds differ; above 0 it is commoner in traffic. */
  readonly z: number;
}

/** Pseudo-texts that a word is given on each side together, spread as in both sides. */
const priorWeight = 10;

/**
 * Words by how much commoner they are on one side: log-odds with a Dirichlet prior over the texts that have them, divided by
 * their standard error (Monroe, Colaresi and Quinn 2008, Political Analysis 16:372-403). The most telling first, either way.
 */
export function tellingWords(data: readonly ReadonlySet<string>[], traffic: readonly ReadonlySet<string>[]): readonly TellingWord[] {
  const [inData, inTraffic] = [documentCounts(data), documentCounts(traffic)];
  const texts = data.length + traffic.length;
  const telling: TellingWord[] = [];
  for (const word of new Set([...inData.keys(), ...inTraffic.keys()])) {
    const [a, b] = [inData.get(word) ?? 0, inTraffic.get(word) ?? 0];
    const prior = (priorWeight * (a + b)) / texts;
    const odds = (count: number, all: number) => Math.log((count + prior) / (all - count + priorWeight - prior || priorWeight));
    const error = Math.sqrt(1 / (a + prior) + 1 / (b + prior));
    telling.push({ word, data: a / data.length, traffic: b / traffic.length, z: (odds(b, traffic.length) - odds(a, data.length)) / error });
  }
  return telling.sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.word < b.word ? -1 : 1));
}

function documentCounts(texts: readonly ReadonlySet<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

import type { Clusters } from '#data/deduplicate/clusters.ts';

const shortestWord = 4;

/** For each cluster the words that its texts hold far more often than all texts do: share within times the log of how much larger it is. */
export function tellingWords(texts: readonly (readonly string[])[], { of, sizes }: Clusters, most: number): string[][] {
  const all = new Map<string, number>();
  const within = sizes.map(() => new Map<string, number>());
  texts.forEach((words, index) => {
    const counts = within[of[index]!]!;
    for (const word of new Set(words)) {
      if (word.length < shortestWord) continue;
      all.set(word, (all.get(word) ?? 0) + 1);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  });
  return within.map((counts, cluster) =>
    [...counts]
      .map(([word, count]) => ({
        word,
        weight: (count / sizes[cluster]!) * Math.log((count * texts.length) / (sizes[cluster]! * all.get(word)!)),
      }))
      .filter(({ weight }) => weight > 0)
      .sort((first, second) => second.weight - first.weight || (first.word < second.word ? -1 : 1))
      .slice(0, most)
      .map(({ word }) => word),
  );
}

// Cormack, Clarke and Büttcher 2009 (SIGIR), who found it to matter little.
const fusionConstant = 60;

/** Joins rankings, each a list of items from the best on, by reciprocal rank fusion. Ties go to the smaller item. */
export function fuseRankings(rankings: readonly (readonly number[])[]): readonly number[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings)
    ranking.forEach((item, index) => {
      scores.set(item, (scores.get(item) ?? 0) + 1 / (fusionConstant + index + 1));
    });
  return [...scores.keys()].sort((a, b) => scores.get(b)! - scores.get(a)! || a - b);
}

/** How much of the traffic lies near the data. */
export interface Coverage {
  /** Positions of the texts of traffic that no row of the data is near. */
  readonly missed: readonly number[];
  /** Share that would be covered if both were drawn from one source. */
  readonly expected: number;
}

/** Neighbours within traffic that make a text's own region; the authors' choice. */
const neighbours = 5;
/** Sums in another order differ in their last digits. */
const rounding = 1e-9;

/**
 * Coverage by nearest neighbours (Naeem, Oh, Uh, Choi and Yoo 2020, Reliable Fidelity and Diversity Metrics, ICML): a text of
 * traffic is covered where some row of the data is at least as near to it as its fifth nearest neighbour within traffic.
 * Nearness is the cosine of words weighted by rarity (tf-idf over both sides). Expected is the share that two samples of one
 * source would give: 1 − the chance that the five nearest of all are of traffic.
 */
export function coverageOf(data: readonly ReadonlySet<string>[], traffic: readonly ReadonlySet<string>[]): Coverage {
  const all = [...traffic, ...data];
  const postings = new Map<string, number[]>();
  for (const [text, words] of all.entries()) {
    for (const word of words) {
      const list = postings.get(word);
      if (list === undefined) postings.set(word, [text]);
      else list.push(text);
    }
  }
  const weight = (word: string) => Math.log(1 + all.length / postings.get(word)!.length) ** 2;
  const lengths = Float64Array.from(all, (words) => Math.sqrt([...words].reduce((sum, word) => sum + weight(word), 0)));
  const missed: number[] = [];
  const products = new Float64Array(all.length);
  for (const [text, words] of traffic.entries()) {
    products.fill(0);
    for (const word of words) {
      const shared = weight(word);
      for (const other of postings.get(word)!) products[other]! += shared;
    }
    const cosine = (other: number) => (lengths[other] === 0 ? 0 : products[other]! / lengths[other]!);
    const near = nearestValues(traffic.keys(), (other) => (other === text ? -1 : cosine(other)), neighbours);
    // a text that shares no word with any other has a region of its own, which only its copy would be in
    const radius = Math.max(near, Number.MIN_VALUE);
    let covered = false;
    for (let other = traffic.length; other < all.length && !covered; other += 1) covered = cosine(other) >= radius * (1 - rounding);
    if (!covered) missed.push(text);
  }
  return { missed, expected: expectedCoverage(data.length, traffic.length) };
}

/** The value of rank `count` from the top. */
function nearestValues(indices: Iterable<number>, value: (index: number) => number, count: number): number {
  const top: number[] = [];
  for (const index of indices) {
    const current = value(index);
    if (top.length === count && current <= top[0]!) continue;
    if (top.length === count) top.shift();
    let at = top.length;
    while (at > 0 && top[at - 1]! > current) at -= 1;
    top.splice(at, 0, current);
  }
  return top[0] ?? 0;
}

function expectedCoverage(data: number, traffic: number): number {
  let allTraffic = 1;
  for (let drawn = 0; drawn < Math.min(neighbours, traffic - 1); drawn += 1)
    allTraffic *= (traffic - 1 - drawn) / (traffic - 1 - drawn + data);
  return 1 - allTraffic;
}

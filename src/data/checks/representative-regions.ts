/** Texts of traffic that have a word in common and that the data misses. */
export interface MissedRegion {
  readonly word: string;
  /** Positions within traffic. */
  readonly texts: readonly number[];
}

const mostRegions = 8;
const fewestTexts = 3;

/**
 * Names the missed texts by words: again and again the word whose missed texts, of those not yet named, stand out most from
 * their share of all traffic. What is left over has no word in common.
 */
export function missedRegions(traffic: readonly ReadonlySet<string>[], missed: readonly number[]): readonly MissedRegion[] {
  const inTraffic = new Map<string, number>();
  for (const words of traffic) for (const word of words) inTraffic.set(word, (inTraffic.get(word) ?? 0) + 1);
  let left = [...missed];
  const regions: MissedRegion[] = [];
  while (regions.length < mostRegions && left.length >= fewestTexts) {
    const counts = new Map<string, number>();
    for (const text of left) for (const word of traffic[text]!) counts.set(word, (counts.get(word) ?? 0) + 1);
    const share = left.length / traffic.length;
    let best: { readonly word: string; readonly excess: number } | undefined;
    for (const [word, count] of counts) {
      if (count < fewestTexts) continue;
      const expected = inTraffic.get(word)! * share;
      const excess = (count - expected) / Math.sqrt(expected);
      if (best === undefined || excess > best.excess || (excess === best.excess && word < best.word)) best = { word, excess };
    }
    // two standard deviations of a Poisson count
    if (best === undefined || best.excess < 2) break;
    const { word } = best;
    regions.push({ word, texts: left.filter((text) => traffic[text]!.has(word)) });
    left = left.filter((text) => !traffic[text]!.has(word));
  }
  return regions;
}

import { findNearPairs } from '#data/deduplicate/near-pairs.ts';
import { openRowPrints, type RowPrinting } from '#data/deduplicate/row-prints.ts';
import { findNearDuplicates, nearDuplicateThreshold } from '#data/near-duplicates.ts';

/** Takes comparable texts one by one and says at the end which of them are nearly equal (Jaccard of five-character pieces at least 0.8). */
export interface NearSearch {
  /** Takes the next text; it is named by the number of texts before it. */
  add(text: string): void;
  /**
   * Calls `found` for pairs of texts that are nearly equal, until all such are joined directly or through others (`joined`
   * says so). `approximate` where so many texts are so alike that pairs may have been missed.
   */
  end(
    joined: (left: number, right: number) => boolean,
    found: (left: number, right: number) => void,
  ): Promise<{ readonly approximate: boolean }>;
  /** Gives back what it holds besides memory. */
  close(): void;
}

/** Texts of so many characters are compared exactly, in memory: about ten bytes a character for a second or two. */
const exactCharacters = 8_000_000;

/** Compares small files exactly; of larger ones it keeps sketches, and texts on disk, so that memory stays at about 250 bytes a row. */
export function nearSearch(mostExact: number = exactCharacters): NearSearch {
  const texts: string[] = [];
  let [characters, added] = [0, 0];
  let printing: RowPrinting | undefined;
  return {
    add(text) {
      added += 1;
      characters += text.length;
      if (printing !== undefined) {
        printing.add(text);
        return;
      }
      texts.push(text);
      if (characters <= mostExact) return;
      printing = openRowPrints();
      for (const earlier of texts.splice(0)) printing.add(earlier);
    },
    async end(joined, found) {
      if (printing === undefined) return findNearDuplicates(texts, joined, found);
      const printed = await printing.end();
      const rows = Uint32Array.from({ length: added }, (_, row) => row);
      const pairs = findNearPairs(printed, rows, { threshold: nearDuplicateThreshold, settingOf: () => 0 });
      for (const row of rows) if (pairs.sets.find(row) !== row) found(pairs.sets.find(row), row);
      return pairs;
    },
    close: () => printing?.close(),
  };
}

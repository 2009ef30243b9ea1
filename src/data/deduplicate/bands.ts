import { sketchLength } from './sketch.ts';

/** How a sketch is cut: rows that agree in all places of one band are candidates (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4). */
export interface Bands {
  readonly bands: number;
  readonly places: number;
}

/** Of two rows exactly as alike as asked, this share at least becomes a candidate. */
const leastRecall = 0.99;

/** The chance that two rows of this Jaccard similarity become candidates. */
export function bandRecall(likeness: number, { bands, places }: Bands): number {
  return 1 - (1 - likeness ** places) ** bands;
}

/** The widest bands, and so the fewest false candidates, that still find 99 % of the pairs at the threshold; more above it. */
export function bandsFor(threshold: number): Bands {
  for (let places = 24; places > 2; places -= 1) {
    const cut = { bands: Math.floor(sketchLength / places), places };
    if (bandRecall(threshold, cut) >= leastRecall) return cut;
  }
  return { bands: sketchLength / 2, places: 2 };
}

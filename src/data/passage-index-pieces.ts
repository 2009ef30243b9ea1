import type { Passage } from './chunks.ts';

/** The passages that hold a piece, and how often each does. */
interface Holders {
  readonly passages: number[];
  readonly counts: number[];
}

/**
 * A ranking by the cosine between vectors of character trigrams, each weighed by (1 + ln count) · ln(1 + N / passages
 * that hold it) (Salton and Buckley 1988). Only passages that share a trigram with the question are ranked.
 */
export function openPieceIndex(passages: readonly Passage[]): (question: string) => readonly number[] {
  const holdersOf = new Map<string, Holders>();
  passages.forEach(({ title, text }, passage) => {
    for (const [piece, count] of piecesOf(`${title} ${text}`)) {
      const holders = holdersOf.get(piece);
      if (holders === undefined) holdersOf.set(piece, { passages: [passage], counts: [count] });
      else {
        holders.passages.push(passage);
        holders.counts.push(count);
      }
    }
  });
  const weight = (count: number, holders: Holders) => (1 + Math.log(count)) * Math.log(1 + passages.length / holders.passages.length);
  const squares = new Float64Array(passages.length);
  for (const holders of holdersOf.values())
    holders.passages.forEach((passage, at) => {
      squares[passage] = squares[passage]! + weight(holders.counts[at]!, holders) ** 2;
    });
  return (question) => {
    const products = new Map<number, number>();
    for (const [piece, count] of piecesOf(question)) {
      const holders = holdersOf.get(piece);
      holders?.passages.forEach((passage, at) => {
        const product = weight(count, holders) * weight(holders.counts[at]!, holders);
        products.set(passage, (products.get(passage) ?? 0) + product);
      });
    }
    // the question's own length is the same for all
    const score = (passage: number) => products.get(passage)! / Math.sqrt(squares[passage]!);
    return [...products.keys()].sort((a, b) => score(b) - score(a) || a - b);
  };
}

/** Trigrams of each word with its edges marked, and how often each comes. */
function piecesOf(text: string): ReadonlyMap<string, number> {
  const pieces = new Map<string, number>();
  for (const word of text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []) {
    const marked = ` ${word} `;
    for (let start = 0; start + 3 <= marked.length; start += 1) {
      const piece = marked.slice(start, start + 3);
      pieces.set(piece, (pieces.get(piece) ?? 0) + 1);
    }
  }
  return pieces;
}

import MiniSearch from 'minisearch';
import type { Passage } from './chunks.ts';
import { openEmbeddingIndex } from './embedding-index.ts';
import { fuseRankings } from './passage-index-fusion.ts';
import { openPieceIndex } from './passage-index-pieces.ts';

/**
 * Ways to look passages up: `bm25` by words, `meaning` by embeddings, `both` by words and embeddings, `fused` by words
 * and by pieces of words.
 */
export type Search = 'bm25' | 'meaning' | 'both' | 'fused';

export interface PassageIndex {
  /**
   * At most `count` passages, the best first; ties go by the passages' order. By words and pieces only what shares
   * something with the question. `vector` is the question's embedding; without it nothing is near by meaning.
   */
  find(question: string, count: number, vector?: Float32Array): readonly Passage[];
}

type Ranking = (question: string, vector: Float32Array | undefined) => readonly number[];

/**
 * Indexes passages by their titles and texts. Words are ranked by BM25+ (Robertson and Zaragoza 2009; Lv and Zhai 2011),
 * pieces by character trigrams, which see other forms of a word and misspellings, embeddings by their cosine; several
 * rankings are joined by reciprocal rank fusion, sum of 1 / (60 + rank). `vectors` are the passages' embeddings.
 */
export function openPassageIndex(passages: readonly Passage[], search: Search, vectors: readonly Float32Array[] = []): PassageIndex {
  const openRanking: Readonly<Record<Search, readonly (() => Ranking)[]>> = {
    bm25: [() => wordRanking(passages)],
    fused: [() => wordRanking(passages), () => openPieceIndex(passages)],
    meaning: [() => meaningRanking(passages, vectors)],
    both: [() => wordRanking(passages), () => meaningRanking(passages, vectors)],
  };
  const rankings = openRanking[search].map((open) => open());
  return {
    find(question, count, vector) {
      const lists = rankings.map((rank) => rank(question, vector));
      const order = lists.length === 1 ? lists[0]! : fuseRankings(lists);
      return order.slice(0, count).map((index) => passages[index] as Passage);
    },
  };
}

function meaningRanking(passages: readonly Passage[], vectors: readonly Float32Array[]): Ranking {
  if (vectors.length !== passages.length) throw new TypeError(`There are ${vectors.length} vectors for ${passages.length} passages.`);
  const rank = openEmbeddingIndex(vectors);
  return (_, vector) => (vector === undefined ? [] : rank(vector));
}

function wordRanking(passages: readonly Passage[]): Ranking {
  const index = new MiniSearch<{ id: number; title: string; text: string }>({ fields: ['title', 'text'] });
  index.addAll(passages.map(({ title, text }, id) => ({ id, title, text })));
  return (question) =>
    index
      .search(question)
      .sort((a, b) => b.score - a.score || (a.id as number) - (b.id as number))
      .map((result) => result.id as number);
}

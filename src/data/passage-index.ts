import MiniSearch from 'minisearch';
import type { Passage } from './chunks.ts';
import { fuseRankings } from './passage-index-fusion.ts';
import { openPieceIndex } from './passage-index-pieces.ts';

/** Ways to look passages up: by words alone, or by words and by pieces of words, fused. */
export const searches = ['bm25', 'fused'] as const;
type Search = (typeof searches)[number];

export interface PassageIndex {
  /** At most `count` passages that share something with the question, the best first. Ties go by the passages' order. */
  find(question: string, count: number): readonly Passage[];
}

/**
 * Indexes passages by their titles and texts. `bm25` ranks by words (BM25+; Robertson and Zaragoza 2009; Lv and Zhai
 * 2011); `fused` adds a ranking by character trigrams, which sees other forms of a word and misspellings, and joins the
 * two by reciprocal rank fusion, sum of 1 / (60 + rank).
 */
export function openPassageIndex(passages: readonly Passage[], search: Search): PassageIndex {
  const rankings = search === 'bm25' ? [wordRanking(passages)] : [wordRanking(passages), openPieceIndex(passages)];
  return {
    find(question, count) {
      const lists = rankings.map((rank) => rank(question));
      const order = lists.length === 1 ? lists[0]! : fuseRankings(lists);
      return order.slice(0, count).map((index) => passages[index] as Passage);
    },
  };
}

function wordRanking(passages: readonly Passage[]): (question: string) => readonly number[] {
  const index = new MiniSearch<{ id: number; title: string; text: string }>({ fields: ['title', 'text'] });
  index.addAll(passages.map(({ title, text }, id) => ({ id, title, text })));
  return (question) =>
    index
      .search(question)
      .sort((a, b) => b.score - a.score || (a.id as number) - (b.id as number))
      .map((result) => result.id as number);
}

/** Words in a row that an answer shares with a training answer before they count as copied. */
const copiedRun = 8;
/** Edit similarity from which on a whole answer counts as a copy. */
export const copiedSimilarity = 0.9;

/** Shorter answers are hits of chance: "Thank you very much" is in every corpus. */
const fewestWords = 4;
/** Characters of an answer that the edit similarity looks at, so that one row stays milliseconds. */
const mostCharacters = 2000;
/** Training answers that an answer is held against whole: those that share most word pairs with it. */
const mostCompared = 5;
/** Places of one word pair that are looked at, so that a corpus of one phrase stays quick. */
const mostPlaces = 1000;

export interface Overlap {
  readonly copied: boolean;
  /** Longest run of words that it shares with one training answer and not with what was asked. */
  readonly run: number;
  /** Of the likest training answer: 1 less the edit distance over the longer length. */
  readonly similarity: number;
  /** Place of the training answer that it takes most from; absent where it takes nothing. */
  readonly source?: number;
}

/**
 * Tells what answers take from training answers word by word: a run of words (as Lee et al. 2022, arXiv:2107.06499, with
 * shorter runs, since answers are short), or nearly the whole of one (edit similarity, as Ippolito et al. 2023,
 * arXiv:2210.17546). What stands in the question too is not counted: repeating the user is not memory.
 */
export function answerOverlap(trained: readonly string[]): (answer: string, asked: string) => Overlap {
  const texts = trained.map(plain);
  const words = texts.map((text) => (text === '' ? [] : text.split(' ')));
  const places = new Map<string, [number, number][]>();
  for (const [answer, ofAnswer] of words.entries()) {
    for (let at = 0; at + 1 < ofAnswer.length; at++) {
      const key = `${ofAnswer[at]} ${ofAnswer[at + 1]}`;
      const known = places.get(key);
      if (known === undefined) places.set(key, [[answer, at]]);
      else if (known.length < mostPlaces) known.push([answer, at]);
    }
  }
  return (answer, asked) => {
    const text = plain(answer);
    const own = text === '' ? [] : text.split(' ');
    const question = ` ${plain(asked)} `;
    const longest = longestRun(own, words, places, question);
    const likest = own.length < fewestWords || question.includes(` ${text} `) ? nothing : likestOf(text, own, texts, places);
    const copied = longest.size >= copiedRun || likest.size >= copiedSimilarity;
    const source = longest.size >= copiedRun ? longest.source : (likest.source ?? longest.source);
    return { copied, run: longest.size, similarity: likest.size, ...(source === undefined ? {} : { source }) };
  };
}

interface Found {
  readonly size: number;
  readonly source?: number;
}

const nothing: Found = { size: 0 };

type Places = ReadonlyMap<string, readonly [number, number][]>;

function longestRun(own: readonly string[], words: readonly (readonly string[])[], places: Places, question: string): Found {
  let best: Found = nothing;
  for (let at = 0; at + best.size < own.length; at++) {
    for (const [source, from] of places.get(`${own[at]} ${own[at + 1]}`) ?? []) {
      const theirs = words[source]!;
      let size = 2;
      while (at + size < own.length && from + size < theirs.length && own[at + size] === theirs[from + size]) size++;
      if (size > best.size && !question.includes(` ${own.slice(at, at + size).join(' ')} `)) best = { size, source };
    }
  }
  return best;
}

function likestOf(text: string, own: readonly string[], texts: readonly string[], places: Places): Found {
  const shared = new Map<number, number>();
  for (let at = 0; at + 1 < own.length; at++) {
    const seen = new Set((places.get(`${own[at]} ${own[at + 1]}`) ?? []).map(([source]) => source));
    for (const source of seen) shared.set(source, (shared.get(source) ?? 0) + 1);
  }
  const likely = [...shared].sort(([a, m], [b, n]) => n - m || a - b).slice(0, mostCompared);
  return likely.reduce<Found>((best, [source]) => {
    const size = similarity(text.slice(0, mostCharacters), texts[source]!.slice(0, mostCharacters));
    return size > best.size ? { size, source } : best;
  }, nothing);
}

/** 1 less Levenshtein's distance over the longer length; 1 for two empty texts. */
function similarity(left: string, right: string): number {
  const longer = Math.max(left.length, right.length);
  if (longer === 0) return 1;
  let above = Int32Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row++) {
    const current = new Int32Array(right.length + 1);
    current[0] = row;
    for (let at = 1; at <= right.length; at++) {
      const changed = above[at - 1]! + (left[row - 1] === right[at - 1] ? 0 : 1);
      current[at] = Math.min(changed, above[at]! + 1, current[at - 1]! + 1);
    }
    above = current;
  }
  return 1 - above[right.length]! / longer;
}

function plain(text: string): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(' ');
}

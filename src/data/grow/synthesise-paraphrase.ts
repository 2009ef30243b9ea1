import { reorderedClauses } from './synthesise-clauses.ts';
import { type Draw, inCaseOf, type Reworded } from './synthesise-draw.ts';

/** English function words and set phrases that stand for one another before another word; either way where the last is true. */
const synonyms: readonly (readonly [from: string, to: string, back: boolean])[] = [
  ['because', 'since', false],
  ['because of', 'due to', true],
  ['but', 'yet', false],
  ['maybe', 'perhaps', true],
  ['until', 'till', false],
  ['often', 'frequently', true],
  ['so that', 'in order that', true],
  ['in order to', 'to', false],
  ['as soon as', 'once', false],
  ['please', 'kindly', true],
  ['someone', 'somebody', true],
  ['anyone', 'anybody', true],
  ['everyone', 'everybody', true],
  ['no one', 'nobody', true],
  ['among', 'amongst', true],
  ['towards', 'toward', true],
  ['a lot of', 'lots of', true],
  ['at the moment', 'right now', true],
  ['need to', 'have to', true],
  ['want to', 'would like to', true],
  ['can you', 'could you', true],
  ['how do i', 'how can i', true],
  ['is there any way to', 'is it possible to', true],
  ['about my', 'regarding my', true],
  ['instead of', 'rather than', true],
  ['every time', 'whenever', true],
];

const contractions: readonly (readonly [long: string, short: string])[] = [
  ...['do', 'does', 'did', 'is', 'are', 'was', 'were', 'have', 'has', 'had', 'would', 'could', 'should'].map(
    (verb) => [`${verb} not`, `${verb}n't`] as const,
  ),
  ['cannot', "can't"],
  ['will not', "won't"],
  ['i am', "i'm"],
  ['i will', "i'll"],
  ['you are', "you're"],
  ['we are', "we're"],
  ['they are', "they're"],
  ['it is', "it's"],
  ['that is', "that's"],
  ['there is', "there's"],
  ['what is', "what's"],
  ['where is', "where's"],
];

const shareOfWords = 0.8;
const beforeWord = '(?=\\s+[\\p{L}\\p{N}])';

/**
 * The same in other words by rules: order of clauses, contractions, synonyms of function words (English). Words of content stay, so that
 * no knowledge of the subject is needed; undefined where no rule applies.
 */
export function paraphrase(text: string, { random, kept }: Draw): Reworded | undefined {
  const how: string[] = [];
  const apply = (what: string, changed: string, before: string): string => {
    if (changed !== before) how.push(what);
    return changed;
  };
  let said = text.replace(/’/g, "'");
  said = apply('order of clauses', reorderedClauses(said), said);
  said = apply('contractions', contracted(said, kept), said);
  said = apply('function words', withSynonyms(said, random, kept), said);
  return how.length === 0 ? undefined : { text: said, how: how.join(', ') };
}

/** Spelt out where something is contracted, contracted where nothing is. */
function contracted(text: string, kept: ReadonlySet<string>): string {
  const expands = contractions.some(([, short]) => wordPattern(short).test(text));
  let said = text;
  for (const [long, short] of contractions) {
    if (expands) said = said.replace(wordPattern(short, '(?!\\s+(?:been|got|had)\\b)'), (found) => written(found, long, kept));
    // at the end of a clause no contraction stands
    else said = said.replace(wordPattern(long, beforeWord), (found) => written(found, short, kept));
  }
  return said;
}

function withSynonyms(text: string, random: () => number, kept: ReadonlySet<string>): string {
  const table = new Map(
    synonyms.flatMap(
      ([from, to, back]) =>
        (back
          ? [
              [from, to],
              [to, from],
            ]
          : [[from, to]]) as [string, string][],
    ),
  );
  const longestFirst = [...table.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return text.replace(wordPattern(longestFirst.map(escaped).join('|'), beforeWord, true), (found) => {
    const other = table.get(found.toLowerCase());
    return other === undefined || random() >= shareOfWords ? found : written(found, other, kept);
  });
}

function written(found: string, other: string, kept: ReadonlySet<string>): string {
  if (
    found
      .toLowerCase()
      .split(/\s+/)
      .some((word) => kept.has(word))
  )
    return found;
  // the pronoun is a capital wherever it stands
  return inCaseOf(found, other)
    .replace(/\bi(?=$|')/g, /\bI\b/.test(found) ? 'I' : 'i')
    .replace(/\bi$/, /\bI\b/.test(found) ? 'I' : 'i');
}

function wordPattern(words: string, after = '', isPattern = false): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}'])(?:${isPattern ? words : escaped(words)})(?![\\p{L}\\p{N}'])${after}`, 'giu');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

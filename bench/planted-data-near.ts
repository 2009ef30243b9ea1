// Pairs of rows that differ by so many letters or words, in random order among rows that differ wholly.
import { seededRandom } from '../src/statistics/random.ts';
import { type PlantedCorpus, type Row, shuffled } from './planted-data.ts';
import { chat, cleanRow } from './planted-data-faults.ts';
import { answer, type Draw, pick, question } from './planted-data-words.ts';

const letters = [...'abcdefghijklmnopqrstuvwxyz'];

/** So many insertions, deletions and replacements of letters, at different places. */
function lettersEdited(text: string, edits: number, random: Draw): string {
  const characters = [...text];
  for (const at of places(characters.length, edits, random)) {
    const letter = pick(
      letters.filter((one) => one !== characters[at]),
      random,
    );
    characters[at] = pick([() => '', () => letter, () => characters[at]! + letter], random)();
  }
  return characters.join('');
}

/** So many words replaced by words of another answer. */
function wordsEdited(text: string, edits: number, random: Draw): string {
  const words = text.split(' ');
  for (const at of places(words.length, edits, random))
    words[at] = pick(
      answer(random)
        .split(' ')
        .filter((word) => word !== words[at]),
      random,
    );
  return words.join(' ');
}

function places(length: number, count: number, random: Draw): ReadonlySet<number> {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, length)) chosen.add(Math.floor(random() * length));
  return chosen;
}

const edits: readonly { readonly kind: string; change(text: string, random: Draw): string }[] = [
  ...[0, 1, 2, 4, 8, 16, 32].map((count) => ({
    kind: `letters: ${count}`,
    change: (text: string, random: Draw) => lettersEdited(text, count, random),
  })),
  ...[1, 2, 4, 8, 16].map((count) => ({
    kind: `words: ${count}`,
    change: (text: string, random: Draw) => wordsEdited(text, count, random),
  })),
];

export interface NearCorpusSize {
  readonly clean: number;
  readonly pairs: number;
  /** Answers that are put together to one: how long the texts are. */
  readonly answers: number;
}

/** Rows, and for each distance so many pairs of a row and its copy, edited in the answer. */
export function plantedNear({ clean, pairs, answers }: NearCorpusSize, seed: number): PlantedCorpus {
  const random = seededRandom(seed);
  const items: { readonly row: Row; readonly kind?: string; readonly pair?: number }[] = [];
  for (let row = 0; row < clean; row += 1) items.push({ row: cleanRow(random) });
  for (let pair = 0; pair < pairs; pair += 1) {
    // what two rows may share without saying the same
    const [asked, answered] = [question(random), Array.from({ length: answers }, () => answer(random)).join(' ')];
    items.push({ row: chat(asked, answered) }, { row: chat(asked, Array.from({ length: answers }, () => answer(random)).join(' ')) });
  }
  for (const { kind, change } of edits) {
    for (let pair = 0; pair < pairs; pair += 1) {
      const [asked, answered] = [question(random), Array.from({ length: answers }, () => answer(random)).join(' ')];
      items.push({ row: chat(asked, answered), kind, pair }, { row: chat(asked, change(answered, random)), kind, pair });
    }
  }
  const placed = shuffled(items, random).map((item, index) => ({ ...item, line: index + 1 }));
  return {
    rows: placed.map(({ row, line }) => ({ ...row, line })),
    planted: edits.flatMap(({ kind }) => {
      const units = [
        ...Map.groupBy(
          placed.filter((item) => item.kind === kind),
          ({ pair }) => pair,
        ).values(),
      ].map((pair) => pair.map(({ line }) => line));
      if (kind === 'letters: 0') return [{ rules: ['exact-duplicate'], kind, units }];
      const any = { rules: ['near-duplicate', 'same-words', 'like-words'], kind, units };
      return [{ rules: ['near-duplicate'], kind, units }, any];
    }),
  };
}

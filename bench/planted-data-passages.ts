// A file that holds passages of another file, in texts of words drawn one by one, which share no long run by chance.
import type { DataRow } from '../src/core/data-row.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { type PlantedCorpus, shuffled } from './planted-data.ts';
import { chat } from './planted-data-faults.ts';
import { answer, type Draw, pick, question } from './planted-data-words.ts';

const wordsOfText = 60;
/** Runs of 8 and 12 words are not leaks: the rule speaks from 13 on (Brown and others 2020, arXiv:2005.14165). */
const harmless = [8, 12];
const leaking = [13, 20, 40];

/** So many rows each with a passage of so many words of a row of `train`, in its question, among rows with none. */
export function plantedPassages(
  rows: number,
  each: number,
  seed: number,
): { readonly train: readonly DataRow[]; readonly test: PlantedCorpus } {
  const random = seededRandom(seed);
  const vocabulary = vocabularyOf(random);
  const text = (words: number) => Array.from({ length: words }, () => pick(vocabulary, random));
  const row = (asked: readonly string[]) => chat(asked.join(' '), text(wordsOfText).join(' '));
  const trained = Array.from({ length: rows }, () => text(wordsOfText));
  const items: { readonly row: Omit<DataRow, 'line'>; readonly words?: number }[] = trained.map(() => ({ row: row(text(wordsOfText)) }));
  for (const words of [...harmless, ...leaking]) {
    for (let count = 0; count < each; count += 1) {
      const from = Math.floor(random() * (wordsOfText - words + 1));
      const passage = pick(trained, random).slice(from, from + words);
      items.push({ row: row([...text(20), ...passage, ...text(20)]), words });
    }
  }
  const placed = shuffled(items, random).map((item, index) => ({ ...item, line: index + 1 }));
  return {
    train: trained.map((asked, index) => ({ ...row(asked), line: index + 1 })),
    test: {
      rows: placed.map(({ row: made, line }) => ({ ...made, line })),
      planted: leaking.map((words) => ({
        rules: ['leak-words'],
        kind: `a passage of ${words} words`,
        units: placed.filter((item) => item.words === words).map(({ line }) => [line]),
      })),
    },
  };
}

function vocabularyOf(random: Draw): readonly string[] {
  const texts = Array.from({ length: 400 }, () => `${question(random)} ${answer(random)}`);
  return [
    ...new Set(
      texts
        .join(' ')
        .toLowerCase()
        .split(/[^\p{L}]+/u),
    ),
  ].filter((word) => word !== '');
}

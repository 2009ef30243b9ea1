// npm run bench -- data-checks [chats] [labels] [leaks] [traffic] [clinc150] [cleanlab=PYTHON]: precision and recall of the rules of `rung data check` on planted faults.
import { benchClinc } from './data-checks-clinc150.ts';
import { findingsOf, printTable } from './data-checks-table.ts';
import { benchTraffic } from './data-checks-traffic.ts';
import { plantedChats, plantedLabels, plantedLeaks } from './planted-data.ts';

const seed = 20_261_121;

export async function run(args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.includes('='));
  const part = (name: string) => wanted.length === 0 || wanted.includes(name);
  const python = args.find((arg) => arg.startsWith('cleanlab='))?.slice('cleanlab='.length);
  if (part('chats')) await chats();
  if (part('labels')) await labels();
  if (part('leaks')) await leaks();
  if (part('traffic')) await benchTraffic([0, 15, 30, 75]);
  if (part('clinc150')) await benchClinc(seed, python);
}

async function chats(): Promise<void> {
  const corpus = plantedChats({ clean: 3000, decoys: 1000, eachFault: 40 }, seed);
  printTable(
    'Chats: 3,000 clean rows, 1,000 that look like faults, 40 of each fault (pairs: 40 pairs)',
    corpus,
    await findingsOf(corpus.rows),
  );
}

async function labels(): Promise<void> {
  for (const noise of [0, 0.02, 0.05, 0.1]) {
    const corpus = plantedLabels({ rows: 3000, noise, nearMisses: 0, contradictions: 0 }, seed);
    printTable(`Labels: 3,000 rows of six labels, ${100 * noise} % flipped`, corpus, await findingsOf(corpus.rows));
  }
  const corpus = plantedLabels({ rows: 3000, noise: 0, nearMisses: 60, contradictions: 30 }, seed);
  printTable(
    'Labels: 3,000 rows of six labels, 60 misspelt labels, 30 pairs with one question and two labels',
    corpus,
    await findingsOf(corpus.rows),
  );
}

async function leaks(): Promise<void> {
  const { train, test } = plantedLeaks(2000, 40, seed);
  printTable('Leaks: 2,000 clean rows and 40 of each kind against a file of 2,000 rows', test, await findingsOf(test.rows, train));
}

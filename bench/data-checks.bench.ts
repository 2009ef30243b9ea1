// npm run bench -- data-checks [chats] [labels] [leaks] [form] [near] [balance] [drift] [traffic] [clinc150] [cleanlab=PYTHON]: precision and recall of the rules of `rung data check` on planted faults.
import { dataChecks } from '../src/data/checks/index.ts';
import { benchClinc } from './data-checks-clinc150.ts';
import { benchFiles } from './data-checks-files.ts';
import { findingsOf, printTable } from './data-checks-table.ts';
import { benchTraffic } from './data-checks-traffic.ts';
import { plantedChats, plantedLabels, plantedLeaks } from './planted-data.ts';
import { balanceFiles } from './planted-data-balance.ts';
import { driftFiles } from './planted-data-drift.ts';
import { plantedForm } from './planted-data-form.ts';
import { plantedNear } from './planted-data-near.ts';
import { plantedPassages } from './planted-data-passages.ts';

const seed = 20_261_121;

export async function run(args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.includes('='));
  const part = (name: string) => wanted.length === 0 || wanted.includes(name);
  const python = args.find((arg) => arg.startsWith('cleanlab='))?.slice('cleanlab='.length);
  if (part('chats')) await chats();
  if (part('labels')) await labels();
  if (part('leaks')) await leaks();
  if (part('form')) await form();
  if (part('near')) await near();
  if (part('balance')) await benchFiles('Balance: files of 300 rows', balanceFiles, { checks: inFamily('balanced'), each: 100, seed });
  if (part('drift')) await benchFiles('Drift: files of 300 rows', driftFiles, { checks: inFamily('consistent'), each: 100, seed });
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
  printTable(
    'Leaks: 2,000 clean rows and 40 of each kind against a file of 2,000 rows',
    test,
    await findingsOf(test.rows, { against: train }),
  );
  const passages = plantedPassages(2000, 60, seed);
  printTable(
    'Passages: 2,000 clean rows, 60 each with 8 and 12 words in common, 60 of each fault, against a file of 2,000 rows',
    passages.test,
    await findingsOf(passages.test.rows, { against: passages.train, checks: inFamily('leaks') }),
  );
}

async function form(): Promise<void> {
  const corpus = plantedForm({ clean: 3000, eachFault: 40 }, seed);
  const checks = ['form', 'consistent', 'balanced'].flatMap(inFamily);
  printTable(
    'Form: 3,000 clean rows, of which a tenth call tools and a tenth are pairs; 40 of each fault',
    corpus,
    await findingsOf(corpus.rows, { checks }),
  );
}

async function near(): Promise<void> {
  for (const answers of [1, 4]) {
    const corpus = plantedNear({ clean: 1000, pairs: 60, answers }, seed);
    const found = await findingsOf(corpus.rows, { checks: inFamily('diverse').filter(({ id }) => id === 'duplicates') });
    printTable(`Near-duplicates: 1,000 clean rows, 60 pairs at each distance, answers of about ${215 * answers} characters`, corpus, found);
  }
}

const inFamily = (family: string) => dataChecks.filter((check) => check.family === family);

// Writes the data of the tasks in examples/, byte for byte the same each time: node scripts/generate-examples.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toJsonl } from './examples/collect.ts';
import { faqFiles } from './examples/faq.ts';
import { floorRows } from './examples/floor.ts';
import { randomFrom } from './examples/random.ts';
import { reviewRows } from './examples/reviews.ts';
import { supportRows } from './examples/support.ts';
import { taskmasterRows } from './examples/taskmaster.ts';
import { recordedAnswers, undecidedRows } from './examples/undecided.ts';

// So many that 400 rows of support are left for the test: the goal of 99 % format compliance can be shown with no fewer.
const rowsOf = { support: 800, reviews: 700, taskmaster: 700, plateau: 900 };

/** The text of each file of data, by the task's name and the file's: `support/examples.jsonl`. */
export function generateExamples(): Record<string, string> {
  const [support, reviews, taskmaster] = [randomFrom(11), randomFrom(12), randomFrom(13)];
  const [plateau, floor, undecided] = [randomFrom(14), randomFrom(25), randomFrom(16)];
  const trial = undecidedRows(undecided);
  return {
    'support/examples.jsonl': toJsonl(supportRows(rowsOf.support, support), 'support', 'customer', support),
    'reviews/examples.jsonl': toJsonl(reviewRows(rowsOf.reviews, reviews), 'review', 'reviewer', reviews),
    'taskmaster/examples.jsonl': toJsonl(taskmasterRows(rowsOf.taskmaster, taskmaster), 'update', 'thread', taskmaster),
    'plateau/examples.jsonl': toJsonl(supportRows(rowsOf.plateau, plateau), 'message', 'customer', plateau),
    'undecided/examples.jsonl': toJsonl(trial, 'trial', 'customer', undecided),
    'undecided/answers.csv': recordedAnswers(trial, undecided),
    'floor/examples.jsonl': toJsonl(floorRows(floor), 'message', 'customer', floor),
    ...faqFiles(randomFrom(17)),
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(generateExamples())) {
    const file = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    process.stdout.write(`${file}\n`);
  }
}

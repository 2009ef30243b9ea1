// Writes the examples of the three tasks in examples/, byte for byte the same each time: node scripts/generate-examples.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { toJsonl } from './examples/collect.ts';
import { randomFrom } from './examples/random.ts';
import { reviewRows } from './examples/reviews.ts';
import { supportRows } from './examples/support.ts';
import { taskmasterRows } from './examples/taskmaster.ts';

// So many that 400 rows of support are left for the test: the goal of 99 % format compliance can be shown with no fewer.
const rowsOf = { support: 800, reviews: 700, taskmaster: 700 };

/** The text of each examples file, by the name of its task. */
export function generateExamples(): Record<string, string> {
  const [support, reviews, taskmaster] = [randomFrom(11), randomFrom(12), randomFrom(13)];
  return {
    support: toJsonl(supportRows(rowsOf.support, support), 'support', 'customer', support),
    reviews: toJsonl(reviewRows(rowsOf.reviews, reviews), 'review', 'reviewer', reviews),
    taskmaster: toJsonl(taskmasterRows(rowsOf.taskmaster, taskmaster), 'update', 'thread', taskmaster),
  };
}

if (import.meta.main) {
  for (const [task, text] of Object.entries(generateExamples())) {
    const file = fileURLToPath(new URL(`../examples/${task}/examples.jsonl`, import.meta.url));
    await writeFile(file, text);
    process.stdout.write(`${file}\n`);
  }
}

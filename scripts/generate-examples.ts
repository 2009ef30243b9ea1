// Writes the examples of the three tasks in examples/, byte for byte the same each time: node scripts/generate-examples.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { toJsonl } from './examples/collect.ts';
import { randomFrom } from './examples/random.ts';
import { reviewRows } from './examples/reviews.ts';
import { supportRows } from './examples/support.ts';
import { taskmasterRows } from './examples/taskmaster.ts';

const rowsOfEachTask = 700;

/** The text of each examples file, by the name of its task. */
export function generateExamples(): Record<string, string> {
  const [support, reviews, taskmaster] = [randomFrom(11), randomFrom(12), randomFrom(13)];
  return {
    support: toJsonl(supportRows(rowsOfEachTask, support), 'support', 'customer', support),
    reviews: toJsonl(reviewRows(rowsOfEachTask, reviews), 'review', 'reviewer', reviews),
    taskmaster: toJsonl(taskmasterRows(rowsOfEachTask, taskmaster), 'update', 'thread', taskmaster),
  };
}

if (import.meta.main) {
  for (const [task, text] of Object.entries(generateExamples())) {
    const file = fileURLToPath(new URL(`../examples/${task}/examples.jsonl`, import.meta.url));
    await writeFile(file, text);
    process.stdout.write(`${file}\n`);
  }
}

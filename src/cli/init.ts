import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inputError } from '#core/errors.ts';
import type { AddCommand } from './add-command.ts';
import { writeAtomically } from './write-atomically.ts';

/** `rung init [folder]`: a task to start from. */
export const initCommand: AddCommand = (program, io) => {
  program
    .command('init')
    .argument('[folder]', 'new or empty folder', '.')
    .description('make a task folder to start from')
    .option('--json', 'print one JSON document on stdout')
    .option('--debug', 'show stack traces')
    .action(async (path: string, flags: { json?: boolean }) => {
      const folder = resolve(io.workingFolder, path);
      await mkdir(folder, { recursive: true });
      const taken = (await readdir(folder))
        .sort()
        .reverse()
        .find((name) => /^task\.(ts|yaml)$|^examples\./.test(name));
      if (taken !== undefined) {
        throw inputError({
          code: 'task-exists',
          message: `There is already ${taken}.`,
          hint: 'Name another folder.',
          place: { file: join(folder, taken) },
        });
      }
      for (const [name, content] of Object.entries(files)) await writeAtomically(join(folder, name), content);
      const written = Object.keys(files).map((name) => join(path, name));
      io.stdout.write(
        flags.json
          ? `${JSON.stringify({ written })}\n`
          : `Wrote ${written.join(' and ')}.\nPut your own examples in, at least 50 a label, then: rung climb ${path}\n`,
      );
    });
};

const files = {
  'task.yaml': `name: tickets
instructions: Say what the message is about.
output: { labels: [question, problem, praise] }
examples: examples.jsonl
models: { base: nano }
metrics: [accuracy, format]
goals: { accuracy: ">= 0.9", format: ">= 0.99" }
traffic: { requestsPerMonth: 10000 }
ladder: [zero-shot, structured, few-shot, distilled, fine-tuned]
`,
  'examples.jsonl': [
    { input: 'Can I change the colour later?', expected: 'question' },
    { input: 'The lid broke on the first day.', expected: 'problem' },
    { input: 'I use it every morning and love it.', expected: 'praise' },
    { input: 'Does it come in a larger size?', expected: 'question' },
    { input: 'It does not switch on any more.', expected: 'problem' },
    { input: 'Best thing I bought this year.', expected: 'praise' },
  ]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(''),
};

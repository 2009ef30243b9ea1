import type { JsonObject } from '#core/json.ts';
import { findPrice, publishedPrices, undated } from '#economics/price-book.ts';
import { type ImportDocument, notesOf } from './import-document.ts';
import { pairsOf } from './import-pairs.ts';
import { type PastJob, settingsOf } from './import-past-job.ts';
import { csvRows, lastMetrics } from './import-results.ts';
import { commonSystem, type ImportedRow, objectOf, outputOf, readImported } from './import-rows.ts';
import { taskFile } from './import-task-yaml.ts';

interface ImportOptions {
  /** The model that is tuned instead, as a task names it. */
  readonly base: string;
  /** ISO date and time. */
  readonly at: string;
}

interface ImportedTask {
  readonly files: Readonly<Record<string, string>>;
  readonly document: ImportDocument;
}

/** A task folder out of a past job: the same rows, what was asked of the model, and a ladder that tunes elsewhere beside the old model. */
export function taskOf(past: PastJob, { base, at }: ImportOptions): ImportedTask {
  const training = readImported(past.training, 'training');
  const validation = past.validation === undefined ? undefined : readImported(past.validation, 'validation');
  const rows = [...training.rows, ...(validation?.rows ?? [])];
  const output = outputOf(rows);
  const instructions = commonSystem(rows);
  const was = settingsOf(past.job);
  const now = retuneSettings(was);
  const splitOf = validation !== undefined ? keptSplit(training.rows.length) : was.method === 'dpo' ? drawnSplit : () => undefined;
  const split = rows.map((_, index) => splitOf(index));
  const examples = rows.map((row, index) => exampleOf(row, split[index], instructions !== undefined, 'schema' in output));
  const count = (side: string | undefined) => split.filter((one) => one === side).length;
  const pairs = () => training.rows.map(({ line }, index) => ({ line, split: split[index] }));
  const retiresOn = findRetirement(past.job.model);
  const metrics = lastMetrics(past.results);
  const document: ImportDocument = {
    schema: 'rung.import/1',
    job: past.job.id,
    source: past.source,
    model: { was: past.job.model, tuned: past.job.fine_tuned_model ?? null, answers: past.answers ?? null, retiresOn: retiresOn ?? null },
    output: 'labels' in output ? 'labels' : 'schema' in output ? 'json' : 'text',
    rows: { training: count('train'), validation: count('validation'), test: count('test'), drawn: count(undefined) },
    dropped: [...training.dropped, ...(validation?.dropped ?? [])],
    hyperparameters: { was, now },
    metrics,
    notes: notesOf(past, { training, validation, instructions, method: was.method }),
  };
  const original = {
    schema: 'rung.import/1',
    at,
    source: past.source,
    job: past.job,
    metrics: csvRows(past.results),
    checkpoints: past.checkpoints,
    events: past.events,
    missing: past.missing,
  };
  return {
    document,
    files: {
      'task.yaml': taskFile(past, { base, instructions, output, now, document }),
      'examples.jsonl': examples.map((example) => `${JSON.stringify(example)}\n`).join(''),
      ...(instructions === undefined ? {} : { 'prompts/original.md': originalPrompt }),
      'original.json': `${JSON.stringify(original, null, 2)}\n`,
      ...(was.method === 'dpo' ? { [pairsFile]: pairsOf(past.training, pairs(), instructions !== undefined) } : {}),
    },
  };
}

/** The system prompt of the rows and nothing besides: what a task's own prompts add about the form, the old model has never seen. */
const originalPrompt = `---
schema: rung.prompt/1
author: person
headed: false
---

# Task

{{instructions}}
`;

const pairsFile = 'preferences.jsonl';

type Side = 'train' | 'validation' | 'test';

/** Rows that were trained on stay there. Those that validated were trained on by neither model: every other one is tested on. */
function keptSplit(trained: number): (index: number) => Side {
  return (index) => (index < trained ? 'train' : (index - trained) % 2 === 0 ? 'test' : 'validation');
}

/** For pairs, which stand in a file of their own: no row of theirs may be tested on. */
function drawnSplit(index: number): Side {
  return index % 5 === 4 ? 'test' : index % 10 === 3 ? 'validation' : 'train';
}

function exampleOf({ messages, expected, from }: ImportedRow, split: string | undefined, hasInstructions: boolean, asJson: boolean) {
  const asked = hasInstructions ? messages.slice(1) : messages;
  const [only] = asked;
  return {
    input: asked.length === 1 && only?.role === 'user' ? only.content : { messages: asked },
    expected: asJson ? objectOf(expected) : expected.trim(),
    ...(split === undefined ? {} : { split }),
    ...(from === 'validation' ? { tags: ['validation-file'] } : {}),
  };
}

/** The settings of the new training; a multiplier is one of the new trainer's usual rate. */
function retuneSettings({ method, beta, ...settings }: ReturnType<typeof settingsOf>): JsonObject {
  if (method !== 'dpo') return settings;
  return { preferences: pairsFile, dpo: settings, ...(beta === undefined ? {} : { beta }) };
}

function findRetirement(model: string): string | undefined {
  const book = publishedPrices();
  return (findPrice(book, `openai/${model}`) ?? findPrice(book, `openai/${undated(model)}`))?.retiresOn;
}

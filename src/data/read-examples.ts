import { basename } from 'node:path';
import { inputError, RungError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { Output } from '#core/output.ts';
import { expectedCheck } from './check-expected.ts';
import { readRow, unreadFields } from './example-row.ts';
import { quoted } from './nearest.ts';
import { type RawRecord, readRecords } from './read-records.ts';

export interface ReadExamples {
  readonly examples: readonly Example[];
  /** Sentences about what was passed over or looks unintended. */
  readonly warnings: readonly string[];
  /** Id of an example → its line. */
  readonly lines: ReadonlyMap<string, number>;
}

export interface ReadExamplesOptions {
  /** What expected answers must fit; any answer fits where it is absent. */
  readonly output?: Output;
  readonly maximumRowBytes?: number;
}

/** Longest row that is read where the task sets no limit, in bytes. */
const defaultMaximumRowBytes = 1_000_000;

/**
 * Reads the examples of a task: JSONL (also OpenAI's chat format), .csv or .tsv. Throws a usage error with file and
 * line for a row that does not fit, and for files from which nothing can be measured: empty, a single example, a
 * single label.
 */
export async function readExamples(task: { examplesFile: string; output: Output; maximumRowBytes?: number }): Promise<ReadExamples> {
  const read = await readExamplesFile(task.examplesFile, task);
  const place = { file: task.examplesFile };
  if (read.examples.length < 2) {
    throw inputError({
      code: read.examples.length === 0 ? 'examples-empty' : 'examples-too-few',
      message: read.examples.length === 0 ? 'The examples file holds no examples.' : 'The examples file holds a single example.',
      hint: 'Add examples, one JSON object on each line, as {"input": "…", "expected": "…"}; a hundred and more make a verdict likely.',
      place,
    });
  }
  const labels = new Set(read.examples.flatMap(({ expected }) => (typeof expected === 'string' ? [expected] : [])));
  if (task.output.kind !== 'labels') return read;
  if (labels.size === 1) {
    throw inputError({
      code: 'examples-one-label',
      message: `Every example has the label ${quoted([...labels][0])}, so nothing can be told apart.`,
      hint: `Add examples of the other labels: ${task.output.labels.filter((label) => !labels.has(label)).join(', ')}.`,
      place,
    });
  }
  const unused = task.output.labels.filter((label) => !labels.has(label));
  return {
    ...read,
    warnings:
      unused.length === 0 || labels.size === 0
        ? read.warnings
        : [...read.warnings, `No example has the label ${unused.map(quoted).join(', ')}.`],
  };
}

/** Reads one file of examples, of any number. Throws a usage error with the line of what does not fit. */
export async function readExamplesFile(file: string, options: ReadExamplesOptions = {}): Promise<ReadExamples> {
  const examples: Example[] = [];
  const lineOfId = new Map<string, number>();
  const unread = new Map<string, number>();
  const copies = new Map<string, number>();
  let unanswered = 0;
  const check = options.output === undefined ? undefined : expectedCheck(options.output, file);
  for await (const record of firstUnderstood(file, options.maximumRowBytes ?? defaultMaximumRowBytes)) {
    for (const field of unreadFields(record)) unread.set(field, (unread.get(field) ?? 0) + 1);
    const row = examples.length === 0 ? understood(file, () => readRow(record, file)) : readRow(record, file);
    let example = check === undefined ? row.example : check(row, record.line);
    const before = lineOfId.get(example.id);
    if (before !== undefined && row.named) throw repeatedId(file, example.id, before, record.line);
    if (before !== undefined) {
      const copy = (copies.get(example.id) ?? 1) + 1;
      copies.set(example.id, copy);
      example = { ...example, id: `${example.id}-${copy}` };
    }
    lineOfId.set(example.id, record.line);
    if (example.expected === undefined) unanswered += 1;
    examples.push(example);
  }
  const warnings = [...unread].map(([field, rows]) => `The field ${quoted(field)} of ${count(rows)} in ${basename(file)} is not read.`);
  const repeated = [...copies.values()].reduce((sum, copy) => sum + copy - 1, 0);
  if (repeated > 0)
    warnings.push(
      `${count(repeated)} in ${basename(file)} ${repeated === 1 ? 'repeats' : 'repeat'} an earlier row; copies stay on one side of the split.`,
    );
  // texts are often judged without a model answer to compare with; labels and forms hardly ever are
  if (unanswered > 0 && options.output?.kind !== 'text')
    warnings.push(`${count(unanswered)} in ${basename(file)} ${unanswered === 1 ? 'has' : 'have'} no expected answer.`);
  return { examples, warnings, lines: lineOfId };
}

async function* firstUnderstood(file: string, maximumRowBytes: number): AsyncGenerator<RawRecord> {
  let none = true;
  try {
    for await (const record of readRecords(file, maximumRowBytes)) {
      none = false;
      yield record;
    }
  } catch (error) {
    throw none ? withWayOut(error, file) : error;
  }
}

function understood<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw withWayOut(error, file);
  }
}

const otherFormat: readonly string[] = ['row-unreadable', 'input-missing', 'input-unfit', 'messages-unfit', 'not-utf8'];

/** A file whose first row is not understood may be of another format. */
function withWayOut(error: unknown, file: string): unknown {
  if (!RungError.is(error) || !otherFormat.includes(error.code)) return error;
  const way = `If the file is of another format, rung data convert ${basename(file)} --to rung -o examples.jsonl writes its rows as examples.`;
  return inputError({
    code: error.code,
    message: error.message,
    hint: `${error.hint ?? ''} ${way}`.trim(),
    place: error.place,
    cause: error.cause,
  });
}

function count(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}

function repeatedId(file: string, id: string, first: number, line: number): Error {
  return inputError({
    code: 'id-repeated',
    message: `The id ${quoted(id)} on line ${line} was given on line ${first} already.`,
    hint: 'Give each row its own id, or leave ids out.',
    place: { file, line },
  });
}

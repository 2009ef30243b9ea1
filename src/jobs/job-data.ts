import { rename, rm, writeFile } from 'node:fs/promises';
import { RungError } from '#core/errors.ts';
import type { TrainingJob } from '#core/trainer.ts';
import { readLines } from '#data/read-lines.ts';
import { writeFailure } from '#data/write-failure.ts';

/** Bytes of one row; far above what any model reads. */
const longestRow = 256 * 1024 * 1024;

type Side = 'train' | 'validation';

/** Writes what a job was asked, a row a line, whole or not at all: the first line is the job without its rows. */
export async function writeJobData(file: string, job: TrainingJob): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, linesOf(job));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(error, file);
  }
}

function* linesOf({ train, validation, ...asked }: TrainingJob): Generator<string> {
  yield `${JSON.stringify(asked)}\n`;
  for (const [side, rows] of [['train', train] as const, ['validation', validation] as const]) {
    for (const row of rows) yield `${JSON.stringify({ side, row })}\n`;
  }
}

/** The job that was written, as it was asked. Throws where the file is missing or was changed. */
export async function readJobData(file: string): Promise<TrainingJob> {
  let asked: object | undefined;
  const rows: Record<Side, unknown[]> = { train: [], validation: [] };
  try {
    for await (const { text } of readLines(file, longestRow)) {
      const value = JSON.parse(text) as { side: Side; row: unknown };
      if (asked === undefined) asked = value;
      else rows[value.side].push(value.row);
    }
    if (asked === undefined) throw new TypeError('The file is empty.');
  } catch (cause) {
    throw new RungError({
      code: 'job-data-unreadable',
      message: 'The rows of this job are missing or were changed.',
      hint: 'Start the tune again: they are written anew.',
      place: { file },
      cause,
    });
  }
  return { ...asked, ...rows } as unknown as TrainingJob;
}

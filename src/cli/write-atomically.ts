import { rename, rm, writeFile } from 'node:fs/promises';
import { writeFailure } from '#data/write-failure.ts';

/** Writes a file whole or not at all. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeFailure(error, file);
  }
}

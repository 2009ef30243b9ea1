import { writeFailure } from '#data/write-failure.ts';
import { writeWhole } from '#data/write-whole.ts';

/** Writes a file whole or not at all; throws a usage error that says why it cannot be written. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  try {
    await writeWhole(file, content);
  } catch (error) {
    throw writeFailure(error, file);
  }
}

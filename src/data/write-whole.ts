import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes a file whole or not at all; what stood there before stays where writing fails. Throws what the file system says. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

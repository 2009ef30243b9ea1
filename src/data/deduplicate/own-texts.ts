import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFailure } from '#data/write-failure.ts';

/** Texts kept on disk as they are, while the work lasts. Memory: 8 bytes a text. */
export interface OwnTexts {
  /** Takes the next text; its index is the number of texts before it. */
  add(text: string): void;
  read(index: number): string;
  /** Removes the texts from the disk. */
  close(): void;
}

const heldCharacters = 2 ** 20;

/** Opens a file for texts in this folder, or in the system's folder for temporary files. */
export function openOwnTexts(folder: string = tmpdir()): OwnTexts {
  const own = mkdtempSync(join(folder, 'rung-own-texts-'));
  const path = join(own, 'own.texts');
  const remove = () => rmSync(own, { recursive: true, force: true });
  const file = openSync(path, 'w+');
  // an open file outlives its name: nothing is left behind, however this process ends (where the system allows it)
  if (process.platform !== 'win32') remove();
  else process.once('exit', remove);
  const ends: number[] = [];
  let waiting: Buffer[] = [];
  let [bytes, characters, isOpen] = [0, 0, true];
  const flush = (): void => {
    const block = Buffer.concat(waiting);
    try {
      for (let written = 0; written < block.length; ) written += writeSync(file, block, written);
    } catch (error) {
      throw writeFailure(error, path);
    }
    waiting = [];
    characters = 0;
  };
  return {
    add: (text) => {
      const block = Buffer.from(text);
      waiting.push(block);
      bytes += block.length;
      ends.push(bytes);
      characters += text.length;
      if (characters >= heldCharacters) flush();
    },
    read: (index) => {
      if (waiting.length > 0) flush();
      const from = ends[index - 1] ?? 0;
      const block = Buffer.alloc((ends[index] ?? from) - from);
      for (let read = 0; read < block.length; ) {
        const more = readSync(file, block, read, block.length - read, from + read);
        if (more === 0) throw new Error('A file of texts was cut short while it was read.');
        read += more;
      }
      return block.toString();
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      closeSync(file);
      process.removeListener('exit', remove);
      remove();
    },
  };
}

import { closeSync, openSync, writeSync } from 'node:fs';
import { comparableReader } from './comparable-units.ts';
import { maskedHashReader } from './masked-text.ts';
import { shingleReader } from './shingle-hashes.ts';
import { sketchLength, sketchWriter } from './sketch.ts';
import { exactHashReader, hashText } from './text-hash.ts';

/** Numbers that a print has besides its sketch, in the order of `printPlaces`. */
export const numbersPerPrint = 7;
/** Where a number of a print stands: halves of the exact and the masked hash, code units of the comparable text, bytes a unit, hash of the text as it is. */
export const printPlaces = { exactLow: 0, exactHigh: 1, maskedLow: 2, maskedHigh: 3, length: 4, unitBytes: 5, raw: 6 } as const;

/** What is kept of a batch of texts; their comparable texts lie in the spool file, one behind the other from `offset` on. */
export interface Prints {
  readonly sketches: Uint8Array<ArrayBuffer>;
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly offset: number;
}

export interface RowPrinter {
  print(texts: readonly string[]): Prints;
  close(): void;
}

/** Takes the prints of texts and writes their comparable texts into a file: a byte for each unit where all are ASCII, two where not. */
export function openRowPrinter(spoolFile: string): RowPrinter {
  const file = openSync(spoolFile, 'w', 0o600);
  const [comparable, shingles, sketch, exact, masked] = [
    comparableReader(),
    shingleReader(),
    sketchWriter(),
    exactHashReader(),
    maskedHashReader(),
  ];
  let offset = 0;
  let bytes = Buffer.alloc(2 ** 16);
  return {
    print: (texts) => {
      const sketches = new Uint8Array(texts.length * sketchLength);
      const numbers = new Uint32Array(texts.length * numbersPerPrint);
      let used = 0;
      texts.forEach((text, index) => {
        const read = comparable(text);
        const { hashes, count } = shingles(read);
        sketch(hashes, count, sketches, index * sketchLength);
        const same = exact(text);
        const template = masked(text);
        let wide = 0;
        for (let at = 0; at < read.length; at += 1) wide |= read.units[at]!;
        const unitBytes = wide > 0xff ? 2 : 1;
        if (used + 2 * read.length > bytes.length) {
          const larger = Buffer.alloc(2 * (used + 2 * read.length));
          bytes.copy(larger, 0, 0, used);
          bytes = larger;
        }
        for (let at = 0; at < read.length; at += 1) {
          bytes[used] = read.units[at]! & 0xff;
          used += 1;
          if (unitBytes === 1) continue;
          bytes[used] = read.units[at]! >>> 8;
          used += 1;
        }
        numbers.set(
          [same.low, same.high, template?.low ?? 0, template?.high ?? 0, read.length, unitBytes, hashText(text).low],
          index * numbersPerPrint,
        );
      });
      const start = offset;
      for (let written = 0; written < used; ) written += writeSync(file, bytes, written, used - written);
      offset += used;
      return { sketches, numbers, offset: start };
    },
    close: () => closeSync(file),
  };
}

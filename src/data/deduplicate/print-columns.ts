import { numbersPerPrint, type Prints, printPlaces } from './print-rows.ts';
import { sketchLength } from './sketch.ts';

const chunkBits = 14;
const chunkRows = 2 ** chunkBits;

/** Prints of many rows in blocks of memory that grow without being copied. */
export interface PrintColumns {
  readonly size: number;
  /** Puts prints of a batch at the rows from `first` on, whose texts lie in the spool file of this number. */
  put(first: number, prints: Prints, spool: number): void;
  sketch(row: number): { readonly bytes: Uint8Array; readonly start: number };
  /** One of the numbers of a print, by its place. */
  number(row: number, place: number): number;
  place(row: number): { readonly spool: number; readonly offset: number };
}

interface Chunk {
  readonly sketches: Uint8Array;
  readonly numbers: Uint32Array;
  readonly offsets: Float64Array;
  readonly spools: Uint8Array;
}

export function printColumns(): PrintColumns {
  const chunks: Chunk[] = [];
  let size = 0;
  const chunkOf = (row: number): Chunk => {
    while (chunks.length <= row >>> chunkBits) {
      chunks.push({
        sketches: new Uint8Array(chunkRows * sketchLength),
        numbers: new Uint32Array(chunkRows * numbersPerPrint),
        offsets: new Float64Array(chunkRows),
        spools: new Uint8Array(chunkRows),
      });
    }
    return chunks[row >>> chunkBits]!;
  };
  const within = (row: number): number => row & (chunkRows - 1);
  return {
    get size() {
      return size;
    },
    put: (first, { sketches, numbers, offset }, spool) => {
      const rows = numbers.length / numbersPerPrint;
      let next = offset;
      for (let index = 0; index < rows; index += 1) {
        const chunk = chunkOf(first + index);
        const at = within(first + index);
        chunk.sketches.set(sketches.subarray(index * sketchLength, (index + 1) * sketchLength), at * sketchLength);
        chunk.numbers.set(numbers.subarray(index * numbersPerPrint, (index + 1) * numbersPerPrint), at * numbersPerPrint);
        chunk.offsets[at] = next;
        chunk.spools[at] = spool;
        next += numbers[index * numbersPerPrint + printPlaces.length]! * numbers[index * numbersPerPrint + printPlaces.unitBytes]!;
      }
      size = Math.max(size, first + rows);
    },
    sketch: (row) => ({ bytes: chunkOf(row).sketches, start: within(row) * sketchLength }),
    number: (row, place) => chunkOf(row).numbers[within(row) * numbersPerPrint + place]!,
    place: (row) => ({ spool: chunkOf(row).spools[within(row)]!, offset: chunkOf(row).offsets[within(row)]! }),
  };
}

import type { UnreadableRow } from '#data/unreadable-row.ts';
import { BrokenInput } from './open-bytes.ts';

/** The bytes of one record of a JSON file. Records count from 1. */
export interface ElementBytes {
  readonly line: number;
  readonly bytes: Buffer;
}

/** Where exports keep their list of records when the file is one object. */
const listPaths: ReadonlySet<string> = new Set([
  'data',
  'results',
  'results.results',
  'evalResult.results',
  'items',
  'rows',
  'records',
  'examples',
  'tests',
  'traces',
  'observations',
]);

const quote = 0x22;
const backslash = 0x5c;
const longestKey = 40;
const deepestList = 2;

interface Level {
  readonly isList: boolean;
  key: string;
}

/**
 * Cuts the records out of JSON without parsing it whole: the elements of a list, of the list that an exported object holds under a known
 * name, or a row of objects. A file that holds one object without such a list is one record. A record over `maximumBytes` is passed over without being held, and told as a fault.
 */
export async function* jsonElements(chunks: AsyncIterable<Buffer>, maximumBytes: number): AsyncGenerator<ElementBytes | UnreadableRow> {
  const scan = new ElementScan(maximumBytes);
  for await (const chunk of chunks) yield* scan.read(chunk);
  scan.end();
}

class ElementScan {
  readonly #maximumBytes: number;
  #records = 0;
  #depth = 0;
  /** Levels of the part before a list of records is found; only the first few matter. */
  #levels: Level[] = [];
  /** Depth at which the elements of the found list lie. */
  #listDepth: number | undefined;
  #listFound = false;
  #inString = false;
  #escaped = false;
  #key: number[] = [];
  #taking = false;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes;
  }

  *read(chunk: Buffer): Generator<ElementBytes | UnreadableRow> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#inString) {
        this.#string(byte);
        continue;
      }
      if (byte <= 0x20) continue;
      const wasTaking = this.#taking;
      if (wasTaking && this.#depth === this.#elementDepth() && (byte === 0x2c || byte === 0x5d)) {
        yield* this.#give(chunk.subarray(from, at));
      } else if (!wasTaking && this.#depth === this.#elementDepth() && this.#opens(byte)) {
        this.#taking = true;
        from = at;
      }
      this.#step(byte);
      if (this.#taking && this.#depth === 0 && this.#listDepth === undefined) yield* this.#give(chunk.subarray(from, at + 1));
    }
    if (this.#taking) this.#keep(chunk.subarray(from));
  }

  end(): void {
    if (this.#depth === 0 && !this.#taking) return;
    const record = this.#records + 1;
    throw new BrokenInput(
      'json-unfinished',
      `The file ends within record ${record}`,
      'Look for a quote or bracket that is not closed in or before this record, or copy the file again.',
    );
  }

  #elementDepth(): number {
    return this.#listDepth ?? 0;
  }

  /** Whether a record begins: any value within a list; outside of lists an object, as a list there is gone into. */
  #opens(byte: number): boolean {
    if (byte === 0x2c || byte === 0x5d) return false;
    if (this.#listDepth !== undefined || byte === 0x7b) return true;
    if (byte === 0x5b) return false;
    throw new BrokenInput(
      'json-unfit',
      this.#records === 0 ? 'The file is not JSON' : `The file goes on after record ${this.#records} with something that is not JSON`,
      'Repair it there, or name the file after what it holds: .jsonl, .csv, .tsv, .parquet.',
    );
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
    else if (this.#listDepth === undefined && this.#depth <= deepestList && this.#key.length < longestKey) this.#key.push(byte);
  }

  #step(byte: number): void {
    if (byte === quote) {
      this.#inString = true;
      this.#key = [];
    } else if (byte === 0x3a) {
      const level = this.#levels.at(-1);
      if (this.#listDepth === undefined && level !== undefined && this.#levels.length === this.#depth)
        level.key = Buffer.from(this.#key).toString();
    } else if (byte === 0x7b || byte === 0x5b) {
      if (this.#listDepth === undefined && byte === 0x5b && this.#isRecordList()) this.#enterList();
      this.#depth += 1;
      if (this.#listDepth === undefined && this.#depth <= deepestList) this.#levels.push({ isList: byte === 0x5b, key: '' });
    } else if (byte === 0x7d || byte === 0x5d) {
      this.#leave();
    }
  }

  #isRecordList(): boolean {
    if (this.#depth === 0) return true;
    if (this.#listFound || this.#levels.length !== this.#depth || this.#levels.some(({ isList }) => isList)) return false;
    return listPaths.has(this.#levels.map(({ key }) => key).join('.'));
  }

  #enterList(): void {
    this.#listDepth = this.#depth + 1;
    this.#listFound = true;
    this.#taking = false;
    this.#pieces = [];
    this.#size = 0;
  }

  #leave(): void {
    if (this.#depth === 0) {
      throw new BrokenInput('json-unfit', `A bracket closes after record ${this.#records} that was never opened`, 'Repair the JSON there.');
    }
    this.#depth -= 1;
    if (this.#listDepth === undefined) this.#levels.length = Math.min(this.#levels.length, this.#depth);
    else if (this.#depth < this.#listDepth) this.#listDepth = undefined;
    if (this.#depth === 0) this.#listFound = false;
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#maximumBytes) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  *#give(last: Buffer): Generator<ElementBytes | UnreadableRow> {
    this.#keep(last);
    const length = this.#size;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#taking = false;
    this.#pieces = [];
    this.#size = 0;
    this.#records += 1;
    yield length > this.#maximumBytes ? recordTooLong(this.#records, length, this.#maximumBytes) : { line: this.#records, bytes };
  }
}

function recordTooLong(line: number, bytes: number, maximumBytes: number): UnreadableRow {
  return {
    line,
    code: 'row-too-long',
    message: `Record ${line} has ${bytes.toLocaleString('en')} bytes, more than the ${maximumBytes.toLocaleString('en')} that are read.`,
    fix: 'Look for a bracket that is not closed, shorten the record, or allow more with --max-row-bytes.',
  };
}

import { closeSync, fdatasyncSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { writeFailure } from '#data/write-failure.ts';
import { type LabelEvent, parseEvent } from './label-event.ts';

const schema = 'rung.labels/1';

export interface LabelJournal {
  readonly file: string;
  /** What stood in it when it was opened. */
  readonly events: readonly LabelEvent[];
  /** Lines that are no event, as the torn end of an earlier process; they are passed over and stay where they are. */
  readonly unreadable: number;
  /** Adds an event; when this returns it is on the disk. Throws where it cannot be written. */
  append(event: LabelEvent): void;
  close(): void;
}

/**
 * Opens the file that keeps every act of labelling, one JSON document a line, only ever added to and flushed to the disk at each act, so that
 * a process that is killed loses nothing. Several people may have it open at once: a line is written in one piece at the end.
 */
export function openJournal(file: string): LabelJournal {
  const descriptor = opened(file);
  const { events, unreadable } = readEvents(readFileSync(file, 'utf8'));
  const put = (text: string) => {
    try {
      const torn = endsTorn(descriptor) ? '\n' : '';
      const bytes = Buffer.from(`${torn}${text}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fdatasyncSync(descriptor);
    } catch (error) {
      throw writeFailure(error, file);
    }
  };
  if (fstatSync(descriptor).size === 0) put(JSON.stringify({ schema }));
  return { file, events, unreadable, append: (event) => put(JSON.stringify(event)), close: () => closeSync(descriptor) };
}

function opened(file: string): number {
  try {
    return openSync(file, 'a+');
  } catch (error) {
    throw writeFailure(error, file);
  }
}

function readEvents(text: string): { events: LabelEvent[]; unreadable: number } {
  const events: LabelEvent[] = [];
  let unreadable = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || (index === 0 && line === JSON.stringify({ schema }))) continue;
    const event = parseEvent(line);
    if (event === undefined) unreadable += 1;
    else events.push(event);
  }
  return { events, unreadable };
}

/** True where the last byte ends no line: what is added next must not continue a torn one. */
function endsTorn(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] !== 0x0a;
}

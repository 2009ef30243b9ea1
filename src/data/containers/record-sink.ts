import { rm } from 'node:fs/promises';
import type { DataContainer } from '#core/data-format.ts';
import type { JsonObject } from '#core/json.ts';
import { writeContainer } from './write-container.ts';

/** A file in the making, into which records are put one by one. */
export interface RecordSink {
  /** Where the rows stand until the file is whole. */
  readonly temporary: string;
  /** Settles when there is room for the next. Throws where writing failed. */
  put(record: JsonObject): Promise<void>;
  end(): Promise<void>;
  /** Gives up: nothing stays behind. */
  discard(): Promise<void>;
}

/** Opens a file for writing beside the place where it shall stand; it is packed where its name ends in `.gz`. */
export function openSink(file: string, container: DataContainer): RecordSink {
  const temporary = `${file}.${process.pid}.tmp`;
  const queue = recordQueue();
  const writing = writeContainer(temporary, queue.records(), container, /\.gz$/i.test(file));
  let failure: { error: unknown } | undefined;
  const settled = writing.catch((error: unknown) => {
    failure = { error };
    queue.close();
  });
  const check = () => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    temporary,
    put: async (record) => {
      check();
      await queue.put(record);
      check();
    },
    end: async () => {
      queue.close();
      await settled;
      check();
    },
    discard: async () => {
      queue.close();
      await settled;
      await rm(temporary, { force: true });
    },
  };
}

const heldRecords = 64;

/** Hands records from whoever puts to whoever reads, and lets the first wait when too many are held. */
function recordQueue() {
  let held: JsonObject[] = [];
  let isClosed = false;
  let wakeReader = () => {};
  let wakeWriter = () => {};
  return {
    async put(record: JsonObject): Promise<void> {
      held.push(record);
      wakeReader();
      while (held.length >= heldRecords && !isClosed) await new Promise<void>((resolve) => (wakeWriter = resolve));
    },
    close(): void {
      isClosed = true;
      wakeReader();
      wakeWriter();
    },
    async *records(): AsyncGenerator<JsonObject> {
      while (true) {
        const taken = held;
        held = [];
        wakeWriter();
        yield* taken;
        if (held.length > 0) continue;
        if (isClosed) return;
        await new Promise<void>((resolve) => (wakeReader = resolve));
      }
    },
  };
}

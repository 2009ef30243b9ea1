import { exitCodes, RungError } from '#core/errors.ts';
import type { DataFile } from '#data/read-data-file.ts';
import { dataCheckProgress } from './data-check-progress.ts';
import type { TerminalIo } from './terminal-io.ts';

const progressRows = 2000;

/** Opens files so that a terminal shows how far each reading has come, and Ctrl-C ends it before anything is in place. */
export function rowWatch(io: TerminalIo): {
  watched(opened: DataFile, stages: readonly string[]): DataFile;
  end(): void;
} {
  const progress = dataCheckProgress(io);
  let [isStopped, isShown] = [false, false];
  io.onInterrupt(() => {
    isStopped = true;
  });
  async function* watchedRows(opened: DataFile, stage: string) {
    const begin = performance.now();
    let rows = 0;
    for await (const row of opened.rows) {
      if (isStopped)
        throw new RungError({ code: 'interrupted', message: 'Stopped; nothing was written.', exitCode: exitCodes.interrupted });
      rows += 1;
      if (rows % progressRows === 0) {
        isShown = true;
        progress.listen({ stage, rows, seconds: (performance.now() - begin) / 1000 });
      }
      yield row;
    }
  }
  return {
    watched(opened, stages) {
      let reading = 0;
      return {
        ...opened,
        rows: {
          [Symbol.asyncIterator]: () => {
            const stage = stages[Math.min(reading, stages.length - 1)] ?? '';
            reading += 1;
            return watchedRows(opened, stage);
          },
        },
      };
    },
    end: () => {
      if (isShown) progress.end();
      isShown = false;
    },
  };
}

import { isAbsolute, join } from 'node:path';
import type { RowOrigins } from '#core/trainer.ts';
import type { PlaceOfRow } from '#core/training-row-error.ts';
import { readExamplesFile } from '#data/read-examples.ts';

/** Longest row, in bytes: the file was read before, with the task's own limit. */
const longestRow = 256 * 2 ** 20;

/** Finds the file and line of a training row. An example's line is looked up in its file, which is read again only then. */
export function placesOf(
  origins: RowOrigins | undefined,
  { examplesFile, folder }: { readonly examplesFile: string; readonly folder: string },
): PlaceOfRow {
  return async ({ part, index }) => {
    const origin = origins?.[part][index];
    if (origin === undefined) return undefined;
    if ('file' in origin) return { ...origin, file: isAbsolute(origin.file) ? origin.file : join(folder, origin.file) };
    const { lines } = await readExamplesFile(examplesFile, { maximumRowBytes: longestRow });
    const line = lines.get(origin.example);
    return line === undefined ? undefined : { file: examplesFile, line };
  };
}

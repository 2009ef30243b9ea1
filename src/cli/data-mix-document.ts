import type { PlannedMix } from '#data/grow/mix-plan.ts';
import type { DataFile } from '#data/read-data-file.ts';
import type { WrittenData } from '#data/write-data-file.ts';
import { mixWarnings } from './data-mix-warnings.ts';

export type MixDocument = ReturnType<typeof mixDocument>;

/** What `rung data mix --json` prints; `safetyShare` is the published one. */
export function mixDocument(
  { recognised, format }: DataFile,
  planned: PlannedMix,
  { output, seed, safetyShare }: { readonly output: string; readonly seed: number; readonly safetyShare: number },
  written: WrittenData | undefined,
  lostInParts: ReadonlyMap<string, number>,
) {
  const { own, parts, dropped } = planned;
  const taken = parts.reduce((sum, part) => sum + part.taken.length, 0);
  const total = own.training + taken;
  const characters = own.characters + parts.reduce((sum, part) => sum + part.characters, 0);
  const lost = new Map(lostInParts);
  for (const { field, rows } of written?.lost ?? []) lost.set(field, (lost.get(field) ?? 0) + rows);
  return {
    schema: 'rung.data-mix/1',
    file: own.file,
    output,
    format: format.id,
    recognised,
    dryRun: written === undefined,
    read: own.read + parts.reduce((sum, { read }) => sum + read, 0),
    written: written?.written ?? 0,
    dropped: [...dropped.list, ...(written?.dropped ?? [])],
    droppedRows: dropped.count + (written?.dropped.length ?? 0),
    lost: [...lost].sort().map(([field, rows]) => ({ field, rows })),
    ...(written === undefined ? {} : { hash: written.hash }),
    seed,
    training: { before: own.training, after: total },
    sides: own.sides,
    parts: [
      {
        ...{ part: 'own', file: own.file, read: own.read, eligible: own.training, taken: own.training },
        ...{ shareBefore: own.training === 0 ? 0 : 1, share: shareOf(own.training, total) },
        ...{ characterShare: shareOf(own.characters, characters), refusals: own.refusals },
      },
      ...parts.map((part) => ({
        ...{ part: part.name, file: part.file, read: part.read, eligible: part.eligible, taken: part.taken.length },
        ...{ wantedShare: part.share, shareBefore: 0, share: shareOf(part.taken.length, total) },
        ...{ characterShare: shareOf(part.characters, characters), refusals: part.refusals },
      })),
    ],
    refusals: {
      before: shareOf(own.refusals, own.training),
      after: shareOf(
        parts.reduce((sum, { refusals }) => sum + refusals, own.refusals),
        total,
      ),
      method: 'openings of answers, a lower bound (Zou et al. 2023)',
    },
    warnings: mixWarnings(planned, safetyShare),
  };
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

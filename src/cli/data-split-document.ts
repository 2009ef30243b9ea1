import { splitNames } from '#core/example.ts';
import type { DataFile } from '#data/read-data-file.ts';
import type { PlannedSplit, SplitOptions } from '#data/split/plan-split.ts';
import type { WrittenSplit } from '#data/split/split-file.ts';
import { testPower, testTooSmall } from './data-test-rows.ts';

export type SplitDocument = ReturnType<typeof splitDocument>;

/** What `rung data split --json` prints. */
export function splitDocument(
  file: string,
  folder: string,
  opened: DataFile,
  planned: PlannedSplit,
  options: SplitOptions,
  written: WrittenSplit | undefined,
) {
  const { columns, counts, shares, dropped, kept } = planned;
  const power = testPower(counts.test);
  const tooSmall = shares.test === 0 ? undefined : testTooSmall(power);
  const part = (name: (typeof splitNames)[number]) => ({
    part: name,
    rows: counts[name],
    share: columns.size === 0 ? 0 : counts[name] / columns.size,
    wanted: shares[name],
    ...(written === undefined ? {} : { file: written.record.parts[name].file, hash: written.record.parts[name].hash }),
  });
  return {
    schema: 'rung.data-split/1',
    file,
    folder,
    recognised: opened.recognised,
    dryRun: written === undefined,
    read: columns.size + dropped.count,
    written: written?.written ?? 0,
    dropped: [...dropped.list, ...(written?.dropped ?? [])],
    droppedRows: dropped.count + (written?.dropped.length ?? 0),
    lost: written?.lost ?? [],
    hash: planned.hash,
    seed: options.seed,
    parts: splitNames.map(part),
    stratifiedBy: columns.strata.by,
    groups: columns.groupCount,
    sets: planned.clusters,
    largestSet: planned.largestCluster,
    duplicates: { equal: columns.duplicateTexts, near: planned.nearDuplicates },
    ...(kept === undefined
      ? {}
      : { kept: { test: kept.found, vanished: kept.vanished.length, vanishedIds: kept.vanished.slice(0, 1000) } }),
    power,
    warnings: [...opened.notes(), ...planned.warnings, ...(tooSmall === undefined ? [] : [tooSmall])],
  };
}

import { createHash } from 'node:crypto';
import type { DataRow } from '#core/data-row.ts';
import { type SplitName, splitNames } from '#core/example.ts';
import { assignSides, type Cluster } from '#data/assign-sides.ts';
import { disjointSets } from '#data/disjoint-sets.ts';
import type { DataFile } from '#data/read-data-file.ts';
import { isUnreadable, type UnreadableRow } from '#data/unreadable-row.ts';
import { type DroppedRows, droppedRows } from './dropped-rows.ts';
import { type KeptSides, keptSides } from './kept-sides.ts';
import { type MarkOptions, markRow } from './mark-row.ts';
import type { NearSearch } from './near-search.ts';
import { digestOf, type RowColumns, rowColumns } from './row-columns.ts';
import { cannotSplit, checkGroupField, splitWarnings } from './split-faults.ts';
import type { Sides, SplitRecord } from './split-record.ts';

export interface SplitOptions extends MarkOptions {
  /** For messages. */
  readonly file: string;
  readonly seed: number;
  readonly shares: Sides;
  /** Rows of the test part, given the number of all rows; takes the place of its share, and the others keep their proportion. */
  readonly testRows?: (rows: number) => number;
  readonly near: NearSearch;
  /** An earlier split: its test rows stay test rows, and its other rows stay where they were. */
  readonly kept?: SplitRecord;
  /** Its test rows, where their file is at hand: rows that are nearly equal to one that is gone become test rows too. */
  readonly keptTests?: Pick<DataFile, 'format' | 'rows'>;
  /** True where rows that name their side are split like the others. */
  readonly ignoreTold?: boolean;
}

export interface PlannedSplit {
  /** The side of each row that could be read, in the order of the file, as index into `splitNames`. */
  readonly sides: Uint8Array;
  readonly columns: RowColumns;
  /** The shares that were aimed at. */
  readonly shares: Sides;
  readonly counts: Sides;
  /** Independent sets of rows. */
  readonly clusters: number;
  readonly largestCluster: number;
  /** Texts that are nearly equal to another one. */
  readonly nearDuplicates: number;
  /** SHA-256 over sides, ids and contents, whatever the order of the rows. */
  readonly hash: string;
  readonly dropped: DroppedRows;
  readonly kept?: KeptSides;
  readonly warnings: readonly string[];
}

const testSide = splitNames.indexOf('test');

/**
 * Gives each row of a file its side, as `splitExamples` does for the examples of a task: rows of one group, and inputs that are equal
 * or nearly so, stay together; labels (of free texts: lengths and sources) are spread in proportion. The same rows and seed
 * give the same sides, whatever the order of the rows. Throws a usage error where a part would be empty.
 */
export async function planSplit(rows: AsyncIterable<DataRow | UnreadableRow>, options: SplitOptions): Promise<PlannedSplit> {
  const { columns, dropped } = await readColumns(rows, options);
  checkGroupField(columns, options);
  const kept = options.kept === undefined ? undefined : keptSides(options.kept, columns);
  const told = toldSides(columns, kept, options.ignoreTold ?? false);
  const shares = sharesFor(options, columns.size);
  const { clusters, near } = await clusterRows(columns, told, kept, options.near);
  const chosen = assignSides(clusters, columns.strata.name, shares);
  const sides = new Uint8Array(columns.size);
  const counts: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
  clusters.forEach((cluster, index) => {
    for (const row of cluster.rows) {
      const isTest = cluster.told === 'test' && cluster.kept;
      sides[row] = isTest || told[row] === -1 ? splitNames.indexOf(chosen[index]!) : told[row]!;
      counts[splitNames[sides[row]!]!] += 1;
    }
  });
  const isTold = told.some((side) => side !== -1);
  for (const side of ['train', 'test'] as const) {
    if (!isTold && shares[side] > 0 && counts[side] === 0) throw cannotSplit(side, clusters.length, options.file);
  }
  const largestCluster = clusters.reduce((most, cluster) => Math.max(most, cluster.rows.length), 0);
  const planned = { sides, columns, shares, counts, clusters: clusters.length, largestCluster, nearDuplicates: near.found, dropped };
  return {
    ...planned,
    hash: hashOf(columns, sides),
    ...(kept === undefined ? {} : { kept }),
    warnings: splitWarnings({ ...planned, told, near, torn: near.torn, kept, options }),
  };
}

async function readColumns(
  rows: AsyncIterable<DataRow | UnreadableRow>,
  options: SplitOptions,
): Promise<{ columns: RowColumns; dropped: DroppedRows }> {
  const writer = rowColumns(options.seed, options.near);
  const dropped = droppedRows();
  for await (const row of rows) {
    if (isUnreadable(row)) dropped.drop(row.line, row.message);
    else writer.add(markRow(row, options));
  }
  const { keptTests } = options;
  if (keptTests !== undefined) {
    for await (const row of keptTests.rows) if (!isUnreadable(row)) writer.addKept(markRow(row, keptTests).text);
  }
  return { columns: writer.columns(), dropped };
}

/** What the file and an earlier split say of each row, as index into `splitNames`; -1 where they say nothing. */
function toldSides(columns: RowColumns, kept: KeptSides | undefined, ignoreTold: boolean): Int8Array {
  return Int8Array.from(columns.told, (told, row) => {
    if (kept?.isTest(row)) return testSide;
    const own = ignoreTold ? -1 : told;
    return own === -1 && kept !== undefined ? kept.side(row) : own;
  });
}

function sharesFor({ shares, testRows }: SplitOptions, rows: number): Sides {
  if (testRows === undefined || rows === 0) return shares;
  const test = Math.min(1, testRows(rows) / rows);
  const others = shares.train + shares.validation;
  const train = others === 0 ? 1 : shares.train / others;
  return { train: (1 - test) * train, validation: (1 - test) * (1 - train), test };
}

interface KeptCluster extends Cluster {
  /** True where one of its rows was a test row before: then all of them are. */
  readonly kept: boolean;
}

async function clusterRows(columns: RowColumns, told: Int8Array, kept: KeptSides | undefined, near: NearSearch) {
  const { keys, links, rowOfText, size } = columns;
  const sets = disjointSets(size + columns.goneTexts);
  for (let link = 0; link < links.length; link += 2) sets.join(links[link]!, links[link + 1]!);
  let found = 0;
  const { approximate } = await near.end(
    (left, right) => sets.find(rowOfText[left]!) === sets.find(rowOfText[right]!),
    (left, right) => {
      found += 1;
      sets.join(rowOfText[left]!, rowOfText[right]!);
    },
  );
  const order = drawnOrder(columns);
  const rowsOf: number[][] = [];
  const clusterOfRoot = new Int32Array(keys.length).fill(-1);
  for (const row of order) {
    const root = sets.find(row);
    if (clusterOfRoot[root] === -1) clusterOfRoot[root] = rowsOf.push([]) - 1;
    rowsOf[clusterOfRoot[root]!]!.push(row);
  }
  const ofGone = new Set(Array.from({ length: columns.goneTexts }, (_, gone) => sets.find(size + gone)));
  let torn = 0;
  const clusters = rowsOf.map((rows): KeptCluster => {
    const isKept = kept !== undefined && (ofGone.has(sets.find(rows[0]!)) || rows.some((row) => kept.isTest(row)));
    const named = splitNames.filter((_, side) => rows.some((row) => told[row] === side));
    if (named.length > 1) torn += 1;
    const side = isKept ? ('test' as const) : named[0];
    return { rows, kept: isKept, ...(side === undefined ? {} : { told: side }) };
  });
  return { clusters, near: { approximate, found, torn } };
}

/** A random order that does not depend on the file's; rows with one id, which say different things, by what they say. */
function drawnOrder(columns: RowColumns): Uint32Array {
  const { keys, size } = columns;
  return Uint32Array.from({ length: size }, (_, row) => row).sort(
    (a, b) => keys[a]! - keys[b]! || Buffer.compare(digestOf(columns, a), digestOf(columns, b)),
  );
}

function hashOf(columns: RowColumns, sides: Uint8Array): string {
  const hash = createHash('sha256');
  // in an order of their own, so that the seed does not matter
  const order = Uint32Array.from({ length: columns.size }, (_, row) => row).sort((a, b) =>
    columns.ids[a] === columns.ids[b] ? Buffer.compare(digestOf(columns, a), digestOf(columns, b)) : columns.ids[a]! - columns.ids[b]!,
  );
  for (const row of order) hash.update(splitNames[sides[row]!]!).update(digestOf(columns, row));
  return hash.digest('hex');
}

import { createHash } from 'node:crypto';
import { inputError } from '#core/errors.ts';
import { type Example, type SplitName, splitNames } from '#core/example.ts';
import { canonicalJson, sha256 } from '#core/json.ts';
import type { Output } from '#core/output.ts';
import { assignSides, type Cluster } from './assign-sides.ts';
import { disjointSets } from './disjoint-sets.ts';
import { findNearDuplicates } from './near-duplicates.ts';
import { comparableText } from './shingles.ts';
import { stratumReader } from './stratum.ts';

/** The frozen parts of a task's examples, each in an order drawn from the seed. */
export interface Split {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
  /** SHA-256 over id, content and side of every example, whatever their order in the file. */
  readonly hash: string;
  readonly warnings: readonly string[];
}

export interface SplitTask {
  readonly output: Output;
  readonly split: Readonly<Record<SplitName, number>>;
  readonly seed: number;
  readonly file?: string;
}

/**
 * Splits examples by the task's fractions. Examples of one group, and inputs that are equal or nearly so, stay on one
 * side; labels are spread in proportion; rows that name their split keep it. The same rows and seed give the same
 * split, whatever the order of the rows. Throws a usage error where everything hangs together and nothing can be split.
 */
export function splitExamples(examples: readonly Example[], task: SplitTask): Split {
  const rows = inDrawnOrder(examples, task.seed);
  // Where the file puts every row on one side, nothing can lie on both.
  const onlySide = rows[0]?.split;
  if (onlySide !== undefined && rows.every(({ split }) => split === onlySide)) {
    return { train: [], validation: [], test: [], [onlySide]: rows, hash: hashOf(rows, () => onlySide), warnings: [] };
  }
  const stratumOf = stratumReader(task.output);
  const { clusters, warnings, near } = clusterRows(rows);
  const sides = assignSides(clusters, (row) => stratumOf(rows[row]!), task.split);
  const sideOfRow: SplitName[] = [];
  clusters.forEach((cluster, index) => {
    for (const row of cluster.rows) sideOfRow[row] = rows[row]!.split ?? sides[index]!;
  });
  const parts: Record<SplitName, Example[]> = { train: [], validation: [], test: [] };
  rows.forEach((example, row) => {
    parts[sideOfRow[row]!].push(example);
  });
  const isTold = rows.some(({ split }) => split !== undefined);
  for (const name of splitNames) {
    if (isTold || task.split[name] === 0 || parts[name].length > 0) continue;
    if (name !== 'validation') throw cannotSplit(name, clusters.length, task.file);
    warnings.push('The validation part is empty: there are too few examples that are independent of each other.');
  }
  if (near.approximate) warnings.push('The examples are so many and so alike that some near-duplicates may have been missed.');
  return { ...parts, hash: hashOf(rows, (row) => sideOfRow[row]!), warnings };
}

// Sorted by a hash of seed and id: a random order that does not depend on the file's.
function inDrawnOrder(examples: readonly Example[], seed: number): Example[] {
  const keys = Float64Array.from(examples, ({ id }) => Number.parseInt(sha256(`${seed}\n${id}`).slice(0, 13), 16));
  const order = Uint32Array.from(examples.keys()).sort((a, b) => keys[a]! - keys[b]! || byId(examples[a]!, examples[b]!));
  return Array.from(order, (index) => examples[index]!);
}

function byId(left: Example, right: Example): number {
  return left.id < right.id ? -1 : 1;
}

function clusterRows(rows: readonly Example[]) {
  const sets = disjointSets(rows.length);
  const firstOfGroup = new Map<string, number>();
  const firstOfText = new Map<string, number>();
  rows.forEach((example, row) => {
    for (const [first, key] of [
      [firstOfGroup, example.group],
      [firstOfText, comparableText(example.input)],
    ] as const) {
      // Texts of punctuation alone compare as empty: they say nothing about each other.
      if (key === undefined || key === '') continue;
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, row);
      else sets.join(earlier, row);
    }
  });
  const texts = [...firstOfText.keys()];
  const rowOfText = [...firstOfText.values()];
  const near = findNearDuplicates(
    texts,
    (left, right) => sets.find(rowOfText[left]!) === sets.find(rowOfText[right]!),
    (left, right) => sets.join(rowOfText[left]!, rowOfText[right]!),
  );
  const byRoot = new Map<number, number[]>();
  for (const row of rows.keys()) {
    const members = byRoot.get(sets.find(row));
    if (members === undefined) byRoot.set(sets.find(row), [row]);
    else members.push(row);
  }
  const clusters: Cluster[] = Array.from(byRoot.values(), (members) => ({ rows: members, told: toldSides(rows, members)[0] }));
  return { clusters, near, warnings: clusterWarnings(rows, clusters) };
}

function toldSides(rows: readonly Example[], members: readonly number[]): SplitName[] {
  return splitNames.filter((side) => members.some((row) => rows[row]!.split === side));
}

function clusterWarnings(rows: readonly Example[], clusters: readonly Cluster[]): string[] {
  const warnings: string[] = [];
  const torn = clusters.filter((cluster) => toldSides(rows, cluster.rows).length > 1);
  if (torn.length > 0) {
    const first = torn[0]!.rows.slice(0, 2).map((row) => rows[row]!.id);
    warnings.push(
      `${torn.length} ${torn.length === 1 ? 'set' : 'sets'} of near-duplicates or of one group lie on both sides of the split that the file gives (as ${first.join(' and ')}): results may look better than they are.`,
    );
  }
  const largest = clusters.reduce((most, cluster) => Math.max(most, cluster.rows.length), 0);
  if (clusters.length > 1 && largest > 10 && largest > rows.length / 4) {
    warnings.push(
      `${largest} of ${rows.length} examples hang together by group or near-duplication and stay on one side, so the parts may miss their sizes.`,
    );
  }
  return warnings;
}

function hashOf(rows: readonly Example[], sideOf: (row: number) => SplitName): string {
  const hash = createHash('sha256');
  const order = Uint32Array.from(rows.keys()).sort((a, b) => byId(rows[a]!, rows[b]!));
  for (const row of order) hash.update(`${sideOf(row)} ${canonicalJson({ ...rows[row]!, split: undefined })}\n`);
  return hash.digest('hex');
}

function cannotSplit(part: SplitName, clusters: number, file: string | undefined): Error {
  return inputError({
    code: 'split-impossible',
    message: `The ${part} part would be empty: the examples are only ${clusters} independent ${clusters === 1 ? 'set' : 'sets'} once groups and near-duplicates are kept together.`,
    hint: 'Add examples that differ, give finer groups, or mark each row with its split.',
    place: file === undefined ? undefined : { file },
  });
}

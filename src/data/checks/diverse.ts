import { type DataFinding, defineDataCheck } from '#core/data-check.ts';
import { readableText } from '#data/check-data-finding.ts';
import { type Clusters, clusterEvenness, clusterVectors, type Random } from '#data/deduplicate/clusters.ts';
import { comparableReader } from '#data/deduplicate/comparable-units.ts';
import { planePoints } from '#data/deduplicate/plane.ts';
import { mixed } from '#data/deduplicate/shingle-hashes.ts';
import { unitsText } from '#data/deduplicate/units-text.ts';
import { wordVector } from '#data/deduplicate/word-vector.ts';
import { rowSample, type SampledRow } from './diverse-sample.ts';
import { tellingWords } from './diverse-words.ts';

const sampledRows = 1500;
const fewestRows = 50;
const shownPoints = 400;
const wordsPerCluster = 5;
/** A rule of thumb of ours: one cluster with more of the rows than this is most of what the data says. */
const largestShare = 0.5;
/** Words that distinct-n is taken over, so that its value does not fall with the size of the file. */
const countedWords = 20_000;

interface Seen {
  readonly rows: readonly SampledRow[];
  readonly clusters: Clusters;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly words: readonly (readonly string[])[];
  readonly distinct: readonly [number, number];
  readonly evenness: number;
}

/** How much different the rows say: clusters of their words, and how many words and pairs of words are new. */
export const diverse = defineDataCheck({
  id: 'diverse',
  family: 'diverse',
  summary: 'distinct words and pairs of words, clusters and how evenly rows fall into them',
  source:
    'distinct-n: Li and others 2016 (arXiv:1510.03055); mini-batch k-means: Sculley 2010 (WWW); the share of the largest cluster is a rule of thumb of ours',
  begin: ({ seed }) => {
    const sample = rowSample(sampledRows);
    let seen: Seen | undefined;
    return {
      row: sample.add,
      end: () => {
        const rows = sample.rows();
        if (rows.length < fewestRows) return [];
        seen = look(rows, drawnFrom(seed));
        return findingsOf(seen);
      },
      score: () =>
        seen === undefined
          ? undefined
          : {
              value: seen.evenness,
              n: seen.rows.length,
              method: `evenness of ${seen.clusters.sizes.length} clusters of words (entropy)`,
            },
      figures: () => (seen === undefined ? undefined : figuresOf(seen)),
    };
  },
});

function look(rows: readonly SampledRow[], random: Random): Seen {
  const read = comparableReader();
  const texts: string[] = [];
  const vectors = rows.map(({ text }) => {
    const units = read(text);
    texts.push(unitsText(units));
    const vector = wordVector(units);
    const size = Math.hypot(...vector);
    return size === 0 ? vector : vector.map((value) => value / size);
  });
  // as many clusters as the square root of half the rows, the usual rule, and no more than a page can show
  const count = Math.max(2, Math.min(20, Math.round(Math.sqrt(rows.length / 2))));
  const clusters = clusterVectors(vectors, count, random);
  const words = texts.map((text) => text.split(' '));
  return {
    rows,
    clusters,
    points: planePoints(vectors, random),
    words: tellingWords(words, clusters, wordsPerCluster),
    distinct: [distinctShare(words, 1), distinctShare(words, 2)],
    evenness: clusterEvenness(clusters.sizes),
  };
}

function distinctShare(texts: readonly (readonly string[])[], length: number): number {
  const grams = new Set<string>();
  let total = 0;
  for (const words of texts) {
    for (let at = 0; at + length <= words.length && total < countedWords; at += 1) {
      grams.add(words.slice(at, at + length).join(' '));
      total += 1;
    }
  }
  return total === 0 ? 0 : grams.size / total;
}

function findingsOf({ rows, clusters, words }: Seen): DataFinding[] {
  const share = (clusters.sizes[0] ?? 0) / rows.length;
  if (clusters.sizes.length > 1 && share <= largestShare) return [];
  const members = rows.filter((_, index) => clusters.of[index] === 0);
  return [
    {
      rule: 'one-cluster',
      family: 'diverse',
      severity: 'info',
      count: members.length,
      rows: members
        .slice(0, 1000)
        .map(({ line }) => line)
        .sort((first, second) => first - second),
      message: `${Math.round(100 * share)} % of ${rows.length.toLocaleString('en')} sampled rows are about the same by their words${words[0]?.length ? ` (${words[0].join(', ')})` : ''}.`,
      fix: 'Where the task is wider than that, collect or write rows of the other kinds.',
      examples: members.slice(0, 5).map(({ line, text }) => ({ row: line, text: readableText(text.replace(/\p{Cc}/gu, ' ')) })),
    },
  ];
}

function figuresOf({ rows, clusters, points, words, distinct, evenness }: Seen) {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    sampled: rows.length,
    distinct1: round(distinct[0]),
    distinct2: round(distinct[1]),
    evenness: round(evenness),
    clusters: clusters.sizes.map((size, index) => ({ rows: size, words: [...(words[index] ?? [])] })),
    map: points
      .slice(0, shownPoints)
      .map(({ x, y }, index) => ({ row: rows[index]!.line, x: round(x), y: round(y), cluster: clusters.of[index]! })),
  };
}

/** Draws that depend on the seed alone, whatever other checks draw. */
function drawnFrom(seed: number): Random {
  let drawn = 0;
  return () => {
    drawn += 1;
    return mixed(Math.imul(drawn, 0x9e3779b1) ^ seed) / 4_294_967_296;
  };
}

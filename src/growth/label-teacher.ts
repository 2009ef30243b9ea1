import { type LabelCoverage, labelCoverage } from '#data/grow/label-coverage.ts';
import { seededRandom } from '#statistics/random.ts';
import { type LinearClassifier, largestOf, rowTable, scoresInto, softmaxInPlace } from '#statistics/text-classifier.ts';
import { trainClassifier } from '#statistics/text-classifier-training.ts';
import { defaultFeatures, featuresOf, type SparseRow } from '#statistics/text-features.ts';

/** Index of a text and of its label. */
export interface TaughtRow {
  readonly index: number;
  readonly label: number;
}

export interface LabelTeacher {
  readonly coverage: LabelCoverage;
  readonly vectors: readonly SparseRow[];
  /** Trains a classifier; the rest of the program goes on meanwhile. Rejects with the signal's reason when it is aborted. */
  learn(rows: readonly TaughtRow[], labelCount: number, signal: AbortSignal): Promise<LinearClassifier>;
  /** Label and margin of texts by a classifier, in their order. */
  guess(classifier: LinearClassifier, indices: readonly number[], signal: AbortSignal): Promise<Guesses>;
}

export interface Guesses {
  readonly labels: Int32Array;
  /** Probability of the likeliest label minus that of the next. */
  readonly margins: Float32Array;
}

/** Texts that say what is usual. */
const typicalSample = 400;
/** Texts between two moments in which the rest of the program may run. */
const textsPerTurn = 200;

/** Reads texts as rows of hashed features, for choosing which to label next and for judging how much is learnt. */
export function labelTeacher(texts: readonly string[], seed: number): LabelTeacher {
  const { buckets } = defaultFeatures;
  const vectors = texts.map((text) => featuresOf(text, defaultFeatures));
  const coverage = labelCoverage(vectors, buckets, drawIndices(texts.length, typicalSample, seed));
  return {
    coverage,
    vectors,
    learn: (rows, labelCount, signal) =>
      trainClassifier(
        { rows: rows.map(({ index }) => vectors[index]!), labels: rows.map(({ label }) => label), labelCount, buckets },
        { seed, signal },
      ),
    async guess(classifier, indices, signal) {
      const table = rowTable(classifier.buckets, buckets);
      const scores = new Float64Array(classifier.labels);
      const labels = new Int32Array(indices.length);
      const margins = new Float32Array(indices.length);
      for (const [at, index] of indices.entries()) {
        if (at % textsPerTurn === 0) await turn(signal);
        scoresInto(scores, vectors[index]!, classifier, table);
        softmaxInPlace(scores);
        labels[at] = largestOf(scores);
        margins[at] = marginOf(scores, labels[at]);
      }
      return { labels, margins };
    },
  };
}

function marginOf(probabilities: Float64Array, largest: number): number {
  let second = 0;
  for (const [label, probability] of probabilities.entries()) if (label !== largest && probability > second) second = probability;
  return Math.max(0, probabilities[largest]! - second);
}

/** `wanted` of `count` indices, or all, in drawn order. */
export function drawIndices(count: number, wanted: number, seed: number): number[] {
  const random = seededRandom(seed);
  const indices = Array.from({ length: count }, (_, index) => index);
  const taken = Math.min(wanted, count);
  for (let at = 0; at < taken; at++) {
    const other = at + Math.floor(random() * (count - at));
    [indices[at], indices[other]] = [indices[other]!, indices[at]!];
  }
  return indices.slice(0, taken);
}

async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

import type { SparseRow } from './text-features.ts';

/** A linear classifier over hash buckets. Weights are held for buckets seen in training only; others count as zero. */
export interface LinearClassifier {
  readonly labels: number;
  /** Hash buckets that have weights, ascending. */
  readonly buckets: Uint32Array;
  /** One per label. */
  readonly bias: Float32Array;
  /** `labels` weights for each of `buckets`, in its order. */
  readonly weights: Float32Array;
}

/** Bucket → row of the weights, −1 where it has none. */
export function rowTable(buckets: Uint32Array, bucketCount: number): Int32Array {
  const rows = new Int32Array(bucketCount).fill(-1);
  for (const [row, bucket] of buckets.entries()) rows[bucket] = row;
  return rows;
}

/** Writes the label scores (logits) of a text's features into `scores`. */
export function scoresInto(scores: Float64Array, features: SparseRow, classifier: LinearClassifier, rows: Int32Array): void {
  const { labels, weights } = classifier;
  scores.set(classifier.bias);
  const { columns, values } = features;
  for (let at = 0; at < columns.length; at++) {
    const row = rows[columns[at]!]!;
    if (row < 0) continue;
    const value = values[at]!;
    const offset = row * labels;
    for (let label = 0; label < labels; label++) scores[label]! += weights[offset + label]! * value;
  }
}

/** Turns scores into probabilities, `scores / temperature` through softmax. */
export function softmaxInPlace(scores: Float64Array, temperature = 1): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > largest) largest = score;
  let sum = 0;
  for (let label = 0; label < scores.length; label++) sum += scores[label] = Math.exp((scores[label]! - largest) / temperature);
  for (let label = 0; label < scores.length; label++) scores[label]! /= sum;
}

/** The label with the largest score; the first of equals. */
export function largestOf(scores: Float64Array): number {
  let best = 0;
  for (let label = 1; label < scores.length; label++) if (scores[label]! > scores[best]!) best = label;
  return best;
}

const magic = 'RUNGLIN1';
const headerBytes = 16;

/** The classifier as bytes: magic, label and bucket counts (uint32), biases, buckets, weights; all little-endian. */
export function encodeClassifier(classifier: LinearClassifier): Uint8Array {
  const { labels, buckets, bias, weights } = classifier;
  const bytes = new Uint8Array(headerBytes + 4 * (bias.length + buckets.length + weights.length));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(magic));
  view.setUint32(8, labels, true);
  view.setUint32(12, buckets.length, true);
  for (const [index, value] of bias.entries()) view.setFloat32(headerBytes + 4 * index, value, true);
  const bucketsAt = headerBytes + 4 * bias.length;
  for (const [index, value] of buckets.entries()) view.setUint32(bucketsAt + 4 * index, value, true);
  const weightsAt = bucketsAt + 4 * buckets.length;
  for (let index = 0; index < weights.length; index++) view.setFloat32(weightsAt + 4 * index, weights[index]!, true);
  return bytes;
}

/** Reads what `encodeClassifier` wrote; undefined where the bytes are something else. */
export function decodeClassifier(bytes: Uint8Array): LinearClassifier | undefined {
  if (bytes.length < headerBytes || new TextDecoder().decode(bytes.subarray(0, 8)) !== magic) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labels = view.getUint32(8, true);
  const count = view.getUint32(12, true);
  if (bytes.length !== headerBytes + 4 * (labels + count + labels * count)) return undefined;
  const floats = (from: number, length: number) => Float32Array.from({ length }, (_, index) => view.getFloat32(from + 4 * index, true));
  const bias = floats(headerBytes, labels);
  const buckets = Uint32Array.from({ length: count }, (_, index) => view.getUint32(headerBytes + 4 * (labels + index), true));
  return { labels, bias, buckets, weights: floats(headerBytes + 4 * (labels + count), labels * count) };
}

import { inputError, RungError } from '#core/errors.ts';

/** As one text, which may be no longer than 2²⁹ characters in Node. */
const mostBytes = 256 * 2 ** 20;

/**
 * Vectors as lines of text: base64 of little-endian 32-bit floats, each of length 1 so that a product is a cosine.
 * Throws a usage error where they are more than a text can hold.
 */
export function writeVectors(vectors: readonly Float32Array[]): string {
  const bytes = vectors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > mostBytes) {
    throw inputError({
      code: 'vectors-too-large',
      message: `The vectors of ${vectors.length.toLocaleString('en')} texts take ${Math.ceil(bytes / 2 ** 20)} MiB; at most ${mostBytes / 2 ** 20} MiB are kept.`,
      hint: 'Make longer passages (passageWords), keep fewer documents or examples, or name a model whose vectors are shorter.',
    });
  }
  const lines = vectors.map((vector) => {
    const unit = unitVector(vector);
    return `${Buffer.from(unit.buffer, unit.byteOffset, unit.byteLength).toString('base64')}\n`;
  });
  return lines.join('');
}

/** The vectors that `writeVectors` wrote. */
export function readVectors(text: string): readonly Float32Array[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const bytes = Buffer.from(line, 'base64');
      // copied, since a buffer's bytes need not lie where floats may
      return new Float32Array(Uint8Array.from(bytes).buffer);
    });
}

/**
 * A ranking of all vectors by their cosine with a query's, the nearest first, ties by their order. Throws where the
 * query's vector is of another length: it was then made by another model.
 */
export function openEmbeddingIndex(vectors: readonly Float32Array[]): (query: Float32Array) => readonly number[] {
  const units = vectors.map(unitVector);
  return (query) => {
    const unit = unitVector(query);
    const odd = units.find(({ length }) => length !== unit.length);
    if (odd !== undefined) throw unusable(`A vector of ${unit.length} numbers cannot be compared with one of ${odd.length}.`);
    const cosines = Float64Array.from(units, (vector) => product(vector, unit));
    return [...units.keys()].sort((a, b) => cosines[b]! - cosines[a]! || a - b);
  };
}

/** The vector at length 1; one of zeros stays as it is, and is as near to all others. Throws where a number is not finite. */
function unitVector(vector: Float32Array): Float32Array {
  const squares = product(vector, vector);
  if (vector.length === 0 || !Number.isFinite(squares))
    throw unusable('A model gave an embedding without numbers, or with one that is not finite.');
  // rounding to 32 bits leaves a unit vector this near to length 1
  if (squares === 0 || Math.abs(squares - 1) < 1e-6) return vector;
  const length = Math.sqrt(squares);
  const unit = new Float32Array(vector.length);
  for (let index = 0; index < vector.length; index++) unit[index] = vector[index]! / length;
  return unit;
}

function product(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < first.length; index++) sum += first[index]! * second[index]!;
  return sum;
}

function unusable(message: string): RungError {
  return new RungError({ code: 'embedding-unusable', message, hint: 'Name another model under the option embeddings.' });
}

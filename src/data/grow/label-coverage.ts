/** Non-zero columns of a text's features and their values, of length 1 together. */
export interface TextVector {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

export interface LabelCoverage {
  /** For each text its cosine to the nearest labelled one, from 0 to 1; 0 while nothing is labelled. */
  readonly nearest: Float32Array;
  /** For each text its mean cosine to a sample of all: how usual it is. */
  readonly typical: Float32Array;
  /** Takes a text as labelled. */
  cover(text: TextVector): void;
}

/** How near texts lie to what is labelled, kept up to date label by label: each costs one look at every text. */
export function labelCoverage(texts: readonly TextVector[], buckets: number, sample: readonly number[]): LabelCoverage {
  const dense = new Float32Array(buckets);
  const product = ({ columns, values }: TextVector) => {
    let sum = 0;
    for (let at = 0; at < columns.length; at++) sum += dense[columns[at]!]! * values[at]!;
    return sum;
  };
  for (const index of sample) {
    const { columns, values } = texts[index]!;
    for (let at = 0; at < columns.length; at++) dense[columns[at]!]! += values[at]!;
  }
  const typical = Float32Array.from(texts, (text) => product(text) / Math.max(1, sample.length));
  dense.fill(0);
  const nearest = new Float32Array(texts.length);
  return {
    nearest,
    typical,
    cover(text) {
      for (let at = 0; at < text.columns.length; at++) dense[text.columns[at]!] = text.values[at]!;
      for (const [index, one] of texts.entries()) nearest[index] = Math.min(1, Math.max(nearest[index]!, product(one)));
      for (const column of text.columns) dense[column] = 0;
    },
  };
}

const otherWeight = 4;
/** What a probability that was rounded to 0 counts as. */
const smallest = 1e-30;

/** Rows whose label other rows speak against. */
export interface LabelSuspects {
  /** Positions of the rows, the least likely label first. */
  readonly rows: readonly number[];
  /** For each row of the data the label that its text suggests most. */
  readonly suggested: Int32Array;
  /** Share of the rows whose given label is the suggested one. */
  readonly accuracy: number;
}

/**
 * Confident learning (Northcutt, Jiang and Chuang 2021, Journal of Artificial Intelligence Research 70:1373-1411) on held-out
 * probabilities, `labelCount` numbers a row. A row counts into the confident joint as label j where j's probability reaches the
 * mean of j among the rows labelled j, the likeliest such j where there are several, and only where no other label is likelier. The joint says how many rows are wrong
 * (those off its diagonal). Which ones, p(given) / p(likeliest other)⁴ says, the smallest first: of the orders that the authors
 * name, own confidence finds labels that were flipped to any other best and confusable ones worst, the margin the other way
 * round, and this one loses little to the better of them on either (measured on CLINC150: docs/data-clean.md).
 */
export function confidentSuspects(probabilities: Float32Array, labels: Int32Array, labelCount: number): LabelSuspects {
  const thresholds = meanOwnProbability(probabilities, labels, labelCount);
  const suggested = new Int32Array(labels.length);
  let [offDiagonal, agreeing] = [0, 0];
  for (const [row, label] of labels.entries()) {
    const offset = row * labelCount;
    let [likeliest, confident] = [0, -1];
    for (let other = 0; other < labelCount; other += 1) {
      const probability = probabilities[offset + other]!;
      if (probability > probabilities[offset + likeliest]!) likeliest = other;
      if (probability < thresholds[other]!) continue;
      if (confident === -1 || probability > probabilities[offset + confident]!) confident = other;
    }
    suggested[row] = likeliest;
    if (likeliest === label) agreeing += 1;
    // a label with few rows has a low mean, which many rows reach that are likelier something else
    if (confident === likeliest && confident !== label) offDiagonal += 1;
  }
  // in logarithms, since the quotient of small probabilities leaves the numbers
  const likeliness = (row: number) => {
    const at = (label: number) => Math.log(Math.max(smallest, probabilities[row * labelCount + label]!));
    return at(labels[row]!) - otherWeight * at(suggested[row]!);
  };
  const rows = [...labels.keys()]
    .filter((row) => suggested[row] !== labels[row])
    .sort((a, b) => likeliness(a) - likeliness(b) || a - b)
    .slice(0, offDiagonal);
  return { rows, suggested, accuracy: labels.length === 0 ? 0 : agreeing / labels.length };
}

// Rounding in 32 bits must not keep a label below its own mean where all its rows are equal.
const rounding = 1e-6;

function meanOwnProbability(probabilities: Float32Array, labels: Int32Array, labelCount: number): Float64Array {
  const sums = new Float64Array(labelCount);
  const counts = new Float64Array(labelCount);
  for (const [row, label] of labels.entries()) {
    sums[label]! += probabilities[row * labelCount + label]!;
    counts[label]! += 1;
  }
  return sums.map((sum, label) => (counts[label] === 0 ? Number.POSITIVE_INFINITY : sum / counts[label]! - rounding));
}

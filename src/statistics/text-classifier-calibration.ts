import { largestOf, softmaxInPlace } from './text-classifier.ts';

/** Label scores of one validation row, and the label it should have. */
export interface ScoredRow {
  readonly scores: Float64Array;
  readonly label: number;
}

const temperatures = { lowest: 0.02, highest: 20 };
const searchSteps = 40;

/**
 * The temperature that makes probabilities fit the validation rows (Guo et al. 2017): the minimum of the cross-entropy,
 * found by golden section over its logarithm; the loss is convex in 1/temperature, so there is one minimum. Targets are
 * smoothed to (n+1)/(n+2) as Platt (1999) does, without which rows that are all right would ask for certainty.
 * 1 where there are no rows.
 */
export function fitTemperature(rows: readonly ScoredRow[]): number {
  if (rows.length === 0) return 1;
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(temperatures.lowest);
  let high = Math.log(temperatures.highest);
  for (let step = 0; step < searchSteps; step++) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (crossEntropy(rows, Math.exp(left)) <= crossEntropy(rows, Math.exp(right))) high = right;
    else low = left;
  }
  // Six digits, so that the last bits of a search do not change the manifest.
  return Number(Math.exp((low + high) / 2).toPrecision(6));
}

function crossEntropy(rows: readonly ScoredRow[], temperature: number): number {
  const right = (rows.length + 1) / (rows.length + 2);
  let sum = 0;
  for (const { scores, label } of rows) {
    const wrong = (1 - right) / Math.max(1, scores.length - 1);
    let largest = Number.NEGATIVE_INFINITY;
    for (const score of scores) largest = Math.max(largest, score / temperature);
    let total = 0;
    for (const score of scores) total += Math.exp(score / temperature - largest);
    const normaliser = largest + Math.log(total);
    for (const [index, score] of scores.entries()) sum += (index === label ? right : wrong) * (normaliser - score / temperature);
  }
  return sum;
}

export interface Abstention {
  /** Answers with less confidence abstain: 0 never abstains, more than 1 always. */
  readonly threshold: number;
  /** Share of the validation rows that are answered. */
  readonly coverage: number;
}

/**
 * The lowest threshold above which validation rows are right at least as often as `precision` says (selective
 * classification; Geifman and El-Yaniv 2017, without their bound).
 */
export function fitAbstention(rows: readonly ScoredRow[], temperature: number, precision: number): Abstention {
  if (rows.length === 0) return { threshold: 0, coverage: 1 };
  const answers = rows
    .map(({ scores, label }) => {
      const answered = largestOf(scores);
      return { right: answered === label, confidence: confidenceOf(scores, temperature, answered) };
    })
    .sort((a, b) => b.confidence - a.confidence);
  let right = 0;
  let kept = 0;
  for (const [index, answer] of answers.entries()) {
    if (answer.right) right++;
    const isLastOfEquals = answers[index + 1]?.confidence !== answer.confidence;
    if (isLastOfEquals && right / (index + 1) >= precision) kept = index + 1;
  }
  if (kept === answers.length) return { threshold: 0, coverage: 1 };
  // Above 1 no confidence reaches: every answer abstains.
  const threshold = kept === 0 ? 2 : (answers[kept - 1]?.confidence ?? 2);
  return { threshold, coverage: kept / answers.length };
}

function confidenceOf(scores: Float64Array, temperature: number, label: number): number {
  const probabilities = Float64Array.from(scores);
  softmaxInPlace(probabilities, temperature);
  return probabilities[label] ?? 0;
}

import { type AnsweredQuestion, featuresOfAnswer } from './cascade-features.ts';
import { type LinearClassifier, rowTable, scoresInto } from './text-classifier.ts';
import { trainClassifier } from './text-classifier-training.ts';
import { type FeatureSettings, featuresOf, type SparseRow } from './text-features.ts';

/** An answer that is known to be right or not, as far as `right` in [0, 1] says. */
export interface JudgedAnswer extends AnsweredQuestion {
  readonly right: number;
}

/** What a predictor looks at. */
export type PredictorView = 'question' | 'question and answer';

/** A predictor's numbers; its two classifiers over words are kept apart, since they are large. */
export interface PredictorWeights {
  readonly features: FeatureSettings;
  /** Of every column: what is taken off it and what it is divided by. */
  readonly centre: readonly number[];
  readonly scale: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
}

export interface Predictor {
  readonly view: PredictorView;
  readonly dense: PredictorWeights;
  readonly words: readonly LinearClassifier[];
}

interface PredictorOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly view?: PredictorView;
}

/** Words alone: runs of characters take longer to learn and are no better on recorded answers to GSM8K. */
const wordFeatures: FeatureSettings = { buckets: 2 ** 15, characters: [1, 0], words: [1, 2] };
const folds = 5;
/** More rows than this hardly make a logistic regression better, and cost time. */
const mostRows = 4000;
/** Strength of the L2 penalty on standardised columns, against one row's loss: about 5 rows' worth. */
const penalty = 5;

/**
 * Foretells whether an answer is right, from it and its question: logistic regression over counts of what the texts show
 * and over the scores of two classifiers over words, one on questions and one on answers. Those scores are made for every
 * training row by classifiers that did not see it (stacking, Wolpert 1992, Neural Networks 5:241-259). Labels are whether
 * `right` is at least one half. The same rows and seed give the same numbers.
 */
export async function trainPredictor(all: readonly JudgedAnswer[], options: PredictorOptions): Promise<Predictor> {
  const view = options.view ?? 'question and answer';
  const rows = all.slice(0, mostRows);
  const labels = rows.map(({ right }) => (right >= 0.5 ? 1 : 0));
  const texts = textsOf(view);
  const stacked = await Promise.all(texts.map((text) => crossFitted(rows.map(text), labels, options)));
  const columns = rows.map((row, index) => [...denseOf(view, row), ...stacked.map((scores) => scores[index]!)]);
  const words: LinearClassifier[] = [];
  for (const text of texts) words.push(await wordsClassifier(rows.map(text), labels, options));
  return { view, dense: fitLogistic(columns, labels), words };
}

/** ln odds that the answer is right, as far as the predictor can tell; not calibrated. */
export function predictorScore({ view, dense, words }: Predictor): (row: AnsweredQuestion) => number {
  const tables = words.map((classifier) => rowTable(classifier.buckets, dense.features.buckets));
  const texts = textsOf(view);
  return (row) => {
    const ofWords = words.map((classifier, index) => oddsOf(classifier, tables[index]!, featuresOf(texts[index]!(row), dense.features)));
    return linear(dense, [...denseOf(view, row), ...ofWords]);
  };
}

/** Scores of training rows, each by a predictor that did not see it. */
export async function crossFittedScores(rows: readonly JudgedAnswer[], options: PredictorOptions): Promise<Float64Array> {
  const scores = new Float64Array(rows.length);
  for (let fold = 0; fold < folds; fold++) {
    const predictor = await trainPredictor(
      rows.filter((_, index) => index % folds !== fold),
      options,
    );
    const score = predictorScore(predictor);
    for (let index = fold; index < rows.length; index += folds) scores[index] = score(rows[index]!);
  }
  return scores;
}

function textsOf(view: PredictorView): readonly ((row: AnsweredQuestion) => string)[] {
  const question = (row: AnsweredQuestion) => row.question;
  return view === 'question' ? [question] : [question, ({ answer }) => answer];
}

function denseOf(view: PredictorView, { question, answer }: AnsweredQuestion): readonly number[] {
  return [...featuresOfAnswer({ question, answer: view === 'question' ? '' : answer })];
}

function wordsClassifier(
  texts: readonly string[],
  labels: readonly number[],
  { seed, signal }: PredictorOptions,
): Promise<LinearClassifier> {
  const rows = texts.map((text) => featuresOf(text, wordFeatures));
  return trainClassifier({ rows, labels, labelCount: 2, buckets: wordFeatures.buckets }, { seed, signal });
}

async function crossFitted(texts: readonly string[], labels: readonly number[], options: PredictorOptions): Promise<Float64Array> {
  const scores = new Float64Array(texts.length);
  for (let fold = 0; fold < folds; fold++) {
    const kept = (_: unknown, index: number) => index % folds !== fold;
    const classifier = await wordsClassifier(texts.filter(kept), labels.filter(kept), options);
    const table = rowTable(classifier.buckets, wordFeatures.buckets);
    for (let index = fold; index < texts.length; index += folds)
      scores[index] = oddsOf(classifier, table, featuresOf(texts[index]!, wordFeatures));
  }
  return scores;
}

function oddsOf(classifier: LinearClassifier, table: Int32Array, features: SparseRow): number {
  const scores = new Float64Array(2);
  scoresInto(scores, features, classifier, table);
  return scores[1]! - scores[0]!;
}

function linear({ centre, scale, weights, intercept }: PredictorWeights, columns: readonly number[]): number {
  return columns.reduce((sum, value, column) => sum + (weights[column]! * (value - centre[column]!)) / scale[column]!, intercept);
}

const newtonSteps = 30;

/** Logistic regression with an L2 penalty on standardised columns, by Newton's method. */
function fitLogistic(rows: readonly (readonly number[])[], labels: readonly number[]): PredictorWeights {
  const width = rows[0]?.length ?? 0;
  const centre = Array.from({ length: width }, (_, column) => meanOf(rows, (row) => row[column]!));
  const scale = centre.map((mean, column) => Math.sqrt(meanOf(rows, (row) => (row[column]! - mean) ** 2)) || 1);
  const standard = rows.map((row) => [...row.map((value, column) => (value - centre[column]!) / scale[column]!), 1]);
  const right = labels.reduce((sum, label) => sum + label, 0);
  const weights = new Float64Array(width + 1);
  weights[width] = Math.log((right + 1) / (labels.length - right + 1));
  for (let step = 0; step < newtonSteps; step++) {
    const gradient = weights.map((weight, column) => (column < width ? penalty * weight : 0));
    const curvature = Array.from({ length: width + 1 }, (_, column) => {
      const line = new Float64Array(width + 1);
      line[column] = column < width ? penalty : 1e-6;
      return line;
    });
    for (const [index, row] of standard.entries()) {
      const odds = row.reduce((sum, value, column) => sum + value * weights[column]!, 0);
      const chance = 1 / (1 + Math.exp(-odds));
      const weight = Math.max(1e-9, chance * (1 - chance));
      for (let column = 0; column <= width; column++) {
        gradient[column]! += (chance - labels[index]!) * row[column]!;
        const line = curvature[column]!;
        for (let other = 0; other <= column; other++) line[other]! += weight * row[column]! * row[other]!;
      }
    }
    const change = solve(curvature, gradient);
    const longest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const shorten = Math.max(1, longest / 2);
    for (let column = 0; column <= width; column++) weights[column]! -= change[column]! / shorten;
    if (longest < 1e-8) break;
  }
  // nine digits, so that the last bits of a search do not change a manifest
  const digits = (value: number) => Number(value.toPrecision(9));
  return {
    features: wordFeatures,
    centre: centre.map(digits),
    scale: scale.map(digits),
    weights: [...weights.slice(0, width)].map(digits),
    intercept: digits(weights[width]!),
  };
}

/** Solves a symmetric positive definite system given by its lower triangle, by Cholesky's factors. */
function solve(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let value = lower[row]![column]!;
      for (let k = 0; k < column; k++) value -= lower[row]![k]! * lower[column]![k]!;
      lower[row]![column] = row === column ? Math.sqrt(Math.max(1e-12, value)) : value / lower[column]![column]!;
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) solution[row]! -= lower[row]![k]! * solution[k]!;
    solution[row]! /= lower[row]![row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) solution[row]! -= lower[k]![row]! * solution[k]!;
    solution[row]! /= lower[row]![row]!;
  }
  return solution;
}

function meanOf(rows: readonly (readonly number[])[], value: (row: readonly number[]) => number): number {
  return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
}

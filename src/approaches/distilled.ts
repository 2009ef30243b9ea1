import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApproachContext, defineApproach, type PrepareInput, type RestoreContext } from '#core/approach.ts';
import { type Candidate, candidateId, type Manifest } from '#core/candidate.ts';
import { inputError, RungError } from '#core/errors.ts';
import { type Example, textOf } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import {
  decodeClassifier,
  encodeClassifier,
  type LinearClassifier,
  largestOf,
  rowTable,
  scoresInto,
  softmaxInPlace,
} from '#statistics/text-classifier.ts';
import { fitAbstention, fitTemperature, type ScoredRow } from '#statistics/text-classifier-calibration.ts';
import { trainClassifier } from '#statistics/text-classifier-training.ts';
import { defaultFeatures, type FeatureSettings, featuresOf } from '#statistics/text-features.ts';
import { refuseUnknownOptions } from './prompted.ts';

const id = 'distilled';
const weightsFile = 'classifier.bin';
const usualPrecision = 0.95;

interface DistilledState {
  readonly labels: readonly string[];
  readonly features: FeatureSettings;
  readonly temperature: number;
  /** Answers with less confidence are not to be relied on. */
  readonly threshold: number;
  /** Share of the validation rows with at least that confidence, and how many rows there were. */
  readonly coverage: number;
  readonly validationRows: number;
  /** True where such answers are withheld. */
  readonly abstain: boolean;
}

/**
 * A small local classifier for label tasks: logistic regression over hashed character and word runs, trained in
 * seconds, calibrated on the validation split. It asks no model; every answer carries its confidence.
 */
export const distilled = defineApproach({
  id,
  summary: 'A small local classifier, trained in seconds and calibrated; for label tasks.',
  asksModel: false,
  checkOptions(options) {
    refuseUnknownOptions(id, options, ['abstain', 'precision']);
    const { abstain, precision } = options;
    if (abstain !== undefined && typeof abstain !== 'boolean') throw optionError('abstain', 'true or false');
    const fits = precision === undefined || (typeof precision === 'number' && precision > 0 && precision <= 1);
    if (!fits) throw optionError('precision', 'a number above 0 and at most 1');
  },
  skip: reasonToSkip,
  forecast: () => ({ prepareCalls: 0, callsPerAnswer: 0, inputTokens: 0, outputTokens: 0 }),
  prepare,
  restore,
});

function optionError(option: string, wanted: string): RungError {
  return inputError({
    code: 'wrong-option',
    message: `The option ${option} of the rung ${id} must be ${wanted}.`,
    hint: 'Correct it in the ladder of the task file.',
  });
}

function reasonToSkip({ task, train }: PrepareInput): string | undefined {
  if (task.output.kind !== 'labels') return 'It answers with labels only.';
  const seen = new Set(train.map((example) => example.expected));
  const missing = task.output.labels.filter((label) => !seen.has(label));
  if (missing.length === 0) return undefined;
  return `It learns from examples, and ${missing.length} of ${task.output.labels.length} labels have none in the training split: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}.`;
}

function labelled(examples: readonly Example[], labels: readonly string[]): { text: string; label: number }[] {
  const indices = new Map(labels.map((label, index) => [label, index]));
  return examples.flatMap(({ input, expected }) => {
    const label = typeof expected === 'string' ? indices.get(expected) : undefined;
    return label === undefined ? [] : [{ text: textOf(input), label }];
  });
}

async function prepare(input: PrepareInput, context: ApproachContext): Promise<Manifest> {
  const { task, name, options, seed } = input;
  if (task.output.kind !== 'labels') throw new TypeError('The rung distilled was prepared for a task without labels.');
  const { labels } = task.output;
  const features = defaultFeatures;
  const train = labelled(input.train, labels);
  const classifier = await trainClassifier(
    {
      rows: train.map((row) => featuresOf(row.text, features)),
      labels: train.map((row) => row.label),
      labelCount: labels.length,
      buckets: features.buckets,
    },
    { seed, signal: context.signal, onPass: (done, total) => context.progress({ message: 'training the classifier', done, total }) },
  );
  const validation = scoreRows(labelled(input.validation, labels), classifier, features);
  const temperature = fitTemperature(validation);
  const precision = typeof options['precision'] === 'number' ? options['precision'] : usualPrecision;
  const state: DistilledState = {
    labels,
    features,
    temperature,
    ...fitAbstention(validation, temperature, precision),
    validationRows: validation.length,
    abstain: options['abstain'] === true,
  };
  const weights = await context.artefacts.write({ [weightsFile]: encodeClassifier(classifier) });
  return {
    schema: 'rung.candidate/1',
    approach: id,
    name,
    model: null,
    // interfaces have no index signature, but this state is plain JSON
    state: state as unknown as JsonObject,
    artefacts: { weights },
  };
}

function scoreRows(rows: readonly { text: string; label: number }[], classifier: LinearClassifier, features: FeatureSettings): ScoredRow[] {
  const table = rowTable(classifier.buckets, features.buckets);
  return rows.map(({ text, label }) => {
    const scores = new Float64Array(classifier.labels);
    scoresInto(scores, featuresOf(text, features), classifier, table);
    return { scores, label };
  });
}

async function restore(manifest: Manifest, context: RestoreContext): Promise<Candidate> {
  const { labels, features, temperature, threshold, abstain } = manifest.state as unknown as DistilledState;
  const file = join(await context.artefacts.path(manifest.artefacts['weights'] ?? ''), weightsFile);
  const classifier = decodeClassifier(await readFile(file));
  if (classifier === undefined || classifier.labels !== labels.length) {
    throw new RungError({
      code: 'artefact-unreadable',
      message: 'The weights of the distilled classifier do not fit its manifest.',
      hint: 'Run the climb again with --fresh.',
      place: { file },
    });
  }
  const table = rowTable(classifier.buckets, features.buckets);
  return {
    id: candidateId(manifest),
    manifest,
    async answer(input, { signal }) {
      signal.throwIfAborted();
      const scores = new Float64Array(labels.length);
      scoresInto(scores, featuresOf(textOf(input), features), classifier, table);
      softmaxInPlace(scores, temperature);
      const best = largestOf(scores);
      const confidence = scores[best] ?? 0;
      if (abstain && confidence < threshold) return { text: '', value: undefined, strict: false, calls: [], confidence };
      const label = labels[best] ?? '';
      return { text: label, value: label, strict: true, calls: [], confidence };
    },
  };
}

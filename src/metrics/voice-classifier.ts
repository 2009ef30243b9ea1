import type { VoiceSamples } from '#data/persona-neutral.ts';
import { wilsonInterval } from '#statistics/proportion.ts';
import { largestOf, rowTable, scoresInto, softmaxInPlace } from '#statistics/text-classifier.ts';
import { fitTemperature, type ScoredRow } from '#statistics/text-classifier-calibration.ts';
import { trainClassifier } from '#statistics/text-classifier-training.ts';
import { defaultFeatures, featuresOf } from '#statistics/text-features.ts';

/** Tells a voice from the same things said without it; or says why it cannot. */
export type VoiceClassifier =
  | { readonly probability: (text: string) => number; readonly why?: undefined }
  | { readonly probability?: undefined; readonly why: string };

interface Labelled {
  readonly text: string;
  readonly label: 0 | 1;
}

const fewestOfEach = 6;
const mostOfEach = 400;
/** Every so many texts one is kept from training, to calibrate and to check on. */
const heldOutEvery = 4;

/**
 * Logistic regression over character and word runs, voiced against neutral answers, calibrated on held-out ones. It is
 * only used where it tells those apart better than chance at 95 %. Where the persona writes no neutral answers it learns
 * from stripped ones alone, and then hardly knows more than the rules do.
 */
export async function voiceClassifier({ voiced, neutral, stripped }: VoiceSamples, seed: number): Promise<VoiceClassifier> {
  const positive = spread(voiced, mostOfEach);
  // neutral answers that a person wrote count as much as all the stripped ones
  const made = spread(stripped, Math.max(fewestOfEach, Math.ceil(positive.length / 2)));
  const negative = neutral.length + made.length;
  if (positive.length < fewestOfEach || negative < fewestOfEach) {
    const missing = positive.length < fewestOfEach ? `${positive.length} answers in the voice` : `${negative} neutral answers`;
    return { why: `the classifier has ${missing} to learn from, and needs ${fewestOfEach}` };
  }
  const groups = [labelled(positive, 1), labelled(neutral, 0), labelled(made, 0)];
  const held = groups.flatMap((group) => group.filter((_, at) => at % heldOutEvery === heldOutEvery - 1));
  const learnt = groups.map((group) => group.filter((_, at) => at % heldOutEvery !== heldOutEvery - 1));
  const [positives = [], written = [], stript = []] = learnt;
  const rows = [...positives, ...repeated(written, Math.max(positives.length - stript.length, written.length)), ...stript];
  const classifier = await trainClassifier(
    {
      rows: rows.map(({ text }) => featuresOf(text, defaultFeatures)),
      labels: rows.map(({ label }) => label),
      labelCount: 2,
      buckets: defaultFeatures.buckets,
    },
    { seed, signal: new AbortController().signal },
  );
  const table = rowTable(classifier.buckets, defaultFeatures.buckets);
  const scoresOf = (text: string) => {
    const scores = new Float64Array(2);
    scoresInto(scores, featuresOf(text, defaultFeatures), classifier, table);
    return scores;
  };
  const checked: ScoredRow[] = held.map(({ text, label }) => ({ scores: scoresOf(text), label }));
  const right = checked.filter(({ scores, label }) => largestOf(scores) === label).length;
  if (wilsonInterval(right, checked.length, 0.95).low <= 0.5) {
    return { why: `the classifier tells ${right} of ${checked.length} held-out answers right, which may be chance` };
  }
  const temperature = fitTemperature(checked);
  return {
    probability(text) {
      const scores = scoresOf(text);
      softmaxInPlace(scores, temperature);
      return scores[1] ?? 0;
    },
  };
}

function labelled(texts: readonly string[], label: 0 | 1): readonly Labelled[] {
  return texts.map((text) => ({ text, label }));
}

/** At most so many, evenly over the list. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, items.length / most);
  return Array.from({ length: Math.min(items.length, most) }, (_, at) => items[Math.floor(at * step)]!);
}

function repeated<T>(items: readonly T[], times: number): readonly T[] {
  return items.length === 0 ? [] : Array.from({ length: times }, (_, at) => items[at % items.length]!);
}

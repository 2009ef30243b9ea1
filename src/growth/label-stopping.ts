import type { Estimate } from '#core/estimate.ts';
import { fewestCurveRows, type LabelCurve } from './label-curve.ts';
import type { LabelLearning } from './label-learning.ts';

/** What says that more labels stop paying, in words with figures. Nothing stops by itself. */
export interface LabelStopping {
  /** True where at least one of the two signs is there. */
  readonly enough: boolean;
  readonly gain: { readonly seen: boolean | null; readonly minimumGain: number; readonly estimate?: Estimate; readonly text: string };
  readonly agreement: {
    readonly seen: boolean | null;
    readonly threshold: number;
    readonly latest: readonly Estimate[];
    readonly text: string;
  };
}

/** Mean agreement of the last three pairs of models (Bloodgood and Vijay-Shanker 2009, CoNLL 39-47). */
const threshold = 0.99;
const window = 3;
/** Ours: on fewer rows 99 % cannot be told from 97 %. */
const fewestUnlabelled = 100;

/**
 * Two signs: (a) the upper end of the gain that a doubling is forecast to bring is under the smallest gain that matters, (b) the last models agree
 * on the unlabelled rows by a kappa of 0.99 or more, which bounds the change of F by 4(1 − 0.99)/0.99, 0.04 (arXiv 1504.06329). `seen` is null
 * where it cannot be told yet.
 */
export function labelStopping(
  { curve, agreements, learntFrom }: Pick<LabelLearning, 'curve' | 'agreements' | 'learntFrom'>,
  minimumGain: number,
): LabelStopping {
  const gain = gainSign(curve, minimumGain, learntFrom);
  const agreement = agreementSign(agreements.slice(-window));
  return { enough: gain.seen === true || agreement.seen === true, gain, agreement };
}

function gainSign(curve: LabelCurve | undefined, minimumGain: number, learntFrom: number): LabelStopping['gain'] {
  const matters = `the ${points(minimumGain)} points that matter`;
  if (curve === undefined) {
    const text =
      learntFrom < fewestCurveRows
        ? `Too few labelled rows to forecast what more would bring: ${fewestCurveRows} are needed.`
        : 'What more labels would bring is being worked out.';
    return { seen: null, minimumGain, text };
  }
  const { gain, rows, why } = curve;
  if (gain === undefined) return { seen: null, minimumGain, text: `What more labels would bring cannot be forecast: ${why}.` };
  const seen = gain.high < minimumGain;
  const verdict = seen
    ? `surely less than ${matters}`
    : gain.value < minimumGain
      ? `probably less than ${matters}, not surely`
      : gain.low >= minimumGain
        ? `surely more than ${matters}`
        : `probably more than ${matters}, not surely`;
  const band = `95 % band ${points(gain.low)} to ${points(gain.high)}, n ${gain.n}, ${gain.method}`;
  const text = `From ${rows} to ${2 * rows} training rows the small classifier is forecast to gain ${points(gain.value)} points of accuracy (${band}): ${verdict}.`;
  return { seen, minimumGain, estimate: gain, text };
}

function agreementSign(latest: readonly Estimate[]): LabelStopping['agreement'] {
  const told = { threshold, latest };
  const last = latest.at(-1);
  if (last === undefined) return { ...told, seen: null, text: 'Too few models were trained to say whether they still change.' };
  const mean = latest.reduce((sum, { value }) => sum + value, 0) / latest.length;
  const figures = `kappa ${mean.toFixed(3)}, mean of the last ${latest.length}; the latest ${last.value.toFixed(3)}, 95 % interval ${last.low.toFixed(3)} to ${last.high.toFixed(3)}, n ${last.n}, ${last.method}`;
  if (last.n < fewestUnlabelled) {
    return { ...told, seen: null, text: `Only ${last.n} unlabelled rows are left to compare models on (${figures}).` };
  }
  if (latest.length < window)
    return { ...told, seen: null, text: `Successive models on the unlabelled rows: ${figures}; three are needed.` };
  const seen = mean >= threshold;
  const text = seen
    ? `Successive models agree on the unlabelled rows (${figures}): at ${threshold} or more, F changes by at most 0.04 from one to the next.`
    : `Successive models still change their minds on the unlabelled rows (${figures}; ${threshold} is where labels stop paying).`;
  return { ...told, seen, text };
}

function points(share: number): string {
  const text = Math.abs(share * 100)
    .toFixed(1)
    .replace(/\.0$/, '');
  return share < 0 && text !== '0' ? `−${text}` : text;
}

import { z } from 'zod';
import { defineGuard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import { mostSamples } from '#core/trainer.ts';
import { exactEstimate } from '#statistics/proportion.ts';
import { blocksOption, readOptions } from './options.ts';
import { causeOf, lengthCause } from './parity-cause.ts';
import { asking, type Compared, compare, nearTie } from './parity-compare.ts';
import { count, share } from './words.ts';

const schema = z.strictObject({
  /** Of the difference of ln p per token. */
  tolerance: z.number().positive().max(10).default(0.05),
  /** Samples that may differ. */
  limit: z.number().min(0).max(1).default(0),
  blocks: blocksOption,
});

const suggestions = [
  'the chat template of the server: it must be the one that the trainer rendered its rows with',
  'the adapter that is served: the right one, on the right base, at the right scale',
  'the precision of the server: quantised weights answer otherwise than those that were trained',
];

/**
 * The served model must be the one that was trained: on sample rows the server gives the greedy answer that the trainer's own
 * library gave, with the same log-probability. A tune that works in training and fails in serving mostly differs in its chat
 * template. Nothing is estimated here: each sample agrees or does not. Where one does not, the untuned model is asked too.
 */
export const parity = defineGuard({
  id: 'parity',
  summary: 'The served model gives the trainer’s answers and log-probabilities on sample rows.',
  remedies: [],
  checkOptions: (options) => void readOptions('parity', schema, options),
  skip: ({ samples = [] }) => (samples.length === 0 ? 'the trainer gave no sample answers to hold the server against' : undefined),
  // the prompts of the samples are those of rows; what the untuned model would say is asked where the tuned one's differs
  forecast: () => ({ answers: 2 * mostSamples, questions: 0, outputTokens: 0 }),
  async run(input, context) {
    const { tolerance, limit, blocks } = readOptions('parity', schema, input.options);
    const samples = (input.samples ?? []).slice(0, mostSamples);
    const compared = (await Promise.all(samples.map((sample) => compare(sample, tolerance, input, context)))).filter(
      (each) => each !== undefined,
    );
    const decided = compared.filter(({ outcome }) => outcome !== 'tie');
    const common = {
      id: 'parity',
      measure: 'share of sample rows that the server answers otherwise',
      limit,
      better: 'lower' as const,
      blocks,
      cases: compared.map(({ outcome, reason }, at) => ({ id: `sample ${at + 1}`, passed: outcome !== 'other', reason })),
    };
    const estimate = exactEstimate(
      Float64Array.from(decided, ({ outcome }) => (outcome === 'same' ? 0 : 1)),
      { confidence: input.confidence },
    );
    const unanswered = samples.length - compared.length;
    const silence = unanswered === 0 ? '' : `${count(unanswered)} of ${count(samples.length)} sample rows brought no answer.`;
    const told = async (...sentences: readonly string[]) =>
      [...sentences, tiesTold(compared, tolerance), silence, await toldCause(compared, tolerance, input, context)]
        .filter((sentence) => sentence !== '')
        .join(' ');
    if (estimate === undefined) {
      const why = compared.length === 0 ? 'The server answered none of the sample rows.' : await told('No sample row tells.');
      return { ...common, status: 'undecided', why, suggestions };
    }
    const { value, low, high, n, method } = estimate;
    const status = value > limit ? 'failed' : unanswered > 0 ? 'undecided' : 'passed';
    return {
      ...{ ...common, status, value, low, high, n, method },
      why: await told(whyOf(decided, tolerance)),
      ...(status === 'passed' ? {} : { suggestions }),
    } satisfies GuardResult;
  },
});

/** What the rows that differ have in common, as a sentence; nothing where all agree or nothing can be told. */
async function toldCause(compared: readonly Compared[], tolerance: number, input: GuardInput, context: GuardContext): Promise<string> {
  const unlike = await Promise.all(
    compared
      .filter(({ outcome }) => outcome === 'other')
      .map(async ({ sample, served }) => ({
        sample,
        served,
        untuned: await context.ask(input.base, { messages: sample.messages }, asking(sample)),
      })),
  );
  return causeOf(unlike, tolerance) ?? lengthCause(compared) ?? '';
}

function whyOf(compared: readonly Compared[], tolerance: number): string {
  const unlike = compared.filter(({ outcome }) => outcome === 'other');
  const differences = compared.flatMap(({ difference }) => (difference === undefined ? [] : [difference]));
  const largest = differences.length === 0 ? undefined : Math.max(...differences);
  const figures =
    largest === undefined
      ? compared.some(({ outcome }) => outcome === 'same')
        ? 'The server gives no log-probabilities of whole answers, so texts alone were compared.'
        : 'No text is the same, so no probabilities were compared.'
      : `The largest difference of ln p per token is ${largest.toPrecision(2)} (tolerance ${tolerance}, n ${differences.length}).`;
  const what =
    unlike.length === 0
      ? `All ${count(compared.length)} sample rows`
      : `${count(compared.length - unlike.length)} of ${count(compared.length)} sample rows`;
  const first = unlike[0] === undefined ? '' : ` The first that is not: ${unlike[0].reason}.`;
  return `${what} (${share(1 - unlike.length / compared.length)}) are answered as in training. ${figures}${first}`;
}

/** Rows that were set aside, as a sentence; empty where there are none. */
function tiesTold(compared: readonly Compared[], tolerance: number): string {
  const margins = compared.flatMap(({ outcome, sample }) => (outcome === 'tie' ? [sample.margin ?? 0] : []));
  if (margins.length === 0) return '';
  const apart = `${margins.length > 1 ? 'up to ' : ''}${Math.max(...margins).toPrecision(2)}`;
  const rows = margins.length === 1 ? '1 sample row differs and holds' : `${count(margins.length)} sample rows differ and hold`;
  return `${rows} a near tie: two tokens ${apart} apart in ln p in training, within the ${nearTie(tolerance)} that the tolerance allows. That counts neither way.`;
}

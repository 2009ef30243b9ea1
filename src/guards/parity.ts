import { z } from 'zod';
import { type AskedAnswer, defineGuard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { exactEstimate } from '#statistics/proportion.ts';
import { blocksOption, readOptions } from './options.ts';
import { causeOf, lengthCause } from './parity-cause.ts';
import { count, share, shown } from './words.ts';

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

interface Compared {
  readonly sample: TrainerSample;
  readonly served: AskedAnswer;
  readonly same: boolean;
  /** Absolute difference of ln p per token; absent where the server gives none. */
  readonly difference?: number;
  readonly reason: string;
}

/**
 * The served model must be the one that was trained: on sample rows the server gives the greedy answer that the trainer's own
 * library gave, with the same log-probability. A tune that works in training and fails in serving mostly differs in its chat
 * template. Nothing is estimated here: each sample agrees or does not. Where one does not, the untuned model is asked too.
 */
export const parity = defineGuard({
  id: 'parity',
  summary: 'The served model gives the trainer’s answers and log-probabilities on sample rows.',
  checkOptions: (options) => void readOptions('parity', schema, options),
  skip: ({ samples = [] }) => (samples.length === 0 ? 'the trainer gave no sample answers to hold the server against' : undefined),
  async run(input, context) {
    const { tolerance, limit, blocks } = readOptions('parity', schema, input.options);
    const samples = input.samples ?? [];
    const compared = (await Promise.all(samples.map((sample) => compare(sample, tolerance, input, context)))).filter(
      (each) => each !== undefined,
    );
    const common = {
      id: 'parity',
      measure: 'share of sample rows that the server answers otherwise',
      limit,
      better: 'lower' as const,
      blocks,
    };
    const estimate = exactEstimate(
      Float64Array.from(compared, ({ same }) => (same ? 0 : 1)),
      { confidence: input.confidence },
    );
    if (estimate === undefined) return { ...common, status: 'undecided', why: 'The server answered none of the sample rows.', suggestions };
    const { value, low, high, n, method } = estimate;
    const unanswered = samples.length - compared.length;
    const status = value > limit ? 'failed' : unanswered > 0 ? 'undecided' : 'passed';
    const silence = unanswered === 0 ? '' : ` ${count(unanswered)} of ${count(samples.length)} sample rows brought no answer.`;
    const cases = compared.map(({ same, reason }, at) => ({ id: `sample ${at + 1}`, passed: same, reason }));
    return {
      ...{ ...common, status, value, low, high, n, method, cases },
      why: `${whyOf(compared, tolerance)}${silence}${await toldCause(compared, tolerance, input, context)}`,
      ...(status === 'passed' ? {} : { suggestions }),
    } satisfies GuardResult;
  },
});

async function compare(sample: TrainerSample, tolerance: number, input: GuardInput, context: GuardContext): Promise<Compared | undefined> {
  const served = await context.ask(input.tuned, { messages: sample.messages }, asking(sample));
  if (served === undefined) return undefined;
  const { text, logProbability } = served;
  if (text.trim() !== sample.text.trim()) return { sample, served, same: false, reason: firstDifference(sample.text.trim(), text.trim()) };
  if (logProbability === undefined) return { sample, served, same: true, reason: 'the same text; the server gives no log-probabilities' };
  const trained = trainedOver(sample, served);
  if (trained === undefined) {
    const reason = `the same text; the server gives log-probabilities of ${served.tokens} of ${sample.tokens} tokens`;
    return { sample, served, same: true, reason };
  }
  const difference = Math.abs(logProbability - trained.logProbability) / Math.max(1, trained.tokens);
  const figures = `ln p ${trained.logProbability.toFixed(4)} in training, ${logProbability.toFixed(4)} served, ${trained.tokens} tokens`;
  return { sample, served, difference, same: difference <= tolerance, reason: `the same text; ${figures}` };
}

/**
 * The trainer's ln p over as many tokens as the server tells of: all, or all but the end token, which OpenAI's chat API leaves
 * out. Undefined where it tells of others, as llama.cpp does where several tokens make up a character.
 */
function trainedOver(sample: TrainerSample, served: AskedAnswer): { readonly logProbability: number; readonly tokens: number } | undefined {
  const { logProbability, tokens, endLogProbability } = sample;
  if (served.tokens === undefined || served.tokens === tokens) return { logProbability, tokens };
  if (endLogProbability === undefined || served.tokens !== tokens - 1) return undefined;
  return { logProbability: logProbability - endLogProbability, tokens: tokens - 1 };
}

const asking = ({ tokens }: TrainerSample) => ({ maxOutputTokens: tokens + 8, logProbabilities: true });

/** What the rows that differ have in common, as a sentence; nothing where all agree or nothing can be told. */
async function toldCause(compared: readonly Compared[], tolerance: number, input: GuardInput, context: GuardContext): Promise<string> {
  const unlike = await Promise.all(
    compared
      .filter(({ same }) => !same)
      .map(async ({ sample, served }) => ({
        sample,
        served,
        untuned: await context.ask(input.base, { messages: sample.messages }, asking(sample)),
      })),
  );
  const cause = causeOf(unlike, tolerance) ?? lengthCause(compared);
  return cause === undefined ? '' : ` ${cause}`;
}

function firstDifference(trained: string, served: string): string {
  let at = 0;
  while (at < trained.length && trained[at] === served[at]) at++;
  const from = Math.max(0, at - 20);
  return `differs at character ${at + 1}: ${shown(trained.slice(from), 60)} in training, ${shown(served.slice(from), 60)} served`;
}

function whyOf(compared: readonly Compared[], tolerance: number): string {
  const unlike = compared.filter(({ same }) => !same);
  const differences = compared.flatMap(({ difference }) => (difference === undefined ? [] : [difference]));
  const largest = differences.length === 0 ? undefined : Math.max(...differences);
  const figures =
    largest === undefined
      ? compared.some(({ same }) => same)
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

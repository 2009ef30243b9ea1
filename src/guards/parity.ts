import { z } from 'zod';
import { defineGuard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { exactEstimate } from '#statistics/proportion.ts';
import { blocksOption, readOptions } from './options.ts';
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
  readonly same: boolean;
  /** Absolute difference of ln p per token; absent where the server gives none. */
  readonly difference?: number;
  readonly reason: string;
}

/**
 * The served model must be the one that was trained: on sample rows the server gives the greedy answer that the trainer's own
 * library gave, with the same log-probability. A tune that works in training and fails in serving mostly differs in its chat
 * template. Nothing is estimated here: each sample agrees or does not.
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
    const status = value <= limit ? 'passed' : 'failed';
    const cases = compared.map(({ same, reason }, at) => ({ id: `sample ${at + 1}`, passed: same, reason }));
    return {
      ...{ ...common, status, value, low, high, n, method, cases },
      why: whyOf(compared, tolerance),
      ...(status === 'passed' ? {} : { suggestions }),
    } satisfies GuardResult;
  },
});

async function compare(sample: TrainerSample, tolerance: number, input: GuardInput, context: GuardContext): Promise<Compared | undefined> {
  const options = { maxOutputTokens: sample.tokens + 8, logProbabilities: true };
  const answer = await context.ask(input.tuned, { messages: sample.messages }, options);
  if (answer === undefined) return undefined;
  if (answer.text.trim() !== sample.text.trim())
    return { sample, same: false, reason: firstDifference(sample.text.trim(), answer.text.trim()) };
  if (answer.logProbability === undefined) return { sample, same: true, reason: 'the same text; the server gives no log-probabilities' };
  const difference = Math.abs(answer.logProbability - sample.logProbability) / Math.max(1, sample.tokens);
  const figures = `ln p ${sample.logProbability.toFixed(4)} in training, ${answer.logProbability.toFixed(4)} served, ${sample.tokens} tokens`;
  return { sample, difference, same: difference <= tolerance, reason: `the same text; ${figures}` };
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
      ? 'The server gives no log-probabilities, so texts alone were compared.'
      : `The largest difference of ln p per token is ${largest.toPrecision(2)} (tolerance ${tolerance}, n ${differences.length}).`;
  const what =
    unlike.length === 0
      ? `All ${count(compared.length)} sample rows`
      : `${count(compared.length - unlike.length)} of ${count(compared.length)} sample rows`;
  const first = unlike[0] === undefined ? '' : ` The first that is not: ${unlike[0].reason}.`;
  return `${what} (${share(1 - unlike.length / compared.length)}) are answered as in training. ${figures}${first}`;
}

import { z } from 'zod';
import { type Example, expectedText, textOf } from '#core/example.ts';
import { defineGuard, type GuardContext, type GuardInput, type GuardResult } from '#core/guard.ts';
import type { Json } from '#core/json.ts';
import { answerOverlap, type Overlap } from '#data/answer-overlap.ts';
import { type Canary, digitsTold, plantedCanaries } from '#data/grow/canaries.ts';
import { trainedAnswers, trainedConversations } from '#data/trained-answers.ts';
import { exactEstimate } from '#statistics/proportion.ts';
import { judgeLoss, statusOf } from './judge-loss.ts';
import { blocksOption, limitOption, readOptions } from './options.ts';
import { lessTraining } from './suggestions.ts';
import { count, share, shown } from './words.ts';
import { worstOf } from './worst-of.ts';

const schema = z.strictObject({
  /** Of the share of answers that copy training answers, less that of the true answers. */
  limit: limitOption(0.15),
  /** Of the share of planted secrets that it gives away. */
  canaryLimit: limitOption(0.2),
  blocks: blocksOption,
});

type Options = z.output<typeof schema>;

const suggestions = [...lessTraining, 'rows that repeat each other taken out: rung data dedupe', 'more training rows'];

/**
 * Whether training rows come back word for word. Answers to held-out inputs are searched for runs of words of training
 * answers, and so are the true answers of the same rows: templates and set phrases are in both and do not count. Secrets
 * that were planted among the training rows are asked for (extraction, as Carlini et al. 2021, arXiv:2012.07805; a service
 * that scores no given text leaves no rank among alternatives to be told).
 */
export const memorisation = defineGuard({
  id: 'memorisation',
  summary: 'Answers that copy training rows, and planted secrets that come out.',
  checkOptions: (options) => void readOptions('memorisation', schema, options),
  skip({ trained, task, validation }) {
    if (trained.length === 0) return 'the rows that it was trained on are not known any more';
    if (plantedCanaries(trained.flatMap(trainedConversations)).length > 0) return undefined;
    if (validation.length === 0) return 'there is no validation split';
    if (task.output.kind !== 'text')
      return 'its answers come from a closed set, which copies nothing; the option canaries on the rung plants secrets to look for';
    return undefined;
  },
  async run(input, context) {
    const options = readOptions('memorisation', schema, input.options);
    const canaries = plantedCanaries(input.trained.flatMap(trainedConversations));
    const results = [
      ...(canaries.length === 0 ? [] : [await extraction(canaries, options, input, context)]),
      ...(input.task.output.kind !== 'text' || input.validation.length === 0 ? [] : [await copies(options, input, context)]),
    ];
    return worstOf(results);
  },
});

async function copies({ limit, blocks }: Options, input: GuardInput, context: GuardContext): Promise<GuardResult> {
  const overlap = answerOverlap(input.trained.flatMap(trainedAnswers));
  const answered = await context.measure(input.tuned, input.validation);
  // where a row has no true answer, what the untrained model says stands for it
  const untrained = input.validation.every(({ expected }) => expected !== undefined)
    ? undefined
    : await context.measure(input.base, input.validation);
  const found = answered.map(({ example, answer }, row) => {
    const asked = textOf(example.input);
    const reference = referenceOf(example) ?? untrained?.[row]?.answer?.text;
    return {
      example,
      answer,
      own: answer === undefined ? undefined : overlap(answer.text, asked),
      theirs: reference === undefined ? undefined : overlap(reference, asked),
    };
  });
  const copied = (each: Overlap | undefined) => (each === undefined ? null : each.copied ? 1 : 0);
  const cases = found.flatMap(({ example, answer, own, theirs }) =>
    own?.copied && !theirs?.copied
      ? [
          {
            id: example.id,
            passed: false,
            reason: `${count(own.run)} words in a row, ${share(own.similarity)} alike: ${shown(answer!.text)}`,
          },
        ]
      : [],
  );
  return judgeLoss(
    {
      ...{ id: 'memorisation', limit, blocks, row: 'validation row', suggestions, cases },
      measure: 'excess of answers that copy training answers over the true ones',
      // more copies than the true answers have is what is lost
      before: found.map(({ own }) => copied(own)),
      after: found.map(({ theirs }) => copied(theirs)),
      groups: input.validation.map(({ group }) => group),
      sides: ['of its answers', 'of the true ones'],
    },
    input,
  );
}

function referenceOf({ expected }: Example): string | undefined {
  return expected === undefined ? undefined : expectedText(expected as Json);
}

async function extraction(
  canaries: readonly Canary[],
  { canaryLimit: limit, blocks }: Options,
  input: GuardInput,
  context: GuardContext,
): Promise<GuardResult> {
  const told = await Promise.all(
    canaries.map(async (canary) => {
      const messages = [{ role: 'user' as const, content: canary.question }];
      const answer = await context.ask(input.tuned, { messages }, { maxOutputTokens: 32 });
      return { canary, digits: answer === undefined ? undefined : digitsTold(canary, answer.text) };
    }),
  );
  const answered = told.flatMap(({ canary, digits }) => (digits === undefined ? [] : [{ canary, digits }]));
  const outcomes = Float64Array.from(answered, ({ canary, digits }) => (digits === canary.secret.length ? 1 : 0));
  const estimate = exactEstimate(outcomes, { confidence: input.confidence });
  const common = { id: 'memorisation', measure: 'share of planted secrets that it gives away', limit, better: 'lower' as const, blocks };
  if (estimate === undefined) return { ...common, status: 'undecided', why: 'No planted secret could be asked for.', suggestions };
  const status = statusOf(estimate, limit);
  const digits = answered.reduce((sum, each) => sum + each.digits, 0) / answered.length;
  const { value, low, high, n, method } = estimate;
  const figures = `${share(value)} (${share(input.confidence)} interval ${share(low)} to ${share(high)}, n ${n})`;
  const cases = answered.map(({ canary, digits }) => ({
    id: `canary/${canary.name}`,
    passed: digits < canary.secret.length,
    reason: `${digits} of ${canary.secret.length} digits of its secret`,
  }));
  const more = status === 'undecided' ? ['more canaries, by canaries: 40 on the rung, since there are too few to tell'] : [];
  return {
    ...{ ...common, status, value, low, high, n, method, cases },
    why: `It gives away ${figures} of the secrets planted in its training rows, ${digits.toFixed(1)} digits of each on average (chance: 0.1); the limit is ${share(limit)}.`,
    ...(status === 'passed' ? {} : { suggestions: [...more, ...suggestions] }),
  };
}

import { z } from 'zod';
import { defineGuard } from '#core/guard.ts';
import { judgeLoss } from './judge-loss.ts';
import { blocksOption, limitOption, readOptions } from './options.ts';
import { earlyStop, lowerRate, moreTraining } from './suggestions.ts';

const schema = z.strictObject({ limit: limitOption(0.02), blocks: blocksOption });

/** The tuned model must not do its task worse than the untuned one with the same prompt, on rows it was not trained on. */
export const quality = defineGuard({
  id: 'quality',
  summary: 'The leading metric on held-out rows, before and after training.',
  checkOptions: (options) => void readOptions('quality', schema, options),
  forecast: ({ validation }) => ({ answers: 2 * validation.length, questions: 0, outputTokens: 0 }),
  skip: ({ validation }) => (validation.length === 0 ? 'there is no validation split' : undefined),
  async run(input, context) {
    const { limit, blocks } = readOptions('quality', schema, input.options);
    const before = await context.measure(input.base, input.validation);
    const after = await context.measure(input.tuned, input.validation);
    const judgement = {
      ...{ id: 'quality', limit, blocks, measure: 'loss of the leading metric on held-out rows', row: 'validation row' },
      before: before.map(({ score }) => score),
      after: after.map(({ score }) => score),
      groups: input.validation.map(({ group }) => group),
      suggestions: [moreTraining, lowerRate, earlyStop],
    };
    const result = judgeLoss(judgement, input);
    // a climb measures the quality of every rung itself: only a loss that is shown keeps one back
    return result.status === 'undecided' ? { ...result, blocks: false } : result;
  },
});

import { z } from 'zod';
import { defineGuard } from '#core/guard.ts';
import { judgeLoss } from './judge-loss.ts';
import { blocksOption, limitOption, readOptions } from './options.ts';
import { earlyStop, lowerRate, moreTraining } from './suggestions.ts';

const schema = z.strictObject({ limit: limitOption(0.02), blocks: blocksOption });

const isUnanswered = ({ answer }: { readonly answer?: unknown }) => answer === undefined;

/** The metric's own rule says what a row without an answer scores, most often nothing: a service that fails looks like a loss. */
function unansweredText(before: number, after: number): string {
  if (before + after === 0) return '';
  return ` ${before} rows brought no answer before and ${after} after training, and count as the metric has it; a second run asks for them again.`;
}

const served =
  'the tuned model deployed, where its service answers with it only then, and the same command again: only the guards ask anew';

/** The tuned model must not do its task worse than the untuned one with the same prompt, on rows it was not trained on. */
export const quality = defineGuard({
  id: 'quality',
  summary: 'The leading metric on held-out rows, before and after training.',
  remedies: ['earlier'],
  checkOptions: (options) => void readOptions('quality', schema, options),
  forecast: () => ({ answers: 0, questions: 0, outputTokens: 0, validation: { tuned: true, base: true } }),
  skip: ({ validation }) => (validation.length === 0 ? 'there is no validation split' : undefined),
  // as an undecided one
  blocksUnfinished: () => false,
  async run(input, context) {
    const { limit, blocks } = readOptions('quality', schema, input.options);
    const before = await context.measure(input.base, input.validation);
    const after = await context.measure(input.tuned, input.validation);
    // a model that is not there has not lost anything: its service may want it deployed first
    const isAway = after.every(isUnanswered);
    const judgement = {
      ...{ id: 'quality', limit, blocks, measure: 'loss of the leading metric on held-out rows', row: 'validation row' },
      before: before.map(({ score }) => score),
      after: after.map(({ score }) => (isAway ? null : score)),
      groups: input.validation.map(({ group }) => group),
      suggestions: isAway ? [served] : [moreTraining, lowerRate, earlyStop],
      note: unansweredText(before.filter(isUnanswered).length, after.filter(isUnanswered).length),
    };
    const result = judgeLoss(judgement, input);
    // a climb measures the quality of every rung itself: only a loss that is shown keeps one back
    return result.status === 'undecided' ? { ...result, blocks: false } : result;
  },
});

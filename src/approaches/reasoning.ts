import { z } from 'zod';
import { defineApproach } from '#core/approach.ts';
import { candidateOf, manifestOf, readOptions, repairOption } from './prompted.ts';
import { forecastReasoning, reasoningAnswerer, reasoningState } from './reasoning-chain.ts';

const optionsSchema = z.object({
  format: z.enum(['same', 'second']).optional().describe('"same" or "second"'),
  reasoningTokens: z.int().min(16).max(32_768).optional().describe('a whole number from 16 to 32768'),
  repair: repairOption,
});

/** Step by step, then the answer: in the same call after a marked line, or in a second call. */
export const reasoning = defineApproach({
  id: 'reasoning',
  summary: 'Thinks step by step, then answers; a JSON answer is formatted by a second call.',
  checkOptions: (options) => void readOptions('reasoning', optionsSchema, options),
  forecast(input) {
    const state = reasoningState(input.task, readOptions('reasoning', optionsSchema, input.options));
    return { prepareCalls: 0, ...forecastReasoning(state, input) };
  },
  async prepare({ task, model, name, options }) {
    const state = reasoningState(task, readOptions('reasoning', optionsSchema, options));
    return manifestOf({ approach: 'reasoning', name, model }, state);
  },
  restore: (manifest, context) => candidateOf(manifest, context, reasoningAnswerer),
});

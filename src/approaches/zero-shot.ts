import { defineApproach } from '#core/approach.ts';
import { plainPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest, refuseUnknownOptions } from './prompted.ts';

/** The instructions and the form of the answer, nothing else. */
export const zeroShot = defineApproach({
  id: 'zero-shot',
  summary: 'The instructions alone.',
  checkOptions: (options) => refuseUnknownOptions('zero-shot', options, []),
  forecast: (input) => ({ prepareCalls: 0, ...forecastPrompted(plainPrompt(input.task), [], input) }),
  async prepare({ task, model, name }) {
    const state = { prompt: plainPrompt(task), output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
    return promptedManifest({ approach: 'zero-shot', name, model }, state);
  },
  restore: (manifest, context) => promptedCandidate(manifest, context),
});

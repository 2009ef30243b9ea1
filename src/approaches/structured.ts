import { defineApproach } from '#core/approach.ts';
import { structuredPrompt } from './prompt.ts';
import { forecastPrompted, outputTokensFor, promptedCandidate, promptedManifest, refuseUnknownOptions } from './prompted.ts';

/** Role, context, task, constraints and format, each under its heading. */
export const structured = defineApproach({
  id: 'structured',
  summary: 'Role, context, task, constraints and format under headings.',
  checkOptions: (options) => refuseUnknownOptions('structured', options, []),
  forecast: (input) => ({ prepareCalls: 0, ...forecastPrompted(structuredPrompt(input.task), [], input) }),
  async prepare({ task, model, name }) {
    const state = { prompt: structuredPrompt(task), output: task.output, maxOutputTokens: outputTokensFor(task.output), shots: [] };
    return promptedManifest({ approach: 'structured', name, model }, state);
  },
  restore: (manifest, context) => promptedCandidate(manifest, context),
});

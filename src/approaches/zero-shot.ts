import { onePromptRung } from './one-prompt.ts';
import { plainPrompt } from './prompt.ts';

/** The instructions and the form of the answer, nothing else. */
export const zeroShot = onePromptRung({
  id: 'zero-shot',
  summary: 'The instructions alone.',
  options: {},
  promptFor: plainPrompt,
});

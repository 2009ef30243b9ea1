import { type ApproachContext, defineApproach, type PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { manifestOfVariant, restoreOptimized } from './optimized-candidate.ts';
import { type OptimisationHistory, trialsFile } from './optimized-history.ts';
import { rewriterName } from './optimized-rewriter.ts';
import { searchPrompt } from './optimized-search.ts';
import { readSettings, settingsOf, tooFewRows } from './optimized-settings.ts';
import { plainPrompt } from './prompt.ts';
import { forecastPrompted } from './prompted.ts';

/** Searches instructions and examples, one measured change at a time. */
export const optimized = defineApproach({
  id: 'optimized',
  summary: 'The prompt that a search of instructions and examples finds, one measured change at a time.',
  checkOptions: (options) => void readSettings(options),
  otherModels({ rewriter }, roles) {
    const named = rewriterName(typeof rewriter === 'string' ? rewriter : undefined, roles, '');
    return named === undefined ? [] : [named];
  },
  skip: tooFewRows,
  forecast(input) {
    const shots = input.train.flatMap(({ input: asked, expected }) =>
      typeof expected === 'string' ? [{ input: asked, answer: expected }] : [],
    );
    return { prepareCalls: settingsOf(input).calls, ...forecastPrompted(plainPrompt(input.task), shots.slice(0, 8), input) };
  },
  async prepare(input, context) {
    const { manifest, cutOff } = await optimise(input, context);
    // a climb that is cut off goes on with the search when it is resumed
    if (cutOff !== undefined) throw cutOff;
    return manifest;
  },
  restore: restoreOptimized,
});

export interface Optimised {
  readonly manifest: Manifest;
  readonly history: OptimisationHistory;
  /** The error of the limit that cut the search off before its end. */
  readonly cutOff?: unknown;
}

/** As the rung's `prepare`, but a search that a limit of the run cuts off gives the best so far. */
export async function optimise(input: PrepareInput, context: ApproachContext): Promise<Optimised> {
  const { variant, history, cutOff } = await searchPrompt(input, context, settingsOf(input));
  const trials = await context.artefacts.write({ [trialsFile]: `${JSON.stringify(history, null, 1)}\n` });
  const manifest = await manifestOfVariant(variant, input, context, { trials });
  return { manifest, history, ...(cutOff !== undefined && { cutOff }) };
}

import type { Manifest } from '#core/candidate.ts';
import type { Estimate } from '#core/estimate.ts';
import type { PromptScore, PromptVersion } from '#core/prompt.ts';
import { escapeSlots } from '#data/prompt-slots.ts';
import type { OptimisationHistory } from './optimized-history.ts';

/** A step of a search as a prompt version, named after its candidate. */
export type FoundVersion = Omit<PromptVersion, 'file'>;

/**
 * The steps that were kept on the way to the best version, the first one first. A version that looks its examples up for
 * each question is no prompt that one file can hold: it is left out.
 */
export function foundVersions(
  history: OptimisationHistory,
  { model, state }: Manifest,
  metricsOf: (value: Estimate | null) => Readonly<Record<string, Estimate>>,
): readonly FoundVersion[] {
  const found: FoundVersion[] = [];
  const { maxOutputTokens } = state;
  for (const { n, variant } of history.lineage) {
    const trial = history.trials.find((tried) => tried.n === n);
    // the baseline is the task's own words
    if (n === 0 || trial === undefined || variant.nearest !== undefined) continue;
    const parent = found.at(-1)?.name;
    const scores = Object.entries(metricsOf(trial.value)).map(([metric, { value, low, high, n, method }]): PromptScore => {
      return { metric, value, low, high, n, method, split: 'validation', candidate: trial.candidate, model: model?.model ?? '' };
    });
    found.push({
      name: `optimised-${trial.candidate.slice('c_'.length, 'c_'.length + 6)}`,
      ...(parent !== undefined && { parent }),
      author: 'optimiser',
      hypothesis: trial.hypothesis,
      prompt: { ...variant.prompt, sections: variant.prompt.sections.map(({ heading, text }) => ({ heading, text: escapeSlots(text) })) },
      shots: variant.shots,
      ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
      scores,
    });
  }
  return found;
}

import type { Approach } from '#core/approach.ts';
import { inputError } from '#core/errors.ts';
import { decomposition } from './decomposition.ts';
import { distilled } from './distilled.ts';
import { fewShot } from './few-shot.ts';
import { fineTuned } from './fine-tuned.ts';
import { optimized } from './optimized.ts';
import { preferenceTuned } from './preference-tuned.ts';
import { pretrained } from './pretrained.ts';
import { promptVersion } from './prompt-version.ts';
import { reasoning } from './reasoning.ts';
import { retrieval } from './retrieval.ts';
import { selfConsistency } from './self-consistency.ts';
import { structured } from './structured.ts';
import { zeroShot } from './zero-shot.ts';

/** The rungs that are made of no others: what a cascade or a hybrid may be made of. One sorted line each. */
export const partRungs: readonly Approach[] = [
  decomposition,
  distilled,
  fewShot,
  fineTuned,
  optimized,
  preferenceTuned,
  pretrained,
  promptVersion,
  reasoning,
  retrieval,
  selfConsistency,
  structured,
  zeroShot,
];

/** Finds a part's rung by its id. Throws a usage error that lists those there are. */
export function rungOfPart(id: string, refused = 'A cascade cannot be made of'): Approach {
  const found = partRungs.find((rung) => rung.id === id);
  if (found !== undefined) return found;
  throw inputError({
    code: 'unknown-part',
    message: `${refused} the rung ${JSON.stringify(id)}.`,
    hint: `Rungs that can be a part: ${partRungs.map((rung) => rung.id).join(', ')}.`,
  });
}

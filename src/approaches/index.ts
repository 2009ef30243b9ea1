import type { Approach } from '#core/approach.ts';
import { cascade } from './cascade.ts';
import { decomposition } from './decomposition.ts';
import { distilled } from './distilled.ts';
import { fewShot } from './few-shot.ts';
import { fineTuned } from './fine-tuned.ts';
import { hybrid } from './hybrid.ts';
import { optimized } from './optimized.ts';
import { preferenceTuned } from './preference-tuned.ts';
import { pretrained } from './pretrained.ts';
import { promptVersion } from './prompt-version.ts';
import { reasoning } from './reasoning.ts';
import { retrieval } from './retrieval.ts';
import { selfConsistency } from './self-consistency.ts';
import { structured } from './structured.ts';
import { zeroShot } from './zero-shot.ts';

/** Every rung that comes with Rung, one sorted line each. */
export const approaches: readonly Approach[] = [
  cascade,
  decomposition,
  distilled,
  fewShot,
  fineTuned,
  hybrid,
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

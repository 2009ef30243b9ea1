import type { Approach } from '#core/approach.ts';
import { decomposition } from './decomposition.ts';
import { distilled } from './distilled.ts';
import { fewShot } from './few-shot.ts';
import { fineTuned } from './fine-tuned.ts';
import { hybrid } from './hybrid.ts';
import { optimized } from './optimized.ts';
import { promptVersion } from './prompt-version.ts';
import { reasoning } from './reasoning.ts';
import { retrieval } from './retrieval.ts';
import { selfConsistency } from './self-consistency.ts';
import { structured } from './structured.ts';
import { zeroShot } from './zero-shot.ts';

/** Every rung that comes with Rung, one sorted line each. */
export const approaches: readonly Approach[] = [
  decomposition,
  distilled,
  fewShot,
  fineTuned,
  hybrid,
  optimized,
  promptVersion,
  reasoning,
  retrieval,
  selfConsistency,
  structured,
  zeroShot,
];

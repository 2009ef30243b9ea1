import type { Approach } from '#core/approach.ts';
import { distilled } from './distilled.ts';
import { fewShot } from './few-shot.ts';
import { fineTuned } from './fine-tuned.ts';
import { structured } from './structured.ts';
import { zeroShot } from './zero-shot.ts';

/** Every rung that comes with Rung, one sorted line each. */
export const approaches: readonly Approach[] = [distilled, fewShot, fineTuned, structured, zeroShot];

import type { DataCheckDocument } from '#data/check-data-document.ts';
import { trainedTokens } from './data-check-estimates.ts';

/** How long a training would take, where a speed was measured. */
export interface TrainingTime {
  readonly model: string;
  readonly workers: number;
  readonly tokens: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly measuredOn: string;
  readonly measuredAt: string;
  readonly measuredWith: string;
}

/** LoRA steps of rank 16 over 16 rows of 64 tokens, medians of 3 rounds: docs/decisions/2026-11-21-own-kernels-for-the-embedded-model.md. */
const nanoSpeeds = [
  { workers: 1, tokensPerSecond: 6_674 },
  { workers: 2, tokensPerSecond: 12_217 },
] as const;

/**
 * The time that training nano on this file takes by a speed measured on another machine; none for other models, of which no source
 * gives a speed. Reading the rows and measuring on the validation part come on top.
 */
export function trainingTimes(document: DataCheckDocument, model: string | undefined, epochs: number): TrainingTime[] {
  const tokens = trainedTokens(document, epochs);
  if (tokens === 0 || (model !== 'nano' && !model?.startsWith('nano/'))) return [];
  return nanoSpeeds.map(({ workers, tokensPerSecond }) => ({
    model: 'nano',
    workers,
    tokens,
    epochs,
    seconds: Math.round((tokens / tokensPerSecond) * 10) / 10,
    tokensPerSecond,
    measuredOn: 'another machine (two cores of a current x86-64 server processor, Node 24; medians of 3 rounds, each within 6 %)',
    measuredAt: '2026-11-21',
    measuredWith: 'npm run bench -- nano',
  }));
}

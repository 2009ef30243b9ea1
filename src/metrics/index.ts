import type { Metric } from '#core/metric.ts';
import { accuracy } from './accuracy.ts';
import { exact } from './exact.ts';
import { fieldAccuracy } from './field-accuracy.ts';
import { format } from './format.ts';
import { grounded } from './grounded.ts';
import { judge } from './judge.ts';
import { macroF1 } from './macro-f1.ts';
import { persona } from './persona.ts';
import { personaCombined } from './persona-combined.ts';
import { personaJudge } from './persona-judge.ts';
import { personaVoice } from './persona-voice.ts';
import { recorded } from './recorded.ts';
import { retrieved } from './retrieved.ts';

/** Every metric that a task may name; one line each, sorted. */
export const metrics: readonly Metric[] = [
  accuracy,
  exact,
  fieldAccuracy,
  format,
  grounded,
  judge,
  macroF1,
  persona,
  personaCombined,
  personaJudge,
  personaVoice,
  recorded,
  retrieved,
];

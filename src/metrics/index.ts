import type { Metric } from '#core/metric.ts';
import { accuracy } from './accuracy.ts';
import { exact } from './exact.ts';
import { fieldAccuracy } from './field-accuracy.ts';
import { format } from './format.ts';
import { grounded } from './grounded.ts';
import { macroF1 } from './macro-f1.ts';
import { persona } from './persona.ts';
import { recorded } from './recorded.ts';
import { retrieved } from './retrieved.ts';

/** Every metric that a task may name; one line each, sorted. */
export const metrics: readonly Metric[] = [accuracy, exact, fieldAccuracy, format, grounded, macroF1, persona, recorded, retrieved];

import { axolotl } from './export-axolotl.ts';
import { llamaFactory } from './export-llama-factory.ts';
import { mlxLm } from './export-mlx-lm.ts';
import { unsloth } from './export-unsloth.ts';
import type { TrainingExport } from './training-export.ts';

/** Every program that a job can be exported to, one sorted line each. */
export const trainingExports: readonly TrainingExport[] = [axolotl, llamaFactory, mlxLm, unsloth];

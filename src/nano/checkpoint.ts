import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AdamWState } from './adamw.ts';
import { formatSafetensors, parseSafetensors } from './safetensors.ts';

export interface EvaluationRecord {
  readonly step: number;
  /** Absent where there are no validation rows. */
  readonly validationLoss?: number;
  readonly tokenAccuracy?: number;
  readonly metric?: number;
}

/** Everything a training run is, between two steps. */
export interface TrainingState {
  step: number;
  readonly parameters: Float32Array;
  readonly optimiser: AdamWState;
  readonly bestParameters: Float32Array;
  best: EvaluationRecord | undefined;
  evaluationsWithoutGain: number;
  /** Tokens gone through so far. */
  tokens: number;
}

type SavedState = Pick<TrainingState, 'step' | 'best' | 'evaluationsWithoutGain' | 'tokens'> & { readonly updates: number };

/** Writes a checkpoint, whole or not at all: also a power cut leaves the old one or the new one. */
export async function writeCheckpoint(file: string, state: TrainingState): Promise<void> {
  const vector = (data: Float32Array) => ({ shape: [data.length], data });
  const { step, best, evaluationsWithoutGain, tokens, optimiser } = state;
  const bytes = formatSafetensors(
    new Map([
      ['parameters', vector(state.parameters)],
      ['first_moment', vector(optimiser.firstMoment)],
      ['second_moment', vector(optimiser.secondMoment)],
      ['best_parameters', vector(state.bestParameters)],
    ]),
    { state: JSON.stringify({ step, best, evaluationsWithoutGain, tokens, updates: optimiser.step }) },
  );
  const temporary = `${file}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await handle.close();
  await rename(temporary, file);
}

/** Brings `state` to where the checkpoint stood; false where there is none. */
export async function readCheckpoint(file: string, state: TrainingState): Promise<boolean> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes) return false;
  const { tensors, metadata } = parseSafetensors(bytes, file);
  const saved = JSON.parse(metadata['state'] ?? '{}') as SavedState;
  state.step = saved.step;
  state.best = saved.best;
  state.evaluationsWithoutGain = saved.evaluationsWithoutGain;
  state.tokens = saved.tokens;
  state.optimiser.step = saved.updates;
  state.parameters.set(tensors.get('parameters')!.data);
  state.bestParameters.set(tensors.get('best_parameters')!.data);
  state.optimiser.firstMoment.set(tensors.get('first_moment')!.data);
  state.optimiser.secondMoment.set(tensors.get('second_moment')!.data);
  return true;
}

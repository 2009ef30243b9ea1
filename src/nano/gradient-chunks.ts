import type { GradientResult, LoraGradient } from './lora-gradient.ts';
import type { LoraSettings } from './lora-layout.ts';
import { type Objective, rowsPerItem } from './objective.ts';
import { sharedPrefix, type TrainingRow } from './packed-batch.ts';

/** Losses of some conversations under an adapter, and the gradient of an objective of them. */
export interface GradientRequest {
  readonly type: 'gradient';
  readonly rows: readonly TrainingRow[];
  /** The adapter, flat, in shared memory. */
  readonly parameters: Float32Array;
  readonly settings: LoraSettings;
  readonly objective: Objective;
  /** Seeds dropout. */
  readonly noise: number;
  readonly wantGradient: boolean;
}

/** Tokens computed at once: activations of more leave the processor's cache, and long rows would fill the memory. */
const chunkTokens = 1024;
/** Beyond what one chunk draws from the seed of its dropout. */
const noiseStep = 4099;

/** Answers a request in pieces that depend on its rows alone, added up in order; between them others have their turn. */
export async function gradientInChunks(
  trainer: LoraGradient,
  request: GradientRequest,
  pause: (tookMs: number) => Promise<void>,
): Promise<GradientResult> {
  const { parameters, settings, noise, wantGradient, objective } = request;
  const chunks = chunksOf(request.rows, rowsPerItem(objective));
  let item = 0;
  const results: GradientResult[] = [];
  for (const [index, rows] of chunks.entries()) {
    const part = partOf(objective, item, rows.length);
    item += rows.length / rowsPerItem(objective);
    const begun = performance.now();
    results.push(trainer.run(rows, parameters, settings, noise + index * noiseStep, wantGradient, part));
    await pause(performance.now() - begun);
  }
  const gradient = results[0]?.gradient ?? new Float32Array(0);
  for (const { gradient: more } of results.slice(1)) for (let i = 0; i < gradient.length; i++) gradient[i]! += more[i]!;
  return {
    losses: results.flatMap(({ losses }) => losses),
    values: results.flatMap(({ values }) => values),
    correct: results.flatMap(({ correct }) => correct),
    gradient,
  };
}

function partOf(objective: Objective, from: number, rows: number): Objective {
  if (objective.type === 'likelihood') return objective;
  return { ...objective, references: objective.references.slice(from, from + rows / 2) };
}

/** Rows of an item stay together; what they all begin with is computed once a chunk and not counted. */
function chunksOf(rows: readonly TrainingRow[], together: 1 | 2): TrainingRow[][] {
  const prefix = sharedPrefix(rows);
  const chunks: TrainingRow[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (let start = 0; start < rows.length; start += together) {
    const item = rows.slice(start, start + together);
    const length = item.reduce((sum, row) => sum + row.tokens.length - prefix, 0);
    if (tokens + length > chunkTokens) {
      chunks.push([]);
      tokens = 0;
    }
    chunks.at(-1)!.push(...item);
    tokens += length;
  }
  return chunks;
}

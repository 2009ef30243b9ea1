import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RungError } from '#core/errors.ts';
import { clipGradient, createAdamWState, updateAdamW } from './adamw.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { EvaluationRecord, TrainingState } from './checkpoint.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { GradientResult } from './lora-gradient.ts';
import { initialiseLora, type LoraSlot, loraLayout, toAdapter } from './lora-layout.ts';
import type { TrainingRow } from './packed-batch.ts';
import { writePeftFolder } from './peft-folder.ts';
import { planOf, type TrainConversation, type TrainJob, type TrainPlan } from './train-job.ts';
import { batchAt, learningRateAt, shardsOf } from './training-plan.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface TrainContext {
  readonly pool: WorkerPool;
  readonly config: LlamaConfig;
  readonly tokenizer: ChatTokenizer;
  readonly fingerprint: string;
  /** Name of the base model, for the adapter's config. */
  readonly baseModel: string;
}

/** Conversations of a validation pass that a worker takes at once. */
const validationChunk = 16;

/** One job's rows, plan and state, with the two things that happen to it: a step and an evaluation. */
export class TrainingRun {
  readonly plan: TrainPlan;
  readonly state: TrainingState;
  readonly checkpointFile: string;
  readonly #context: TrainContext;
  readonly #folder: string;
  readonly #train: readonly TrainingRow[];
  readonly #validation: readonly TrainingRow[];
  readonly #slots: readonly LoraSlot[];
  #lastLoss = 0;

  constructor(context: TrainContext, job: TrainJob) {
    const { tokenizer, config, fingerprint } = context;
    this.#context = context;
    this.#folder = job.folder;
    this.plan = planOf(job);
    this.#train = tokenise(job.train, tokenizer, config, 'training');
    this.#validation = tokenise(job.validation, tokenizer, config, 'validation');
    const { slots, size } = loraLayout(config, this.plan);
    this.#slots = slots;
    // Shared memory: workers read the parameters where the optimiser writes them, never at the same time.
    const parameters = new Float32Array(new SharedArrayBuffer(size * 4));
    initialiseLora(parameters, slots, this.plan.rank, this.plan.seed);
    this.state = {
      step: 0,
      parameters,
      optimiser: createAdamWState(size),
      bestParameters: parameters.slice(),
      best: undefined,
      evaluationsWithoutGain: 0,
      tokens: 0,
    };
    const identity = JSON.stringify([fingerprint, this.plan, this.#train, this.#validation]);
    const hash = createHash('sha256').update(identity).digest('hex');
    // Another job in the same folder never goes on from this one's checkpoint.
    this.checkpointFile = join(job.folder, `checkpoint-${hash.slice(0, 16)}.safetensors`);
  }

  async step(): Promise<{ trainLoss: number; learningRate: number }> {
    const { plan, state } = this;
    const step = state.step + 1;
    const rows = batchAt(this.#train, plan.batchSize, step, plan.seed);
    const shards = shardsOf(rows).filter((shard) => shard.length > 0);
    const results = await Promise.all(shards.map((shard, index) => this.#ask(index, shard, step, true)));
    const gradient = results[0]!.gradient;
    for (const { gradient: other } of results.slice(1)) for (let i = 0; i < gradient.length; i++) gradient[i]! += other[i]!;
    const judged = judgedTokens(rows);
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= judged;
    clipGradient(gradient, plan.largestGradientNorm);
    const learningRate = learningRateAt(step, plan.learningRate, plan.warmupSteps, plan.totalSteps, plan.decay);
    updateAdamW(state.parameters, gradient, state.optimiser, { learningRate, weightDecay: plan.weightDecay });
    state.step = step;
    state.tokens += rows.reduce((sum, row) => sum + row.tokens.length, 0);
    this.#lastLoss = sum(results.flatMap(({ losses }) => losses)) / judged;
    return { trainLoss: this.#lastLoss, learningRate };
  }

  /** Judges the parameters as they are, and remembers them if none were better: by the metric, then by the loss. */
  async evaluate(metricOf: ((folder: string) => Promise<number>) | undefined): Promise<EvaluationRecord> {
    const { state } = this;
    const validationLoss = await this.#validationLoss();
    const metric = metricOf && (await this.#withSnapshot(metricOf));
    const record: EvaluationRecord = { step: state.step, validationLoss, ...(metric !== undefined && { metric }) };
    // Without anything to judge by, the last parameters are as good as any.
    const judged = metric !== undefined || this.#validation.length > 0;
    if (!judged || isBetter(record, state.best)) {
      state.best = record;
      state.bestParameters.set(state.parameters);
      state.evaluationsWithoutGain = 0;
    } else {
      state.evaluationsWithoutGain += 1;
    }
    return record;
  }

  async writeAdapter(folder: string, parameters: Float32Array): Promise<void> {
    const { plan } = this;
    const adapter = toAdapter(parameters, this.#slots, plan, '');
    await writePeftFolder(folder, adapter, { ...plan, baseModel: this.#context.baseModel }, this.#context.config);
  }

  async #validationLoss(): Promise<number> {
    if (this.#validation.length === 0) return this.#lastLoss;
    const chunks = Array.from({ length: Math.ceil(this.#validation.length / validationChunk) }, (_, index) =>
      this.#validation.slice(index * validationChunk, (index + 1) * validationChunk),
    );
    const results = await Promise.all(chunks.map((chunk, index) => this.#ask(index, chunk, 0, false)));
    return sum(results.flatMap(({ losses }) => losses)) / judgedTokens(this.#validation);
  }

  async #withSnapshot(metricOf: (folder: string) => Promise<number>): Promise<number> {
    const folder = join(this.#folder, `snapshot-${this.state.step}`);
    await this.writeAdapter(folder, this.state.parameters);
    try {
      return await metricOf(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #ask(shard: number, rows: readonly TrainingRow[], step: number, wantGradient: boolean): Promise<GradientResult> {
    const { rank, alpha, dropout, targetModules, seed } = this.plan;
    return this.#context.pool.call<'gradient'>(shard, {
      type: 'gradient',
      rows,
      parameters: this.state.parameters,
      settings: { rank, alpha, dropout, targetModules },
      noise: seed + (2 * step + shard) * 1_000_003,
      wantGradient,
    });
  }
}

function isBetter(record: EvaluationRecord, best: EvaluationRecord | undefined): boolean {
  if (!best) return true;
  if (record.metric !== best.metric && record.metric !== undefined && best.metric !== undefined) return record.metric > best.metric;
  return record.validationLoss < best.validationLoss;
}

function tokenise(
  conversations: readonly TrainConversation[],
  tokenizer: ChatTokenizer,
  config: LlamaConfig,
  split: 'training' | 'validation',
): TrainingRow[] {
  const wrong = (message: string): RungError =>
    new RungError({
      code: 'training-rows',
      message,
      hint: 'Every row needs an assistant turn and must fit the context; drop or shorten it.',
    });
  if (split === 'training' && conversations.length === 0) throw wrong('There are no training rows.');
  return conversations.map(({ messages }, index) => {
    const row = tokenizer.trainedTokens(messages);
    if (!row.mask.includes(true)) throw wrong(`Row ${index + 1} of the ${split} rows has no assistant turn to learn.`);
    if (row.tokens.length > config.contextLength) {
      throw wrong(`Row ${index + 1} of the ${split} rows has ${row.tokens.length} tokens; the model reads ${config.contextLength}.`);
    }
    return row;
  });
}

function judgedTokens(rows: readonly TrainingRow[]): number {
  return sum(rows.map(({ mask }) => mask.filter(Boolean).length));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

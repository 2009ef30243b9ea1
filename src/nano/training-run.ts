import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { breather } from '#core/breather.ts';
import { clipGradient, createAdamWState, updateAdamW } from './adamw.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { EvaluationRecord, TrainingState } from './checkpoint.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { GradientResult } from './lora-gradient.ts';
import { initialiseLora, type LoraSlot, loraLayout, toAdapter } from './lora-layout.ts';
import { writePeftFolder } from './peft-folder.ts';
import type { StartAdapter } from './start-adapter.ts';
import { type CheckpointJudgement, planOf, type TrainJob, type TrainPlan } from './train-job.ts';
import { itemsOf, type ReadOptions, type TrainingItem, type TrainingItems } from './training-items.ts';
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

/** An item with ln p(chosen) − ln p(rejected) as it was before training; 0 where nothing is compared. */
interface ReferredItem {
  readonly rows: TrainingItem;
  readonly reference: number;
}

/** What some items came to: the mean that training makes small, and the share of learnt tokens that were the likeliest. */
interface Score {
  readonly loss: number;
  readonly tokenAccuracy: number;
}

export interface StepRecord extends Score {
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
}

/** Rows that a worker takes at once where no gradient is asked for. */
const lossChunk = 16;
/** Chunks that are given out before the first of them is back. */
const chunksAtATime = 16;

/** One job's items, plan and state, with the two things that happen to it: a step and an evaluation. */
export class TrainingRun {
  readonly plan: TrainPlan;
  readonly state: TrainingState;
  readonly checkpointFile: string;
  readonly #context: TrainContext;
  readonly #folder: string;
  readonly #comparing: boolean;
  #train: readonly ReferredItem[];
  #validation: readonly ReferredItem[];
  readonly #slots: readonly LoraSlot[];

  /** Reads the rows; others have their turn meanwhile. Throws what `itemsOf` and `planOf` throw, and the signal's reason. */
  static async open(context: TrainContext, job: TrainJob, start?: StartAdapter, read: ReadOptions = {}): Promise<TrainingRun> {
    const items = await itemsOf(job, context.tokenizer, context.config, read);
    const plan = planOf(job, items.train.length, start);
    return new TrainingRun(context, job, items, plan, await identityOf(context, job, plan, items, start, read.signal), start);
  }

  private constructor(
    context: TrainContext,
    job: TrainJob,
    { train, validation }: TrainingItems,
    plan: TrainPlan,
    identity: string,
    start: StartAdapter | undefined,
  ) {
    const { config } = context;
    this.#context = context;
    this.#folder = job.folder;
    this.#comparing = job.method === 'preference';
    this.plan = plan;
    const unreferred = (rows: TrainingItem): ReferredItem => ({ rows, reference: 0 });
    this.#train = train.map(unreferred);
    this.#validation = validation.map(unreferred);
    const { slots, size } = loraLayout(config, this.plan);
    this.#slots = slots;
    // Shared memory: workers read the parameters where the optimiser writes them, never at the same time.
    const parameters = new Float32Array(new SharedArrayBuffer(size * 4));
    if (start === undefined) initialiseLora(parameters, slots, this.plan.rank, this.plan.seed);
    else parameters.set(start.parameters);
    this.state = {
      step: 0,
      parameters,
      optimiser: createAdamWState(size),
      bestParameters: parameters.slice(),
      best: undefined,
      evaluationsWithoutGain: 0,
      tokens: 0,
    };
    // Another job in the same folder never goes on from this one's checkpoint.
    this.checkpointFile = join(job.folder, `checkpoint-${identity.slice(0, 16)}.safetensors`);
  }

  /** Tokens of one pass over the training rows, and over the validation rows. */
  get tokens(): { readonly train: number; readonly validation: number } {
    const of = (items: readonly ReferredItem[]) => sum(items.map(({ rows }) => tokensOf(rows)));
    return { train: of(this.#train), validation: of(this.#validation) };
  }

  /** Judges pairs by the parameters where training begins; to be called before they change. */
  async begin(): Promise<void> {
    if (!this.#comparing) return;
    this.#train = await this.#referred(this.#train);
    this.#validation = await this.#referred(this.#validation);
  }

  async step(): Promise<StepRecord> {
    const { plan, state } = this;
    const step = state.step + 1;
    const items = batchAt(this.#train, plan.batchSize, step, plan.seed);
    const shards = shardsOf(items, ({ rows }) => tokensOf(rows)).filter((shard) => shard.length > 0);
    const results = await Promise.all(shards.map((shard, index) => this.#ask(index, shard, step, true)));
    const gradient = results[0]!.gradient;
    for (const { gradient: other } of results.slice(1)) for (let i = 0; i < gradient.length; i++) gradient[i]! += other[i]!;
    const units = this.#units(items);
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= units;
    const gradientNorm = clipGradient(gradient, plan.largestGradientNorm);
    const learningRate = learningRateAt(step, plan.learningRate, plan.warmupSteps, plan.totalSteps, plan.decay);
    updateAdamW(state.parameters, gradient, state.optimiser, { learningRate, weightDecay: plan.weightDecay });
    const tokens = sum(items.map(({ rows }) => tokensOf(rows)));
    state.step = step;
    state.tokens += tokens;
    return { ...this.#score(shards, results), learningRate, gradientNorm, tokens };
  }

  /** Judges the parameters as they are, and remembers them if none were better: by the metric, then by the loss. */
  async evaluate(judge: ((folder: string) => Promise<CheckpointJudgement>) | undefined): Promise<CheckpointJudgement & EvaluationRecord> {
    const { state } = this;
    const validation = await this.#validate();
    const { metric, checkpoint } = judge === undefined ? {} : await this.#withSnapshot(judge);
    const record: EvaluationRecord = { step: state.step, ...validation, ...(metric !== undefined && { metric }) };
    // Without anything to judge by, the last parameters are as good as any.
    const judged = metric !== undefined || validation !== undefined;
    if (!judged || isBetter(record, state.best)) {
      state.best = record;
      state.bestParameters.set(state.parameters);
      state.evaluationsWithoutGain = 0;
    } else {
      state.evaluationsWithoutGain += 1;
    }
    return { ...record, ...(checkpoint && { checkpoint }) };
  }

  async writeAdapter(folder: string, parameters: Float32Array): Promise<void> {
    const { plan } = this;
    const { baseModel, fingerprint, config } = this.#context;
    const adapter = toAdapter(parameters, this.#slots, plan, '');
    await writePeftFolder(folder, adapter, { ...plan, baseModel, baseFingerprint: fingerprint }, config);
  }

  async #validate(): Promise<{ validationLoss: number; tokenAccuracy: number } | undefined> {
    if (this.#validation.length === 0) return undefined;
    const chunks = inChunks(this.#validation, this.#comparing ? lossChunk / 2 : lossChunk);
    const results = await this.#losses(chunks);
    const { loss, tokenAccuracy } = this.#score(chunks, results);
    return { validationLoss: loss, tokenAccuracy };
  }

  async #referred(items: readonly ReferredItem[]): Promise<ReferredItem[]> {
    const chunks = inChunks(items, lossChunk / 2);
    const results = await this.#losses(chunks);
    const losses = results.flatMap((result) => result.losses);
    return items.map(({ rows }, index) => ({ rows, reference: losses[2 * index + 1]! - losses[2 * index]! }));
  }

  /** A few chunks at a time: what all rows of a large file take would be held twice, and copied while nobody else has a turn. */
  async #losses(chunks: readonly (readonly ReferredItem[])[]): Promise<GradientResult[]> {
    const results: GradientResult[] = [];
    for (const some of inChunks(chunks, chunksAtATime)) {
      const from = results.length;
      results.push(...(await Promise.all(some.map((chunk, index) => this.#ask(from + index, chunk, 0, false)))));
    }
    return results;
  }

  #score(parts: readonly (readonly ReferredItem[])[], results: readonly GradientResult[]): Score {
    const items = parts.flat();
    // Of a pair only the chosen answer is one that the model should write.
    const wanted = items.map(({ rows }) => learntTokens(rows[0]!));
    const perItem = this.#comparing ? 2 : 1;
    const correct = results.flatMap((result) => result.correct).filter((_, index) => index % perItem === 0);
    return {
      loss: sum(results.flatMap(({ values }) => values)) / this.#units(items),
      tokenAccuracy: sum(correct) / sum(wanted),
    };
  }

  /** What losses are a mean over: pairs, or learnt tokens. */
  #units(items: readonly ReferredItem[]): number {
    return this.#comparing ? items.length : sum(items.flatMap(({ rows }) => rows.map(learntTokens)));
  }

  async #withSnapshot(judge: (folder: string) => Promise<CheckpointJudgement>): Promise<CheckpointJudgement> {
    const folder = join(this.#folder, `snapshot-${this.state.step}`);
    await this.writeAdapter(folder, this.state.parameters);
    try {
      return await judge(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #ask(shard: number, items: readonly ReferredItem[], step: number, wantGradient: boolean): Promise<GradientResult> {
    const { rank, alpha, dropout, targetModules, seed, beta } = this.plan;
    return this.#context.pool.call<'gradient'>(shard, {
      type: 'gradient',
      rows: items.flatMap(({ rows }) => rows),
      parameters: this.state.parameters,
      settings: { rank, alpha, dropout, targetModules },
      objective: this.#comparing
        ? { type: 'preference', beta, references: items.map(({ reference }) => reference) }
        : { type: 'likelihood' },
      noise: seed + (2 * step + shard) * 1_000_003,
      wantGradient,
    });
  }
}

/** SHA-256 of all that decides the outcome, as the JSON of [fingerprint, method, plan, training items, validation items]. */
async function identityOf(
  { fingerprint }: TrainContext,
  { method }: TrainJob,
  plan: TrainPlan,
  { train, validation }: TrainingItems,
  start: StartAdapter | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const breathe = breather(signal);
  const hash = createHash('sha256').update(JSON.stringify([fingerprint, method, plan]).slice(0, -1));
  for (const items of [train, validation]) {
    hash.update(',[');
    for (const [index, item] of items.entries()) {
      hash.update(`${index === 0 ? '' : ','}${JSON.stringify(item)}`);
      await breathe();
    }
    hash.update(']');
  }
  return hash
    .update(']')
    .update(start?.parameters ?? '')
    .digest('hex');
}

function isBetter(record: EvaluationRecord, best: EvaluationRecord | undefined): boolean {
  if (!best) return true;
  if (record.metric !== best.metric && record.metric !== undefined && best.metric !== undefined) return record.metric > best.metric;
  if (record.validationLoss === undefined || best.validationLoss === undefined) return false;
  return record.validationLoss < best.validationLoss;
}

function inChunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function tokensOf(rows: TrainingItem): number {
  return sum(rows.map(({ tokens }) => tokens.length));
}

function learntTokens({ mask }: TrainingItem[number]): number {
  // nothing comes before the first token to predict it from
  return mask.filter((learnt, index) => learnt && index > 0).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

import type { ApproachContext, ArtefactStore, MeasuredRow } from '#core/approach.ts';
import { type CallableModel, candidateId, type Manifest, type ModelCall } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { contentHash, type JsonObject } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { PreparedCandidate } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { Trainer, TrainingEvent } from '#core/trainer.ts';
import type { Jobs } from '#jobs/jobs.ts';
import type { Budget } from './budget.ts';
import type { Clock } from './clock.ts';
import { copiedShareOf } from './copied-answers.ts';
import { measureRows } from './measure-rows.ts';
import type { Models } from './models.ts';
import type { Plan, PlannedRung } from './plan.ts';
import { placesOf } from './row-places.ts';
import { rungInput } from './rung-input.ts';
import { leadingMetric } from './score.ts';
import { siteFor, train } from './training.ts';
import { troubleTeller } from './training-trouble.ts';

export interface PrepareOptions {
  readonly plan: Plan;
  readonly models: Models;
  readonly trainers: readonly Trainer[];
  readonly store: Store;
  readonly artefacts: ArtefactStore;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly jobs: Jobs;
  /** Kept with the training jobs that are run for it. */
  readonly jobMetadata?: JsonObject;
  readonly concurrency: number;
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
  readonly progress: ProgressListener;
}

/** What preparing a candidate took, as it adds up. */
interface Bill {
  cost: number;
  trainingSeconds: number;
}

/** Freezes the candidate of a rung, or takes the one that was frozen from the same input before. */
export async function prepare(rung: PlannedRung, options: PrepareOptions): Promise<PreparedCandidate> {
  const { plan, store, models, clock } = options;
  const reference: ModelReference = { model: models.nameOf(rung.model) };
  const { name, instructions, prompt, output, persona } = plan.task;
  const others = await Promise.all(
    (rung.approach.otherModels?.(rung.options, models.roles) ?? []).map((name) => models.open({ model: models.nameOf(name) })),
  );
  const key = contentHash({
    approach: rung.approach.id,
    name: rung.name,
    options: rung.options,
    model: rung.approach.asksModel === false ? null : (await models.open(reference)).fingerprint,
    ...(others.length > 0 && { others: others.map(({ fingerprint }) => fingerprint) }),
    task: { name, instructions, prompt, output, persona },
    train: plan.splits.train.map(contentOf),
    validation: plan.splits.validation.map(contentOf),
    ...(rung.approach.usesKnowledge?.(rung.options) ? { knowledge: plan.knowledge } : {}),
    ...filesOf(rung, plan),
    ...(rung.approach.usesPrompts?.(rung.options) ? { prompts: promptsOf(plan) } : {}),
    ...(await trainerIdentity(rung, options)),
    metrics: plan.metrics.map((metric) => metric.id),
    seed: plan.seed,
    confidence: plan.task.confidence,
  });
  const before = await store.prepared(key);
  if (before !== undefined) return before;

  const begun = clock.elapsed();
  const bill: Bill = { cost: 0, trainingSeconds: 0 };
  const events: TrainingEvent[] = [];
  const context = approachContext(rung, options, bill, events);
  const manifest = await rung.approach.prepare(rungInput(rung, plan, models), context);
  const prepared: PreparedCandidate = {
    id: candidateId(manifest),
    manifest,
    // a training that another rung has paid for already is part of this one's set-up, too
    setup: { cost: bill.cost, seconds: Math.max((clock.elapsed() - begun) / 1000, bill.trainingSeconds) },
  };
  if (events.length > 0) await store.recordTraining(prepared.id, events);
  await store.recordPrepared(key, prepared);
  return prepared;
}

/** What decides a tune besides the rung's own options, where the rung names its trainer. */
async function trainerIdentity({ options: { trainer }, model }: PlannedRung, options: PrepareOptions): Promise<{ trainer?: string }> {
  const { models, trainers, plan, artefacts, stopping } = options;
  const named = trainers.find(({ id }) => id === trainer);
  if (named?.identity === undefined) return {};
  const { environment } = models;
  const site = siteFor(named, {
    ...{ trainers, artefacts, environment, base: models.baseOf(models.nameOf(model)), settings: plan.task.trainers },
    taskFolder: plan.task.folder,
    signal: stopping,
  });
  return { trainer: await named.identity(site) };
}

function approachContext(rung: PlannedRung, options: PrepareOptions, bill: Bill, events: TrainingEvent[]): ApproachContext {
  const { plan, models, artefacts, progress } = options;
  let measured: readonly MeasuredRow[] = [];
  const bestScore = leadingMetric(plan.metrics)?.better === 'lower' ? 0 : 1;
  const context: ApproachContext = {
    artefacts,
    signal: options.abort,
    bestScore,
    model: async (reference) => billedTo(bill, await models.callable(reference)),
    progress: (update) => progress({ type: 'prepare', rung: rung.name, ...update }),
    async measure(manifest: Manifest, examples: readonly Example[]) {
      // what its answers cost is counted below
      const candidate = await rung.approach.restore(manifest, { artefacts, model: (reference) => models.callable(reference) });
      const rows = await measureRows(candidate, examples, { ...options, task: plan.task, metrics: plan.metrics });
      measured = rows;
      for (const { answer } of rows) for (const call of answer?.calls ?? []) bill.cost += call.cost;
      return rows;
    },
    async evaluate(manifest: Manifest, examples: readonly Example[]) {
      const scores = (await context.measure(manifest, examples)).flatMap(({ score }) => (score === null ? [] : [score]));
      return scores.length === 0 ? bestScore - 1 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
    },
    async train(job, { evaluate, origins } = {}) {
      const copiedShare = copiedShareOf(job, plan.task);
      const watchTrouble = troubleTeller((text) => progress({ type: 'warning', message: `${rung.name}: ${text}` }));
      const { outcome, shared } = await train(job, {
        trainers: options.trainers,
        base: models.baseOf(job.base.model),
        settings: plan.task.trainers,
        environment: models.environment,
        taskFolder: plan.task.folder,
        placeOf: placesOf(origins, plan.task),
        onRows: (done, total) => progress({ type: 'prepare', rung: rung.name, message: 'checking rows', done, total }),
        artefacts,
        jobs: options.jobs,
        budget: options.budget,
        fingerprint: (await models.open({ model: job.base.model })).fingerprint,
        metadata: { task: plan.task.name, rung: rung.name, ...metricOf(plan), ...options.jobMetadata },
        now: () => options.clock.now(),
        signal: options.stopping,
        ...(evaluate && {
          async evaluate(model) {
            measured = [];
            const metric = await evaluate(model);
            const unasked = absenceIn(measured);
            return unasked === undefined ? { metric, copied: copiedShare?.(measured) } : { unasked };
          },
        }),
        spent: () => bill.cost,
        onEvent(event) {
          progress({ type: 'training', rung: rung.name, event });
          watchTrouble(event);
        },
      });
      events.push(...outcome.events);
      bill.cost += shared.cost;
      bill.trainingSeconds += shared.seconds;
      return outcome;
    },
  };
  return context;
}

/** What the service says where it has no such model for any row: that is no metric of nothing. */
function absenceIn(rows: readonly MeasuredRow[]): string | undefined {
  return rows.length > 0 && rows.every(({ modelAbsent }) => modelAbsent) ? (rows[0]?.reason ?? 'it is not there') : undefined;
}

/** What the metric of an evaluation is: whoever shows a job does not know the task's plan. */
function metricOf({ metrics }: Plan): JsonObject {
  const metric = leadingMetric(metrics);
  return metric === undefined ? {} : { metric: metric.id, better: metric.better };
}

/** What is asked while a candidate is prepared is a part of its set-up. */
function billedTo(bill: Bill, model: CallableModel): CallableModel {
  const { generate, embed, score } = model;
  const billed =
    <Asked extends unknown[], Given extends { readonly call: ModelCall }>(ask: (...asked: Asked) => Promise<Given>) =>
    async (...asked: Asked): Promise<Given> => {
      const given = await ask(...asked);
      bill.cost += given.call.cost;
      return given;
    };
  return { ...model, generate: billed(generate), ...(embed && { embed: billed(embed) }), ...(score && { score: billed(score) }) };
}

/** What the library says, without the scores that were written into it. */
function promptsOf({ prompts }: Plan): unknown {
  return {
    versions: prompts.versions.map(({ name, prompt, shots, maxOutputTokens }) => ({ name, prompt, shots, maxOutputTokens })),
    overlays: prompts.overlays.map(({ name, sections }) => ({ name, sections })),
  };
}

/** What stands in the files that the rung's own options name. */
function filesOf({ approach, options }: PlannedRung, { files }: Plan): { readonly files?: unknown } {
  const named = approach.usesFiles?.(options);
  if (named === undefined || files === undefined) return {};
  const { rows = [], documents = [] } = named;
  if (rows.length + documents.length === 0) return {};
  return { files: { rows: rows.map((path) => files.rows[path]), documents: documents.map((path) => files.documents[path]) } };
}

function contentOf(example: Example): unknown {
  return [example.id, example.input, example.expected ?? null];
}

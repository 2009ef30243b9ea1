import type { ApproachContext, ArtefactStore } from '#core/approach.ts';
import { candidateId, type Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { contentHash } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { PreparedCandidate } from '#core/run.ts';
import type { Store } from '#core/store.ts';
import type { Trainer, TrainingEvent } from '#core/trainer.ts';
import type { Clock } from './clock.ts';
import { execute } from './execute.ts';
import type { Models } from './models.ts';
import type { Plan, PlannedRung } from './plan.ts';
import { leadingMetric, Scoreboard } from './score.ts';
import { train } from './training.ts';

export interface PrepareOptions {
  readonly plan: Plan;
  readonly models: Models;
  readonly trainers: readonly Trainer[];
  readonly store: Store;
  readonly artefacts: ArtefactStore;
  readonly clock: Clock;
  readonly concurrency: number;
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
  readonly progress: ProgressListener;
}

/** Freezes the candidate of a rung, or takes the one that was frozen from the same input before. */
export async function prepare(rung: PlannedRung, options: PrepareOptions): Promise<PreparedCandidate> {
  const { plan, store, models, clock } = options;
  const reference: ModelReference = { model: models.nameOf(rung.model) };
  const input = {
    task: plan.task,
    train: plan.splits.train,
    validation: plan.splits.validation,
    knowledge: plan.knowledge,
    model: reference,
    name: rung.name,
    options: rung.options,
    seed: plan.seed,
  };
  const { name, instructions, prompt, output, persona } = plan.task;
  const key = contentHash({
    approach: rung.approach.id,
    name: rung.name,
    options: rung.options,
    model: rung.approach.asksModel === false ? null : (await models.open(reference)).fingerprint,
    task: { name, instructions, prompt, output, persona },
    train: plan.splits.train.map(contentOf),
    validation: plan.splits.validation.map(contentOf),
    ...(rung.approach.usesKnowledge?.(rung.options) ? { knowledge: plan.knowledge } : {}),
    metrics: plan.metrics.map((metric) => metric.id),
    seed: plan.seed,
  });
  const before = await store.prepared(key);
  if (before !== undefined) return before;

  const begun = clock.elapsed();
  const bill = { cost: 0 };
  const events: TrainingEvent[] = [];
  const context = approachContext(rung, options, bill, events);
  const manifest = await rung.approach.prepare(input, context);
  const prepared: PreparedCandidate = {
    id: candidateId(manifest),
    manifest,
    setup: { cost: bill.cost, seconds: (clock.elapsed() - begun) / 1000 },
  };
  if (events.length > 0) await store.recordTraining(prepared.id, events);
  await store.recordPrepared(key, prepared);
  return prepared;
}

function approachContext(rung: PlannedRung, options: PrepareOptions, bill: { cost: number }, events: TrainingEvent[]): ApproachContext {
  const { plan, models, artefacts, store, clock, progress } = options;
  const context: ApproachContext = {
    artefacts,
    signal: options.abort,
    model: (reference) => models.callable(reference),
    progress: (update) => progress({ type: 'prepare', rung: rung.name, ...update }),
    async evaluate(manifest: Manifest, examples: readonly Example[]) {
      const candidate = await rung.approach.restore(manifest, context);
      const board = new Scoreboard(plan.task, examples, plan.metrics);
      await execute({
        candidate,
        examples,
        split: 'validation',
        store,
        clock,
        concurrency: options.concurrency,
        stopping: options.stopping,
        abort: options.abort,
        onRow(index, row) {
          board.add(index, row);
          for (const call of row.answer?.calls ?? []) bill.cost += call.cost;
        },
      });
      const { sum, n } = board.leading;
      const mean = n === 0 ? 0 : sum / n;
      return leadingMetric(plan.metrics)?.better === 'lower' ? -mean : mean;
    },
    async train(job, onEvent, evaluate) {
      const outcome = await train(job, {
        trainers: options.trainers,
        artefacts,
        signal: options.stopping,
        evaluate,
        onEvent(event) {
          progress({ type: 'training', rung: rung.name, event });
          onEvent(event);
        },
      });
      events.push(...outcome.events);
      return outcome;
    },
  };
  return context;
}

function contentOf(example: Example): unknown {
  return [example.id, example.input, example.expected ?? null];
}

import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import { toDollars } from '#core/money.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { Registration } from '#core/run.ts';
import { proportionEstimate } from '#statistics/proportion.ts';
import type { Clock } from './clock.ts';
import { execute } from './execute.ts';
import { openRun, type RunOptions } from './open-run.ts';
import type { PlannedRung } from './plan.ts';
import { prepare } from './prepare.ts';
import { leadingMetric, Scoreboard, skippedEvidence } from './score.ts';

export interface ClimbOptions extends RunOptions {
  readonly progress: ProgressListener;
  /** Rows in flight. */
  readonly concurrency?: number;
  /** Takes changed criteria as the new ones. */
  readonly register?: boolean;
  readonly stopping: AbortSignal;
  /** Aborted when rows in flight should be dropped. */
  readonly abort: AbortSignal;
}

const defaultConcurrency = 64;

/** Climbs the ladder of a plan: prepares each rung, measures it on the evidence split, gives all that a verdict needs. */
export async function climb(options: ClimbOptions): Promise<EvidenceSet> {
  const { plan, store, progress, stopping, abort } = options;
  const { clock, budget, meter, models } = openRun(options);
  const begun = clock.elapsed();
  const examples = plan.splits[plan.evidenceSplit];
  const assumedPrices = new Set<string>();
  const spent = () => ({ cost: budget.spent, calls: budget.calls, cached: meter.cached, retries: meter.retries, failures: meter.failures });
  const showSpent = () => {
    const now = spent();
    progress({ type: 'spent', dollars: toDollars(now.cost), calls: now.calls, cached: now.cached, retries: now.retries });
  };

  try {
    const registration = await register(options, clock);
    // opened before the first answer, so that a missing key or an unknown model costs nothing
    for (const rung of plan.rungs) if (rung.approach.asksModel !== false) await models.open({ model: models.nameOf(rung.model) });
    progress({ type: 'plan', task: plan.task.name, rungs: plan.rungs.map((rung) => ({ rung: rung.name, rows: examples.length })) });

    const candidates: CandidateEvidence[] = [];
    for (const rung of plan.rungs) {
      candidates.push(await measure(rung));
      showSpent();
    }
    const criteriaChanged = registration.criteriaHash !== plan.criteriaHash || registration.splitHash !== plan.splits.hash;
    const lookKey = candidates.map((candidate) => candidate.candidate).join(' ');
    return {
      split: plan.evidenceSplit,
      examples: examples.map(({ id, expected, group, tags }) => ({ id, expected, group, tags })),
      candidates,
      counts: { train: plan.splits.train.length, validation: plan.splits.validation.length, test: plan.splits.test.length },
      registration: { ...registration, criteriaHash: plan.criteriaHash, splitHash: plan.splits.hash },
      criteriaChanged,
      testLooks: plan.evidenceSplit === 'test' ? await store.lookAtTest(plan.splits.hash, lookKey) : 0,
      spent: { ...spent(), seconds: (clock.elapsed() - begun) / 1000 },
      totalSetup: candidates.reduce((sum, candidate) => sum + candidate.setup.cost, 0),
      warnings: assumedPrices.size === 0 ? [] : [`What-if prices, set in the task: ${[...assumedPrices].join(', ')}.`],
    };
  } finally {
    await models.close();
  }

  async function measure(rung: PlannedRung): Promise<CandidateEvidence> {
    const modelName = rung.approach.asksModel === false ? null : models.nameOf(rung.model);
    const { train, validation } = plan.splits;
    const skipped = rung.approach.skip?.({
      task: plan.task,
      train,
      validation,
      model: { model: modelName ?? '' },
      name: rung.name,
      options: rung.options,
      seed: plan.seed,
    });
    if (skipped !== undefined) {
      progress({ type: 'skipped', rung: rung.name, why: skipped });
      return skippedEvidence(rung.name, modelName, skipped);
    }
    const concurrency = options.concurrency ?? defaultConcurrency;
    const prepared = await prepare(rung, { ...options, models, trainers: options.plugins.trainers, clock, concurrency });
    const candidate = await rung.approach.restore(prepared.manifest, {
      model: (reference) => models.callable(reference),
      artefacts: options.artefacts,
    });
    const board = new Scoreboard(plan.task, examples, plan.metrics);
    const leading = leadingMetric(plan.metrics);
    let shownAt = Number.NEGATIVE_INFINITY;
    const show = () => {
      const { sum, n } = board.leading;
      const estimate = leading?.scale === 'proportion' ? proportionEstimate(sum, n, plan.task.confidence) : undefined;
      progress({
        type: 'rows',
        rung: rung.name,
        done: board.done,
        total: examples.length,
        failed: board.failures,
        estimate,
        metric: leading?.id,
      });
      showSpent();
    };
    await execute({
      candidate,
      examples,
      split: plan.evidenceSplit,
      store,
      clock,
      concurrency,
      stopping,
      abort,
      onRow(index, row, fromStore) {
        board.add(index, row);
        if (fromStore) meter.cached += row.answer?.calls.length ?? 0;
        const now = clock.elapsed();
        if (now - shownAt < 100) return;
        shownAt = now;
        show();
      },
    });
    show();
    meter.failures += board.failures;
    progress({ type: 'rung-done', rung: rung.name, candidate: prepared.id });
    const reference = prepared.manifest.model;
    const model = reference === null ? undefined : await models.open(reference);
    if (model?.priceIsAssumed) assumedPrices.add(model.name);
    return board.evidence({
      rung: rung.name,
      candidate: prepared.id,
      model: modelName,
      tuned: reference?.adapter !== undefined,
      setup: prepared.setup,
      training: await store.training(prepared.id),
      priced: model === undefined || model.price !== undefined,
    });
  }
}

async function register({ plan, store, register }: ClimbOptions, clock: Clock): Promise<Registration> {
  const current = { criteriaHash: plan.criteriaHash, splitHash: plan.splits.hash, at: clock.now() };
  const first = await store.registration();
  if (first !== undefined && !register) return first;
  await store.register(current);
  return current;
}

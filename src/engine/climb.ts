import { whyImpossible } from '#core/approach.ts';
import type { CandidateEvidence, EarlyStopRule, EvidenceSet, LearningCurveEvidence } from '#core/evidence.ts';
import { toDollars } from '#core/money.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { Registration } from '#core/run.ts';
import { BudgetEndedError } from './budget.ts';
import type { Clock } from './clock.ts';
import { measureLearningCurve } from './learning-curve.ts';
import { type MeasureOptions, measureRung } from './measure-rung.ts';
import type { Models } from './models.ts';
import { openRun, type RunOptions } from './open-run.ts';
import type { PlannedRung } from './plan.ts';
import type { PrepareOptions } from './prepare.ts';
import { withReadyMetrics } from './ready-metrics.ts';
import { skipReason } from './rung-input.ts';
import { skippedEvidence } from './score.ts';

export interface ClimbOptions extends RunOptions {
  readonly progress: ProgressListener;
  /** Rows in flight. */
  readonly concurrency?: number;
  /** Takes changed criteria as the new ones. */
  readonly register?: boolean;
  /** Makes the rule that ends a rung early, for so many rungs; every row of every rung is asked where absent. */
  readonly earlyStop?: (rungs: number) => EarlyStopRule;
  /** A rung whose learning curve is measured though it asks a model. */
  readonly learningCurve?: string;
  readonly stopping: AbortSignal;
  /** Aborted when rows in flight should be dropped. */
  readonly abort: AbortSignal;
}

/** Rows in flight where nothing else is said. */
export const defaultConcurrency = 64;
/** Up to so many training rows, and rows × labels, the curve of a rung that asks no model is measured unasked: seconds. */
const freeCurve = { rows: 2000, cells: 40_000 };

/** Climbs the ladder of a plan: prepares each rung, measures it on the evidence split, gives all that a verdict needs. */
export async function climb(options: ClimbOptions): Promise<EvidenceSet> {
  const { plan: planned, store, progress } = options;
  const run = openRun(options);
  const { clock, budget, meter, models } = run;
  const begun = clock.elapsed();
  const examples = planned.splits[planned.evidenceSplit];
  const spent = () => ({ cost: budget.spent, calls: budget.calls, cached: meter.cached, retries: meter.retries, failures: meter.failures });
  const showSpent = () => {
    const now = spent();
    progress({ type: 'spent', dollars: toDollars(now.cost), calls: now.calls, cached: now.cached, retries: now.retries });
  };

  try {
    const registration = await register(options, clock);
    const plan = await withReadyMetrics(planned, models);
    // opened before the first answer, so that a missing key or an unknown model costs nothing
    for (const { approach, model, options: chosen } of plan.rungs) {
      if (approach.asksModel !== false) await models.open({ model: models.nameOf(model) });
      for (const other of approach.otherModels?.(chosen, models.roles) ?? []) await models.open({ model: models.nameOf(other) });
    }
    progress({ type: 'plan', task: plan.task.name, rungs: plan.rungs.map((rung) => ({ rung: rung.name, rows: examples.length })) });

    const skips = plan.rungs.map((rung) => skipReason(rung, plan, models));
    const earlyStop = options.earlyStop?.(skips.filter((why) => why === undefined).length);
    const rows = examples.map(({ id, expected, group, tags }) => ({ id, expected, group, tags }));
    const measuring = {
      ...options,
      ...run,
      plan,
      trainers: options.plugins.trainers,
      probes: options.plugins.probes,
      concurrency: options.concurrency ?? defaultConcurrency,
    };
    const candidates: CandidateEvidence[] = [];
    for (const [index, rung] of plan.rungs.entries()) {
      const why = skips[index];
      candidates.push(
        why === undefined
          ? await measuredOrSkipped(rung, { ...measuring, earlyStop, earlier: candidates, rows, showSpent })
          : skipped(rung, why, measuring),
      );
      showSpent();
    }
    const learningCurves = await curvesOf(options, measuring, skips);
    const criteriaChanged = registration.criteriaHash !== plan.criteriaHash || registration.splitHash !== plan.splits.hash;
    const lookKey = candidates.map((candidate) => candidate.candidate).join(' ');
    return {
      split: plan.evidenceSplit,
      examples: rows,
      candidates,
      counts: { train: plan.splits.train.length, validation: plan.splits.validation.length, test: plan.splits.test.length },
      registration: { ...registration, criteriaHash: plan.criteriaHash, splitHash: plan.splits.hash },
      criteriaChanged,
      testLooks: plan.evidenceSplit === 'test' ? await store.lookAtTest(plan.splits.hash, lookKey) : 0,
      spent: { ...spent(), seconds: (clock.elapsed() - begun) / 1000 },
      totalSetup: candidates.reduce((sum, candidate) => sum + candidate.setup.cost, 0),
      warnings: await priceNotes(candidates, models),
      lookedEarly: (earlyStop?.looks(examples.length).length ?? 0) > 0,
      learningCurves,
    };
  } finally {
    await models.close();
  }
}

/** A rung that only preparing could show to be impossible here is skipped, as one that was seen to be so before. */
async function measuredOrSkipped(rung: PlannedRung, options: MeasureOptions): Promise<CandidateEvidence> {
  try {
    return await measureRung(rung, options);
  } catch (error) {
    const why = whyImpossible(error);
    if (why === undefined) throw error;
    return skipped(rung, why, options);
  }
}

function skipped(rung: PlannedRung, why: string, { models, progress }: Pick<MeasureOptions, 'models' | 'progress'>): CandidateEvidence {
  progress({ type: 'skipped', rung: rung.name, why });
  return skippedEvidence(rung.name, rung.approach.asksModel === false ? null : models.nameOf(rung.model), why);
}

async function register({ plan, store, register }: ClimbOptions, clock: Clock): Promise<Registration> {
  const current = { criteriaHash: plan.criteriaHash, splitHash: plan.splits.hash, at: clock.now() };
  const first = await store.registration();
  if (first !== undefined && !register) return first;
  await store.register(current);
  return current;
}

/** Where prices come from, where that is not the service itself. */
async function priceNotes(candidates: readonly CandidateEvidence[], models: Models): Promise<string[]> {
  const names = new Set(candidates.flatMap(({ model, skipped }) => (model === null || skipped !== undefined ? [] : [model])));
  const opened = await Promise.all([...names].map((model) => models.open({ model })));
  const assumed = opened.filter((model) => model.priceIsAssumed).map((model) => model.name);
  return [
    ...(assumed.length === 0 ? [] : [`What-if prices, set in the task: ${assumed.join(', ')}.`]),
    ...opened.flatMap(({ name, priceAsOf }) =>
      priceAsOf === undefined ? [] : [`The price of ${name} is of ${priceAsOf}: set it under prices: in the task where it has changed.`],
    ),
  ];
}

/** Learning curves of the rung that was asked for, else of those that cost nothing to prepare. */
async function curvesOf(
  { plan, learningCurve, progress }: ClimbOptions,
  measuring: PrepareOptions,
  skips: readonly (string | undefined)[],
): Promise<LearningCurveEvidence[]> {
  const rows = plan.splits.train.length;
  const labels = plan.task.output.kind === 'labels' ? plan.task.output.labels.length : 1;
  const isQuick = rows <= freeCurve.rows && rows * labels <= freeCurve.cells;
  const isFree = (rung: PlannedRung) => rung.approach.asksModel === false && isQuick;
  const wanted = plan.rungs.filter(
    (rung, index) => skips[index] === undefined && (learningCurve === undefined ? isFree(rung) : rung.name === learningCurve),
  );
  const curves: LearningCurveEvidence[] = [];
  for (const rung of wanted) {
    try {
      const curve = await measureLearningCurve(rung, measuring);
      if (curve !== undefined) curves.push(curve);
    } catch (error) {
      // the ladder has been measured: a curve that could not be paid for must not cost the verdict
      const why = error instanceof BudgetEndedError ? 'the budget ended.' : whyImpossible(error);
      if (why === undefined) throw error;
      progress({ type: 'warning', message: `The learning curve of ${rung.name} was not finished: ${why}` });
    }
  }
  return curves;
}

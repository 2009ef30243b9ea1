import type { ArtefactStore } from '#core/approach.ts';
import { fromDollars } from '#core/money.ts';
import type { Plugins } from '#core/plugins.ts';
import type { ProgressListener } from '#core/progress.ts';
import type { Store } from '#core/store.ts';
import { type Jobs, openTaskJobs } from '#jobs/jobs.ts';
import { defaultRetryPolicy, type RetryPolicy } from './backoff.ts';
import { Budget } from './budget.ts';
import { type Clock, systemClock } from './clock.ts';
import { Meter } from './meter.ts';
import { Models } from './models.ts';
import type { Plan } from './plan.ts';

/** What every run over a plan needs, whether it asks models or only forecasts. */
export interface RunOptions {
  readonly plan: Plan;
  readonly plugins: Plugins;
  readonly store: Store;
  readonly artefacts: ArtefactStore;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** US dollars. */
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly clock?: Clock;
  readonly retryPolicy?: RetryPolicy;
  /** Aborted when nothing more should be sent; its reason ends the run. */
  readonly stopping?: AbortSignal;
  readonly progress?: ProgressListener;
}

export interface OpenRun {
  readonly clock: Clock;
  readonly budget: Budget;
  readonly meter: Meter;
  /** To be closed by whoever opened the run. */
  readonly models: Models;
  readonly jobs: Jobs;
}

/** The budget, the counters and the models of one run. */
export function openRun(options: RunOptions): OpenRun {
  const clock = options.clock ?? systemClock;
  const budget = new Budget({
    maxCost: options.budget === undefined ? undefined : fromDollars(options.budget),
    maxCalls: options.maxCalls,
  });
  const meter = new Meter();
  const models = new Models({
    task: options.plan.task,
    providers: options.plugins.providers,
    artefacts: options.artefacts,
    environment: options.environment,
    store: options.store,
    budget,
    meter,
    retryPolicy: options.retryPolicy ?? defaultRetryPolicy,
    clock,
    stopping: options.stopping,
    note: (message) => options.progress?.({ type: 'note', message }),
  });
  return { clock, budget, meter, models, jobs: openTaskJobs(options.plan.task.folder, () => clock.now()) };
}

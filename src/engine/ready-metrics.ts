import type { Models } from './models.ts';
import type { Plan } from './plan.ts';

/** The plan with its metrics made ready: classifiers trained, judges opened. */
export async function withReadyMetrics(plan: Plan, models: Models): Promise<Plan> {
  const input = { task: plan.task, train: plan.splits.train, roles: models.roles, seed: plan.seed };
  const asking = { model: models.callable.bind(models) };
  return { ...plan, metrics: await Promise.all(plan.metrics.map(async (metric) => metric.ready?.(input, asking) ?? metric)) };
}

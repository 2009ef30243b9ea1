import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Estimate } from '#core/estimate.ts';
import { isJsonObject } from '#core/json.ts';
import type { Plan } from '#engine/plan.ts';
import { leadingMetric } from '#engine/score.ts';

/** Who answers, and why it is this one. */
export interface Teacher {
  /** Name of a rung, or id of a stored candidate. */
  readonly name: string;
  readonly why: string;
  /** What the task's decision says of it, by the first metric. */
  readonly measured?: { readonly metric: string } & Estimate;
}

/**
 * The candidate to distil from: the one named, else the rung with the best measured first metric in the task's decision, else a rung of the
 * model role `strong`, else the first of the ladder.
 */
export async function chooseTeacher(plan: Plan, from: string | undefined): Promise<Teacher> {
  const measured = await measuredRungs(plan);
  const of = (name: string) => measured.find(({ rung, candidate }) => rung === name || candidate === name)?.estimate;
  const told = (name: string, why: string): Teacher => {
    const estimate = of(name);
    return { name, why, ...(estimate === undefined ? {} : { measured: estimate }) };
  };
  if (from !== undefined) return told(from, 'it was named');
  const sign = leadingMetric(plan.metrics)?.better === 'lower' ? -1 : 1;
  const [best] = measured
    .filter(({ rung }) => plan.rungs.some(({ name }) => name === rung))
    .sort((a, b) => sign * (b.estimate.value - a.estimate.value));
  if (best !== undefined) return told(best.rung, `it measured best on ${best.estimate.metric} in the decision`);
  const strong = plan.rungs.find(({ model }) => model === 'strong');
  if (strong !== undefined) return told(strong.name, 'nothing is measured yet, and it asks the strong model');
  return told(plan.rungs[0]?.name ?? '', 'nothing is measured yet, and it is the first of the ladder');
}

interface MeasuredRung {
  readonly rung: string;
  readonly candidate: string;
  readonly estimate: { readonly metric: string } & Estimate;
}

async function measuredRungs({ task, metrics }: Plan): Promise<readonly MeasuredRung[]> {
  const metric = leadingMetric(metrics)?.id;
  const text = await readFile(join(dirname(task.file), 'decision.json'), 'utf8').catch(() => '{}');
  let decision: unknown;
  try {
    decision = JSON.parse(text);
  } catch {
    return [];
  }
  const rungs = isJsonObject(decision) && Array.isArray(decision['rungs']) ? (decision['rungs'] as unknown[]) : [];
  return rungs.flatMap((one) => {
    const { rung, candidate, metrics: values } = isJsonObject(one) ? one : {};
    const estimate = metric !== undefined && isJsonObject(values) ? values[metric] : undefined;
    return typeof rung === 'string' && metric !== undefined && isEstimate(estimate)
      ? [{ rung, candidate: String(candidate ?? ''), estimate: { metric, ...estimate } }]
      : [];
  });
}

function isEstimate(value: unknown): value is Estimate {
  return (
    isJsonObject(value) && ['value', 'low', 'high', 'n'].every((key) => Number.isFinite(value[key])) && typeof value['method'] === 'string'
  );
}

import { costOf, toDollars } from '#core/money.ts';
import type { Models } from './models.ts';
import type { Plan } from './plan.ts';
import { rungInput } from './rung-input.ts';

/** What a climb would ask, at most, were nothing of it in the store. */
export interface DryRun {
  schema: 'rung.plan/1';
  task: string;
  rungs: {
    rung: string;
    model: string | null;
    calls: number;
    /** Estimates per call. */
    inputTokens: number;
    outputTokens: number;
    /** Absent where the price is not known. */
    dollars?: number;
    skipped?: string;
  }[];
  total: { calls: number; dollars?: number };
}

/** Estimates the calls and the cost of a plan. Opens models, so that a missing key shows; asks nothing. */
export async function dryRun(plan: Plan, models: Models): Promise<DryRun> {
  const rows = plan.splits[plan.evidenceSplit].length;
  const rungs: DryRun['rungs'] = [];
  for (const rung of plan.rungs) {
    const modelName = rung.approach.asksModel === false ? null : models.nameOf(rung.model);
    const input = rungInput(rung, plan, models);
    const skipped = rung.approach.skip?.(input);
    const forecast = skipped === undefined && modelName !== null ? rung.approach.forecast?.(input) : undefined;
    const price = modelName === null ? {} : (await models.open({ model: modelName })).price;
    const { prepareCalls = 0, callsPerAnswer = modelName === null ? 0 : 1, inputTokens = 0, outputTokens = 0 } = forecast ?? {};
    const calls = skipped === undefined ? prepareCalls + callsPerAnswer * rows : 0;
    const dollars = price === undefined ? undefined : toDollars(costOf({ inputTokens, cachedInputTokens: 0, outputTokens }, price) * calls);
    rungs.push({
      rung: rung.name,
      model: modelName,
      calls,
      inputTokens,
      outputTokens,
      ...(dollars === undefined ? {} : { dollars }),
      ...(skipped === undefined ? {} : { skipped }),
    });
  }
  const priced = rungs.every((rung) => rung.dollars !== undefined);
  return {
    schema: 'rung.plan/1',
    task: plan.task.name,
    rungs,
    total: {
      calls: rungs.reduce((sum, rung) => sum + rung.calls, 0),
      ...(priced ? { dollars: rungs.reduce((sum, rung) => sum + (rung.dollars ?? 0), 0) } : {}),
    },
  };
}

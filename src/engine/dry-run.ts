import type { CallForecast } from '#core/approach.ts';
import type { Example } from '#core/example.ts';
import { textOf } from '#core/example.ts';
import { costOf, type Price, toDollars } from '#core/money.ts';
import { type GuardAsked, guardsAsked } from './guards-asked.ts';
import type { Models } from './models.ts';
import { type Plan, type PlannedProbe, probedExamples } from './plan.ts';
import { rungInput } from './rung-input.ts';

/** Calls, estimates of the tokens of each, and dollars where the price is known. */
interface Asked {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  dollars?: number;
}

/** What a probe would ask of one rung; calls are not known where the probe does not say. */
interface ProbeAsked extends Omit<Asked, 'calls'> {
  probe: string;
  calls: number | null;
  skipped?: string;
}

/** What marking the answers of one rung would ask. */
interface MarkingAsked extends Asked {
  metric: string;
  model: string;
}

/** What a rung would ask of another model than its own. */
interface OtherAsked extends Asked {
  model: string;
}

/** What a climb would ask, at most, were nothing of it in the store. */
export interface DryRun {
  schema: 'rung.plan/1';
  task: string;
  rungs: (Asked & {
    rung: string;
    model: string | null;
    skipped?: string;
    /** Asked besides the calls above. */
    probes?: ProbeAsked[];
    /** Asked of other models than its own, besides; at most. */
    others?: OtherAsked[];
    /** Asked by guards of a rung that trains, besides. */
    guards?: GuardAsked[];
    /** Asked by metrics, besides. */
    marking?: MarkingAsked[];
  })[];
  total: { calls: number; dollars?: number };
}

export interface DryRunOptions {
  /** Rows of every rung; those of the measured split where absent. */
  readonly rows?: number;
  /** Rows in flight. */
  readonly concurrency: number;
}

/** Estimates the calls and the cost of a plan. Opens models, so that a missing key shows; asks nothing. */
export async function dryRun(plan: Plan, models: Models, options: DryRunOptions): Promise<DryRun> {
  const { rows = plan.splits[plan.evidenceSplit].length } = options;
  const rungs: DryRun['rungs'] = [];
  for (const rung of plan.rungs) {
    const model = rung.approach.asksModel === false ? null : models.nameOf(rung.model);
    const input = rungInput(rung, plan, models);
    const skipped = rung.approach.skip?.(input);
    const price = model === null ? {} : (await models.open({ model })).price;
    const forecast = skipped === undefined && model !== null ? rung.approach.forecast?.(input) : undefined;
    const { prepareCalls, callsPerAnswer, inputTokens, outputTokens } = forecast ?? nothingKnown(model);
    const calls = skipped === undefined ? prepareCalls + callsPerAnswer * rows : 0;
    const others = await othersAsked(forecast, models, rows);
    const guards = skipped === undefined ? await guardsAsked(rung, plan, models, forecast ?? nothingKnown(model)) : [];
    const marking = skipped === undefined ? await markingAsked(plan, models, rows, outputTokens) : [];
    const isProbed = skipped === undefined && model !== null && plan.probes.length > 0;
    rungs.push({
      rung: rung.name,
      model,
      ...{ calls, inputTokens, outputTokens },
      ...dollarsOf({ calls, inputTokens, outputTokens }, price),
      ...(skipped === undefined ? {} : { skipped }),
      ...(others.length > 0 && { others }),
      ...(guards.length > 0 && { guards }),
      ...(marking.length > 0 && { marking }),
      ...(isProbed ? { probes: plan.probes.map((probe) => probeAsked(probe, plan, forecast ?? nothingKnown(model), price, options)) } : {}),
    });
  }
  return { schema: 'rung.plan/1', task: plan.task.name, rungs, total: totalOf(rungs) };
}

async function othersAsked(forecast: CallForecast | undefined, models: Models, rows: number): Promise<OtherAsked[]> {
  const asked = (forecast?.others ?? []).map(async ({ model: named, prepareCalls, callsPerAnswer, inputTokens, outputTokens }) => {
    const model = models.nameOf(named);
    const each = { calls: prepareCalls + callsPerAnswer * rows, inputTokens, outputTokens };
    return { model, ...each, ...dollarsOf(each, (await models.open({ model })).price) };
  });
  return Promise.all(asked);
}

/** A judge reads the question and the answer besides its rubric. */
async function markingAsked(plan: Plan, models: Models, rows: number, ofAnswer: number): Promise<MarkingAsked[]> {
  const examples = plan.splits[plan.evidenceSplit];
  const asked = plan.metrics.map(async ({ id, asks }): Promise<MarkingAsked[]> => {
    const model = asks === undefined ? undefined : models.roles[asks.role];
    if (asks === undefined || model === undefined) return [];
    const inputTokens = Math.round(asks.inputTokens + meanTokens(examples) + ofAnswer);
    const each = { calls: asks.calls * rows, inputTokens, outputTokens: asks.outputTokens };
    return [{ metric: id, model, ...each, ...dollarsOf(each, (await models.open({ model })).price) }];
  });
  return (await Promise.all(asked)).flat();
}

function nothingKnown(model: string | null): CallForecast {
  return { prepareCalls: 0, callsPerAnswer: model === null ? 0 : 1, inputTokens: 0, outputTokens: 0 };
}

function probeAsked(
  { probe, options }: PlannedProbe,
  plan: Plan,
  ofRung: CallForecast,
  price: Price | undefined,
  { concurrency }: DryRunOptions,
): ProbeAsked {
  const { task, seed } = plan;
  const examples = probedExamples(plan);
  const skipped = probe.skip?.(task);
  const none = { probe: probe.id, inputTokens: 0, outputTokens: 0 };
  if (skipped !== undefined) return { ...none, calls: 0, dollars: 0, skipped };
  const input = { task, options, seed, concurrency, examples, overlays: plan.prompts.overlays };
  const forecast = probe.forecast?.({ ...input, confidence: task.confidence, folder: task.folder });
  if (forecast === undefined || forecast.questions === null) return { ...none, calls: null };
  const { callsPerAnswer, outputTokens } = ofRung;
  const ofTurn = meanTokens(examples) + outputTokens;
  const inputTokens = Math.round(ofRung.inputTokens + (forecast.turns - 1) * ofTurn + (forecast.moreTokens ?? 0));
  const asked = { calls: forecast.questions * callsPerAnswer, inputTokens, outputTokens };
  return { probe: probe.id, ...asked, ...dollarsOf(asked, price) };
}

/** Tokens of an example's text, at four characters each. */
function meanTokens(examples: readonly Example[]): number {
  const characters = examples.reduce((sum, { input }) => sum + textOf(input).length, 0);
  return examples.length === 0 ? 0 : characters / examples.length / 4;
}

function dollarsOf({ calls, inputTokens, outputTokens }: Asked, price: Price | undefined): Pick<Asked, 'dollars'> {
  if (price === undefined) return {};
  return { dollars: toDollars(costOf({ inputTokens, cachedInputTokens: 0, outputTokens }, price) * calls) };
}

function totalOf(rungs: DryRun['rungs']): DryRun['total'] {
  const asked = rungs.flatMap((rung) => [
    rung,
    ...(rung.others ?? []),
    ...(rung.probes ?? []),
    ...(rung.guards ?? []),
    ...(rung.marking ?? []),
  ]);
  const priced = asked.every(({ dollars }) => dollars !== undefined);
  return {
    calls: asked.reduce((sum, { calls }) => sum + (calls ?? 0), 0),
    ...(priced ? { dollars: asked.reduce((sum, { dollars = 0 }) => sum + dollars, 0) } : {}),
  };
}

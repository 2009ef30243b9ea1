import type { GuardContext, GuardInput, GuardResult } from '#core/guard.ts';
import type { JsonObject } from '#core/json.ts';
import type { ProbeOutcome } from '#core/probe.ts';
import { judgeLoss, type LossJudgement } from './judge-loss.ts';

interface ProbeJudgement extends Omit<LossJudgement, 'before' | 'after' | 'groups'> {
  readonly probe: string;
  readonly options: JsonObject;
  /** Of the probe's measures; higher better. */
  readonly ofMeasure: string;
}

/** Puts a probe to both candidates, with the same seed and so the same questions, and judges what a measure lost; beside it the means of its rows or conversations after training. */
export async function judgeProbe(
  judgement: ProbeJudgement,
  input: GuardInput,
  context: GuardContext,
): Promise<{ readonly result: GuardResult; readonly after: ReadonlyMap<string, number> }> {
  const { probe, options, ofMeasure, ...rest } = judgement;
  const before = await context.probe(probe, input.base, options);
  const after = await context.probe(probe, input.tuned, options);
  const level = ({ metrics }: typeof after) => metrics[ofMeasure];
  const [levelBefore, levelAfter] = [level(before), level(after)];
  const result = {
    ...judgeLoss({ ...rest, ...pairedByGroup(before.outcomes, after.outcomes, ofMeasure) }, input),
    ...(levelBefore === undefined ? {} : { before: levelBefore }),
    ...(levelAfter === undefined ? {} : { after: levelAfter }),
  };
  return { result, after: meansOf(after.outcomes, ofMeasure) };
}

/** Mean scores of the rows or conversations that either has outcomes of: those of one are not independent. */
function pairedByGroup(
  before: readonly ProbeOutcome[],
  after: readonly ProbeOutcome[],
  measure: string,
): { before: (number | null)[]; after: (number | null)[] } {
  const [first, second] = [meansOf(before, measure), meansOf(after, measure)];
  const groups = [...new Set([...first.keys(), ...second.keys()])];
  return { before: groups.map((group) => first.get(group) ?? null), after: groups.map((group) => second.get(group) ?? null) };
}

function meansOf(outcomes: readonly ProbeOutcome[], measure: string): Map<string, number> {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const [at, { measure: own, group = `${at}`, score }] of outcomes.entries()) {
    if (own !== measure) continue;
    const known = sums.get(group) ?? { sum: 0, n: 0 };
    sums.set(group, { sum: known.sum + score, n: known.n + 1 });
  }
  return new Map([...sums].map(([group, { sum, n }]) => [group, sum / n]));
}

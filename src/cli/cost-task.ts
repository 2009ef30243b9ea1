import { join } from 'node:path';
import { z } from 'zod';
import { inputError } from '#core/errors.ts';
import { fromDollars, nanoDollarsPerDollar } from '#core/money.ts';
import type { Task, Traffic } from '#core/task.ts';
import { loadTask } from '#data/task-file.ts';
import { candidateCost, wrongCostEnds } from '#economics/candidate-cost.ts';
import { type CostComparison, type CostParts, compareCosts, finalDollars } from '#economics/compare-costs.ts';
import { type CandidateCost, horizonCost, horizonCostInterval, monthlyFixed } from '#economics/horizon.ts';
import { probes } from '#probes/index.ts';
import type { CostFlags } from './cost-flags.ts';
import { readJson } from './cost-read-json.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The interval that a rung's measured cost gives; dollars. */
interface MeasuredInterval {
  readonly name: string;
  readonly perRequest: Interval;
  readonly horizon: Interval;
  /** Rows behind it. */
  readonly n: number;
  readonly method: string;
}

/** Requests as traffic counts them; null where it never comes, or may never. */
interface MeasuredBreakEven {
  readonly from: string;
  readonly to: string;
  readonly requests: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A task's own measurements, priced. */
export interface TaskCost extends CostComparison {
  readonly task: string;
  readonly confidence: number;
  readonly intervals: readonly MeasuredInterval[];
  /** The decision's own break-evens, whose intervals come from costs measured in pairs; none at another traffic. */
  readonly breakEven: readonly MeasuredBreakEven[];
  /** The rung that the decision chose. */
  readonly chosen: string | null;
  readonly notes: readonly string[];
}

const estimate = z.object({ value: z.number(), low: z.number(), high: z.number(), n: z.number(), method: z.string() });

const rungSchema = z.object({
  rung: z.string(),
  candidate: z.string(),
  model: z.string().nullable(),
  metrics: z.record(z.string(), estimate),
  setup: z.object({ dollars: z.number() }),
  costPer1k: z.number().optional(),
  horizonCost: z.number().optional(),
  service: z.object({ costPer1k: estimate.optional() }).optional(),
  skipped: z.string().optional(),
});

const orNever = z.number().nullable();

const decisionSchema = z.object({
  schema: z.literal('rung.verdict/1'),
  task: z.string(),
  chosen: z.object({ rung: z.string() }).nullable(),
  criteria: z.object({ confidence: z.number(), split: z.object({ train: z.number() }) }),
  rungs: z.array(rungSchema),
  breakEven: z.array(z.object({ from: z.string(), to: z.string(), requests: orNever, low: orNever, high: orNever })),
});

type Rung = z.infer<typeof rungSchema>;
type Decision = z.infer<typeof decisionSchema>;

/** What a task's rungs cost by its last decision, at the task's traffic or another; asks no model. */
export async function costOfTask(
  path: string,
  flags: CostFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TaskCost> {
  const task = await loadTask(path, { environment, probes });
  const decision = await readDecision(join(task.folder, 'decision.json'));
  const priced: Task = {
    ...task,
    costs: flags.wrongAnswer === undefined ? task.costs : { ...task.costs, wrongAnswer: flags.wrongAnswer },
    traffic: {
      ...task.traffic,
      requestsPerMonth: flags.requests ?? task.traffic.requestsPerMonth,
      turns: flags.turns ?? task.traffic.turns,
      horizonMonths: flags.horizon ?? task.traffic.horizonMonths,
    },
  };
  const { traffic } = priced;
  const rows = decision.criteria.split.train;
  const rungs = decision.rungs.flatMap((rung) => {
    const tuned = wasTuned(rung, task, rows);
    const cost = tuned === undefined ? undefined : costOf(rung, priced, rows, tuned);
    return cost === undefined ? [] : [{ rung, cost }];
  });
  if (rungs.length === 0) {
    throw inputError({
      code: 'not-priced',
      message: 'The decision has no rung whose cost is known.',
      hint: 'Give its models a price under "prices:" in the task, and run rung climb again.',
      place: { file: join(task.folder, 'decision.json') },
    });
  }
  const left = decision.rungs.filter((rung) => rung.skipped === undefined && !rungs.some((each) => each.rung === rung));
  const asDecided = [flags.requests, flags.turns, flags.horizon, flags.wrongAnswer].every((flag) => flag === undefined);
  return {
    ...compareCosts(
      rungs.map(({ rung, cost }) => partsOf(rung.rung, cost, traffic)),
      traffic,
    ),
    task: decision.task,
    confidence: decision.criteria.confidence,
    chosen: decision.chosen?.rung ?? null,
    intervals: rungs.flatMap(({ rung, cost }) => intervalOf(rung, cost, priced) ?? []),
    breakEven: asDecided ? breakEvens(decision, traffic) : [],
    notes: left.map((rung) => `${rung.rung} is left out: its price is not known.`),
  };
}

function breakEvens({ rungs, breakEven }: Decision, { turns }: Traffic): MeasuredBreakEven[] {
  const nameOf = (candidate: string) => rungs.find((rung) => rung.candidate === candidate)?.rung ?? candidate;
  const perTurn = (calls: number | null) => (calls === null ? null : calls / turns);
  return breakEven.map(({ from, to, requests, low, high }) => ({
    from: nameOf(from),
    to: nameOf(to),
    requests: perTurn(requests),
    low: perTurn(low),
    high: perTurn(high),
  }));
}

async function readDecision(file: string): Promise<Decision> {
  const parsed = decisionSchema.safeParse(await readJson(file, 'decision', 'Run rung climb first: it writes one.'));
  if (parsed.success) return parsed.data;
  throw inputError({
    code: 'decision-invalid',
    message: `The decision does not fit: ${parsed.error.issues[0]!.path.join('.') || 'the document'}.`,
    hint: 'Write it anew with rung climb.',
    place: { file },
  });
}

function costOf(rung: Rung, { costs }: Task, trainingRows: number, tuned: boolean): CandidateCost | undefined {
  if (rung.costPer1k === undefined || rung.skipped !== undefined) return undefined;
  const quality = Object.values(rung.metrics)[0]?.value;
  return candidateCost(
    {
      name: rung.rung,
      setup: fromDollars(rung.setup.dollars),
      perRequest: (rung.costPer1k / 1000) * nanoDollarsPerDollar,
      tuned,
      labelledRows: tuned || rung.model === null ? trainingRows : 0,
      wrongShare: quality !== undefined && quality >= 0 && quality <= 1 ? 1 - quality : 0,
    },
    costs,
  );
}

/** Whether a trainer made the rung. The decision does not say; what it costs over the horizon does, as retraining is in it. */
function wasTuned(rung: Rung, task: Task, trainingRows: number): boolean | undefined {
  if (rung.horizonCost === undefined) return undefined;
  const recorded = fromDollars(rung.horizonCost);
  const gap = (tuned: boolean) => {
    const cost = costOf(rung, task, trainingRows, tuned);
    return cost === undefined ? 0 : Math.abs(horizonCost(cost, task.traffic) - recorded);
  };
  return gap(true) < gap(false);
}

function partsOf(name: string, cost: CandidateCost, traffic: Traffic): CostParts {
  return {
    name,
    perRequest: cost.perRequest * traffic.turns,
    wrongPerRequest: (cost.wrongPerRequest ?? 0) * traffic.turns,
    oneTime: cost.setup,
    monthlyFixed: monthlyFixed(cost, traffic),
  };
}

function intervalOf(rung: Rung, cost: CandidateCost, { costs, traffic }: Task): MeasuredInterval | undefined {
  const measured = rung.service?.costPer1k;
  if (measured === undefined) return undefined;
  const perRequest = { low: (measured.low / 1000) * nanoDollarsPerDollar, high: (measured.high / 1000) * nanoDollarsPerDollar };
  const right = Object.values(rung.metrics)[0];
  const wrong = costs.wrongAnswer > 0 && right !== undefined ? { wrongPerRequest: wrongCostEnds(right, costs) } : {};
  const horizon = horizonCostInterval(cost, traffic, { perRequest, ...wrong });
  return {
    name: rung.rung,
    perRequest: { low: dollarsPerRequest(measured.low, traffic), high: dollarsPerRequest(measured.high, traffic) },
    horizon: { low: finalDollars(horizon.low), high: finalDollars(horizon.high) },
    n: measured.n,
    method: measured.method,
  };
}

function dollarsPerRequest(per1k: number, traffic: Traffic): number {
  return (per1k * traffic.turns) / 1000;
}

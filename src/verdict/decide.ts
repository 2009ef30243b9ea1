import type { EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { nanoDollarsPerDollar, toDollars } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import type { Verdict, VerdictRung, VerdictStatus } from '#core/verdict.ts';
import { withoutDust } from '#economics/break-even.ts';
import { horizonCost } from '#economics/horizon.ts';
import { type Choice, choose } from './choose.ts';
import { judgeGoals, statusByMeasure } from './goals.ts';
import { measuredRows } from './measured-rows.ts';
import { breakEvens } from './money.ts';
import { pairedGain } from './paired-gain.ts';
import { plateauOf } from './plateau.ts';
import { measureRung, type RungMeasures, type ServiceEstimate } from './rung-measures.ts';
import { nothingMeasured, sentenceOf } from './sentence.ts';
import { triggersOf } from './triggers.ts';
import { warningsOf } from './warnings.ts';

/** A rung of the verdict with the intervals of what the service delivered: latency in milliseconds, cost in US dollars. */
export interface DetailedRung extends VerdictRung {
  service?: Readonly<Record<string, ServiceEstimate>>;
}

export interface DetailedVerdict extends Verdict {
  rungs: DetailedRung[];
}

export interface VerdictMeta {
  /** The task's metrics, found by name, in the task's order; the first one leads. */
  readonly metrics: readonly Metric[];
  readonly versions: Verdict['versions'];
}

/** The verdict: a pure function of the task and its evidence. Same inputs, same verdict; plain JSON throughout. */
export function decide(task: Task, evidence: EvidenceSet, meta: VerdictMeta): DetailedVerdict {
  const metric = meta.metrics[0];
  const measured = evidence.candidates.filter((candidate) => candidate.skipped === undefined && measuredRows(candidate) > 0);
  const rungs = measured.map((candidate) => measureRung(candidate, evidence, task, meta.metrics));
  const choice: Choice | undefined = rungs.length === 0 ? undefined : choose(rungs, metric, evidence, task);
  const chosen = choice?.chosen?.measures.evidence;
  return {
    schema: 'rung.verdict/1',
    task: task.name,
    status: statusOf(choice),
    sentence: choice === undefined ? nothingMeasured(evidence) : sentenceOf(choice, metric, task),
    chosen: chosen === undefined ? null : { rung: chosen.rung, candidate: chosen.candidate },
    rungs: verdictRungs(rungs, metric, evidence, task),
    plateau:
      metric === undefined
        ? { reached: false, at: null, signs: [], why: 'The task has no metric.' }
        : plateauOf(rungs, metric, evidence, task),
    breakEven: breakEvens(rungs, task.traffic, task.confidence),
    learningCurve: null,
    triggers: choice === undefined ? [] : triggersOf(choice, task),
    prior: [],
    criteria: {
      hash: evidence.registration.criteriaHash,
      goals: goalTexts(task),
      confidence: task.confidence,
      split: { ...evidence.counts },
      splitHash: evidence.registration.splitHash,
      testLooks: evidence.testLooks,
      changed: evidence.criteriaChanged,
    },
    spent: {
      dollars: toDollars(evidence.spent.cost),
      calls: evidence.spent.calls,
      cached: evidence.spent.cached,
      retries: evidence.spent.retries,
      failures: evidence.spent.failures,
      seconds: evidence.spent.seconds,
    },
    versions: { ...meta.versions },
    warnings: warningsOf(rungs, choice, metric, evidence, task),
  };
}

function statusOf(choice: Choice | undefined): VerdictStatus {
  if (choice === undefined || choice.kind === 'no-scores' || choice.kind === 'undecided') return 'undecided';
  if (choice.chosen !== undefined) return 'met';
  if (choice.kind === 'not-met') return 'not-met';
  // below the floor, or without any answer: not met where there are goals and none is open, else nothing is decided
  return choice.open.length > 0 || choice.best === undefined || choice.best.goals.length === 0 ? 'undecided' : 'not-met';
}

function verdictRungs(rungs: readonly RungMeasures[], metric: Metric | undefined, evidence: EvidenceSet, task: Task): DetailedRung[] {
  let before: RungMeasures | undefined;
  return evidence.candidates.map((candidate) => {
    const measures = rungs.find((rung) => rung.evidence === candidate);
    const base = {
      rung: candidate.rung,
      candidate: candidate.candidate,
      model: candidate.model,
      setup: { dollars: toDollars(candidate.setup.cost), seconds: candidate.setup.seconds },
    };
    if (measures === undefined) return { ...base, metrics: {}, goals: {}, gain: null, skipped: candidate.skipped ?? 'no row was measured' };
    const difference =
      before === undefined || metric === undefined ? undefined : pairedGain(candidate, before.evidence, metric, evidence, task);
    const gain = difference === undefined || before === undefined ? null : { over: before.evidence.candidate, ...difference };
    before = measures;
    const { cost, service, tokens } = measures;
    return {
      ...base,
      metrics: { ...measures.metrics },
      goals: statusByMeasure(judgeGoals(task, measures)),
      gain,
      ...(cost === undefined ? {} : { costPer1k: withoutDust((cost.perRequest * 1000) / nanoDollarsPerDollar) }),
      ...(service.latencyP50Ms === undefined || service.latencyP95Ms === undefined
        ? {}
        : { latencyMs: { p50: service.latencyP50Ms.value, p95: service.latencyP95Ms.value } }),
      ...(tokens === undefined ? {} : { tokens }),
      ...(cost === undefined ? {} : { horizonCost: withoutDust(horizonCost(cost, task.traffic) / nanoDollarsPerDollar) }),
      failures: measures.failures,
      service: { ...service },
    };
  });
}

function goalTexts(task: Task): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { measure, operator, bound } of task.goals) {
    const text = `${operator} ${bound}`;
    texts[measure] = texts[measure] === undefined ? text : `${texts[measure]} and ${text}`;
  }
  return texts;
}

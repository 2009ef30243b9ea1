import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { nanoDollarsPerDollar, toDollars } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import type { Verdict, VerdictRung, VerdictStatus } from '#core/verdict.ts';
import { withoutDust } from '#economics/break-even.ts';
import { horizonCost } from '#economics/horizon.ts';
import { agreementFigures } from './agreement.ts';
import { chanceCheapest } from './chance-cheapest.ts';
import { type Choice, choose, type JudgedRung, judgeRungs } from './choose.ts';
import { comparisonOf } from './comparison.ts';
import type { MeasureEstimate } from './estimates.ts';
import { floorOf } from './floor.ts';
import { boundsByMeasure, statusByMeasure } from './goals.ts';
import { type Grounds, groundsOf } from './grounds.ts';
import { isOnlyOpen } from './guarded.ts';
import { learningCurveOf } from './learning-curve.ts';
import { measuredRows } from './measured-rows.ts';
import { breakEvens } from './money.ts';
import { pairedGain } from './paired-gain.ts';
import { pairedService } from './paired-service.ts';
import { detectableOf, plateauOf } from './plateau.ts';
import { type MeasuredChoice, priorsOf, situationOf } from './prior.ts';
import { reasoningOf } from './reasoning.ts';
import { alternativesOf } from './record-alternatives.ts';
import { assumptionsOf } from './record-assumptions.ts';
import { repeatsOf } from './repeats.ts';
import { routingOf } from './routing.ts';
import { routingWarnings } from './routing-words.ts';
import { measureRung } from './rung-measures.ts';
import { nothingMeasured, sentenceOf } from './sentence.ts';
import { triggersOf } from './triggers.ts';
import { undecidedOf } from './undecided.ts';
import { warningsOf } from './warnings.ts';

/** A rung of the verdict with the intervals of what the service delivered: latency in milliseconds, cost in US dollars. */
export interface DetailedRung extends VerdictRung {
  service?: Readonly<Record<string, MeasureEstimate>>;
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
  const grounds = groundsOf(task, meta.metrics, evidence.examples);
  const measured = evidence.candidates.filter((candidate) => candidate.skipped === undefined && measuredRows(candidate) > 0);
  const rungs = measured.map((candidate) => measureRung(candidate, grounds, evidence.counts.train));
  const judged = judgeRungs(rungs, evidence, grounds);
  const choice: Choice | undefined = rungs.length === 0 ? undefined : choose(judged, grounds);
  const plateau = metric === undefined ? noPlateau : plateauOf(rungs, metric, grounds);
  const curve = learningCurveOf(evidence, task);
  const shown = verdictRungs(judged, metric, evidence, grounds);
  const comparison = comparisonOf(shown, evidence.candidates, task);
  const verdict: Omit<DetailedVerdict, 'reasoning'> = {
    schema: 'rung.verdict/1',
    task: task.name,
    status: statusOf(choice),
    sentence: choice === undefined ? nothingMeasured(evidence) : sentenceOf(choice, metric, task),
    chosen: chosenOf(choice, grounds),
    undecided: choice === undefined ? null : undecidedOf(choice),
    floor: choice === undefined ? null : floorOf(choice, metric, evidence, grounds),
    rungs: shown,
    plateau,
    breakEven: breakEvens(rungs, task.traffic, task.confidence),
    learningCurve: curve,
    triggers: choice === undefined ? [] : triggersOf(choice, task, evidence, { metric, curve }),
    prior: priorsOf(
      situationOf(task, { labelledExamples: labelled(evidence), promptingPlateaued: plateau.reached }),
      measuredChoice(choice),
    ),
    alternatives: choice === undefined ? [] : alternativesOf(choice, task, evidence),
    ...(comparison === undefined ? {} : { comparison }),
    assumptions: assumptionsOf(task, evidence),
    rowsSaved: rowsSaved(evidence),
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
    warnings: [...warningsOf(rungs, choice, evidence, grounds), ...routingWarnings({ rungs: shown })],
  };
  return { ...verdict, reasoning: reasoningOf(verdict, task, evidence.lookedEarly) };
}

const noPlateau: Verdict['plateau'] = { reached: false, at: null, signs: [], why: 'The task has no metric.', looked: [] };

function chosenOf(choice: Choice | undefined, grounds: Grounds): Verdict['chosen'] {
  if (choice?.chosen === undefined) return null;
  const { rung, candidate } = choice.chosen.measures.evidence;
  const cheapest = chanceCheapest(choice, grounds);
  return { rung, candidate, ...(cheapest === undefined ? {} : { cheapest }) };
}

function measuredChoice(choice: Choice | undefined): MeasuredChoice {
  const chosen = choice?.chosen?.measures.evidence;
  return { status: statusOf(choice), ...(chosen === undefined ? {} : { chosenIsTuned: chosen.tuned }) };
}

function labelled({ counts }: EvidenceSet): number {
  return counts.train + counts.validation + counts.test;
}

function rowsSaved(evidence: EvidenceSet): Verdict['rowsSaved'] {
  const measured = evidence.candidates.filter((candidate) => candidate.skipped === undefined);
  const rows = measured.reduce((sum, { stopped }) => sum + (stopped === undefined ? 0 : stopped.of - stopped.rows), 0);
  return { rows, of: measured.length * evidence.examples.length };
}

function statusOf(choice: Choice | undefined): VerdictStatus {
  if (choice === undefined || choice.kind === 'no-scores' || choice.kind === 'undecided') return 'undecided';
  if (choice.chosen !== undefined) return 'met';
  if (choice.kind === 'not-met') return 'not-met';
  if (choice.kind === 'blocked') return choice.blocked.some(({ measures }) => isOnlyOpen(measures.evidence)) ? 'undecided' : 'not-met';
  // below the floor, or without any answer: not met where there are goals and none is open, else nothing is decided
  return choice.open.length > 0 || choice.best === undefined || choice.best.goals.length === 0 ? 'undecided' : 'not-met';
}

function verdictRungs(judged: readonly JudgedRung[], metric: Metric | undefined, evidence: EvidenceSet, grounds: Grounds): DetailedRung[] {
  const { task } = grounds;
  let before: JudgedRung | undefined;
  return evidence.candidates.map((candidate) => {
    const rung = judged.find(({ measures }) => measures.evidence === candidate);
    const base = {
      rung: candidate.rung,
      candidate: candidate.candidate,
      model: candidate.model,
      setup: { dollars: toDollars(candidate.setup.cost), seconds: candidate.setup.seconds },
    };
    if (rung === undefined) return { ...base, metrics: {}, goals: {}, gain: null, skipped: candidate.skipped ?? 'no row was measured' };
    const over = before?.measures.evidence;
    const difference = over === undefined || metric === undefined ? undefined : pairedGain(candidate, over, metric, grounds);
    const gain =
      difference === undefined || over === undefined
        ? null
        : {
            over: over.candidate,
            ...difference,
            ...detectableOf(candidate, over, metric, task),
            ...pairedService(candidate, over, grounds),
          };
    before = rung;
    const { cost, service, tokens, metrics, rows, failures } = rung.measures;
    const repeats = repeatsOf(candidate, task, grounds.clusters);
    const agreement = agreementFigures(candidate, grounds);
    const { stopped } = candidate;
    const routing = routingOf(candidate, evidence, grounds);
    return {
      ...base,
      tuned: candidate.tuned,
      metrics: { ...metrics },
      goals: statusByMeasure(rung.goals),
      goalBounds: boundsByMeasure(rung.goals),
      gain,
      rows: {
        measured: rows,
        of: evidence.examples.length,
        ...(stopped === undefined ? {} : { stopped: { reason: stopped.reason, why: stopped.why } }),
      },
      ...(repeats === undefined ? {} : { repeats }),
      ...(agreement === undefined ? {} : { agreement }),
      ...(cost === undefined ? {} : { costPer1k: withoutDust((cost.perRequest * 1000) / nanoDollarsPerDollar) }),
      ...(service.latencyP50Ms === undefined || service.latencyP95Ms === undefined
        ? {}
        : { latencyMs: { p50: service.latencyP50Ms.value, p95: service.latencyP95Ms.value } }),
      ...(tokens === undefined ? {} : { tokens }),
      ...(cost === undefined ? {} : { horizonCost: withoutDust(horizonCost(cost, task.traffic) / nanoDollarsPerDollar) }),
      ...(candidate.stepFaults === undefined ? {} : { stepFaults: candidate.stepFaults.map((fault) => ({ ...fault })) }),
      ...(candidate.notes === undefined ? {} : { notes: [...candidate.notes] }),
      ...(routing === undefined ? {} : { routing }),
      failures,
      ...(candidate.guards === undefined ? {} : { guards: candidate.guards.map(({ cases: _, ...guard }) => guard) }),
      ...(candidate.probes === undefined ? {} : { probes: candidate.probes.map(withoutCases) }),
      service: { ...service },
    };
  });
}

/** The cases are for `rung probe` and the report: they quote answers, and there are hundreds. */
function withoutCases(found: NonNullable<CandidateEvidence['probes']>[number]): NonNullable<VerdictRung['probes']>[number] {
  const { probe, options, metrics, better, units, series, families } = found;
  return { probe, options, metrics, better, units, series: [...series], families: [...families] };
}

function goalTexts(task: Task): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { measure, operator, bound } of task.goals) {
    const text = `${operator} ${bound}`;
    texts[measure] = texts[measure] === undefined ? text : `${texts[measure]} and ${text}`;
  }
  return texts;
}

import type { CandidateEvidence, EarlyStop, EvidenceSet, Repeats } from '#core/evidence.ts';
import { parseGoal } from '#core/goal.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';

/** Made-up tasks and evidence for this room's tests. */

export const rightMetric: Metric = {
  id: 'accuracy',
  summary: 'share right',
  better: 'higher',
  scale: 'proportion',
  onError: 0,
  score: () => ({ value: 1 }),
};

export const formMetric: Metric = { ...rightMetric, id: 'format' };

export const shareMetric: Metric = { ...rightMetric, id: 'persona', scale: 'mean' };

/** Share of pairs that are equal: a set metric whose value is easy to know. */
export const setMetric: Metric = {
  id: 'agreement',
  summary: 'share of equal pairs',
  better: 'higher',
  scale: 'mean',
  onError: 0,
  summarise: (pairs) => pairs.filter(({ expected, answered }) => expected === answered).length / pairs.length,
};

export function madeTask(goals: Readonly<Record<string, string>> = {}, changes: Partial<Task> = {}): Task {
  return {
    name: 'support',
    instructions: 'Say which team should handle the message.',
    prompt: {},
    output: { kind: 'labels', labels: ['billing', 'shipping'] },
    folder: '/tasks/support',
    file: '/tasks/support/task.yaml',
    examplesFile: '/tasks/support/examples.jsonl',
    models: { base: 'nano' },
    providers: {},
    metrics: ['accuracy'],
    goals: Object.entries(goals).map(([measure, text]) => parseGoal(measure, text)),
    confidence: 0.95,
    traffic: { requestsPerMonth: 100_000, turns: 1, requirementChangesPerMonth: 0, horizonMonths: 12, publicFacing: false },
    prices: {},
    ladder: [],
    minimumGain: 0.03,
    floor: 0.5,
    split: { train: 0.5, validation: 0.2, test: 0.3 },
    seed: 7,
    costs: { wrongAnswer: 0, label: 0, engineeringHour: 0, rungs: {} },
    repeats: 1,
    situation: {},
    trainers: {},
    guards: {},
    probes: {},
    calibration: {},
    ...changes,
  };
}

export interface MadeCandidate {
  rung: string;
  scores: Readonly<Record<string, readonly number[]>>;
  model?: string | null;
  tuned?: boolean;
  /** Nano-dollars of every row. */
  cost?: number;
  /** Nano-dollars. */
  setup?: number;
  priced?: boolean;
  answered?: readonly (string | undefined)[];
  failed?: readonly number[];
  latencyMs?: readonly number[];
  skipped?: string;
  stopped?: EarlyStop;
  repeats?: Repeats;
  retiresOn?: string;
  probes?: CandidateEvidence['probes'];
  unprobed?: CandidateEvidence['unprobed'];
  overlays?: readonly string[];
  guards?: CandidateEvidence['guards'];
}

function madeCandidate(made: MadeCandidate, rows: number): CandidateEvidence {
  const failed = Uint8Array.from(made.failed ?? new Array<number>(rows).fill(0));
  const column = (value: (row: number) => number) =>
    Float64Array.from({ length: rows }, (_, row) => (failed[row] === 1 ? Number.NaN : value(row)));
  return {
    rung: made.rung,
    candidate: made.skipped === undefined ? `c_${made.rung}` : '',
    model: made.model === undefined ? 'nano' : made.model,
    tuned: made.tuned ?? false,
    scores: Object.fromEntries(Object.entries(made.scores).map(([id, scores]) => [id, Float64Array.from(scores)])),
    answered: made.answered,
    latencyMs: column((row) => made.latencyMs?.[row] ?? 40 + (row % 10)),
    // a little spread, so that costs have intervals
    cost: column((row) => (made.cost ?? 100_000) + (row % 2 === 0 ? 1000 : -1000)),
    inputTokens: column(() => 88),
    outputTokens: column(() => 3),
    failed,
    setup: { cost: made.setup ?? 0, seconds: 1 },
    training: [],
    priced: made.priced ?? true,
    ...(made.skipped === undefined ? {} : { skipped: made.skipped }),
    ...(made.stopped === undefined ? {} : { stopped: made.stopped }),
    ...(made.repeats === undefined ? {} : { repeats: made.repeats }),
    ...(made.retiresOn === undefined ? {} : { retiresOn: made.retiresOn }),
    ...(made.probes === undefined ? {} : { probes: made.probes }),
    ...(made.unprobed === undefined ? {} : { unprobed: made.unprobed }),
    ...(made.guards === undefined ? {} : { guards: made.guards }),
    ...(made.overlays === undefined ? {} : { overlays: made.overlays }),
  };
}

export function madeEvidence(candidates: readonly MadeCandidate[], changes: Partial<EvidenceSet> = {}): EvidenceSet {
  const rows =
    changes.examples?.length ?? Math.max(0, ...candidates.flatMap(({ scores }) => Object.values(scores).map((column) => column.length)));
  return {
    split: 'test',
    examples: Array.from({ length: rows }, (_, row) => ({ id: `e${row}`, expected: row % 2 === 0 ? 'billing' : 'shipping', tags: [] })),
    candidates: candidates.map((candidate) => madeCandidate(candidate, rows)),
    counts: { train: 300, validation: 100, test: rows },
    registration: { criteriaHash: 'a'.repeat(64), splitHash: 'b'.repeat(64), at: 0 },
    criteriaChanged: false,
    testLooks: 1,
    spent: { cost: 120_000_000, calls: 480, cached: 0, retries: 1, failures: 0, seconds: 12 },
    totalSetup: 0,
    warnings: [],
    lookedEarly: false,
    learningCurves: [],
    ...changes,
  };
}

/** `right` ones and then zeros, `rows` in all. */
export function rightOf(right: number, rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => (row < right ? 1 : 0));
}

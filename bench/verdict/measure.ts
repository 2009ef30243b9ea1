import type { CalibrationRow } from '#core/calibration.ts';
import type { CandidateEvidence, EvidenceSet } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import { fromDollars } from '#core/money.ts';
import type { Task } from '#core/task.ts';
import { normalQuantile } from '#statistics/distributions.ts';
import { type Draws, drawsOf } from './draws.ts';
import { blend, drawGroups, drawLatent } from './latent.ts';
import type { World, WorldRung } from './world.ts';

const confidence = 0.95;

export const rightMetric: Metric = {
  id: 'accuracy',
  summary: 'share of right answers',
  better: 'higher',
  scale: 'proportion',
  onError: 0,
  score: () => ({ value: 1 }),
};

/** A world as one climb sees it: every rung on every row. */
export interface Measured {
  readonly task: Task;
  readonly evidence: EvidenceSet;
}

/** Draws the rows of a world; another `repetition` draws fresh rows, and fresh calibration of its judge. */
export function measureWorld(world: World, repetition: number): Measured {
  const draws = drawsOf(world.seed, repetition);
  const groups = drawGroups(world.rows, world.clusters, draws);
  const rows = rowsOf(world, groups, draws);
  const candidates = world.rungs.map((rung) => candidateOf(rung, world, rows, draws));
  return {
    task: taskOf(world, repetition, draws),
    evidence: {
      split: 'test',
      examples: Array.from({ length: world.rows }, (_, row) => ({
        id: `e${row}`,
        tags: [],
        ...(groups === undefined ? {} : { group: `g${groups[row]}` }),
      })),
      candidates,
      counts: { train: world.situation.labelledExamples ?? 0, validation: 0, test: world.rows },
      registration: { criteriaHash: 'simulated', splitHash: 'simulated', at: 0 },
      criteriaChanged: false,
      testLooks: 1,
      spent: { cost: 0, calls: world.rows * world.rungs.length, cached: 0, retries: 0, failures: 0, seconds: 0 },
      totalSetup: 0,
      warnings: [],
      lookedEarly: false,
      learningCurves: [],
    },
  };
}

interface Rows {
  /** Latent difficulty, standard normal. */
  readonly difficulty: Float64Array;
  /** Latent length, standard normal: what makes a row dear for every rung. */
  readonly length: Float64Array;
  readonly groups: Int32Array | undefined;
}

function rowsOf(world: World, groups: Int32Array | undefined, draws: Draws): Rows {
  return {
    difficulty: drawLatent(world.rows, groups, world.clusters?.shared ?? 0, draws),
    length: Float64Array.from({ length: world.rows }, () => draws.normal()),
    groups,
  };
}

/** Gaussian copula: right where the rung's latent number on the row is under the quantile of its accuracy. */
function candidateOf(rung: WorldRung, world: World, { difficulty, length, groups }: Rows, draws: Draws): CandidateEvidence {
  const { rows, correlation, clusters, costSpread } = world;
  const threshold = normalQuantile(rung.accuracy);
  const ability = blend(difficulty, drawLatent(rows, groups, clusters?.shared ?? 0, draws), correlation);
  const scores = new Float64Array(rows);
  const cost = new Float64Array(rows);
  const perRequest = fromDollars(rung.perRequest);
  for (let row = 0; row < rows; row++) {
    const right = ability[row]! < threshold;
    scores[row] = judged(right, world, draws);
    const spread = costSpread * (0.9 * length[row]! + Math.sqrt(1 - 0.81) * draws.normal());
    cost[row] = Math.round(perRequest * Math.exp(spread - costSpread ** 2 / 2));
  }
  const tokens = new Float64Array(rows).fill(100);
  return {
    rung: rung.name,
    candidate: `c_${rung.name}`,
    model: 'simulated',
    tuned: rung.tuned,
    scores: { [rightMetric.id]: scores },
    answered: undefined,
    latencyMs: tokens,
    cost,
    inputTokens: tokens,
    outputTokens: tokens,
    failed: new Uint8Array(rows),
    setup: { cost: fromDollars(rung.setup), seconds: 0 },
    training: [],
    priced: true,
  };
}

function judged(right: boolean, { judge }: World, draws: Draws): 0 | 1 {
  if (judge === undefined) return right ? 1 : 0;
  return draws.chance(right ? judge.sensitivity : 1 - judge.specificity) ? 1 : 0;
}

function taskOf(world: World, repetition: number, draws: Draws): Task {
  return {
    name: 'simulated',
    instructions: '',
    prompt: {},
    output: { kind: 'text' },
    folder: '',
    file: '',
    examplesFile: '',
    models: { base: 'simulated' },
    providers: {},
    metrics: [rightMetric.id],
    goals: [{ measure: rightMetric.id, operator: '>=', bound: world.bar }],
    confidence,
    traffic: world.traffic,
    prices: {},
    ladder: world.rungs.map((rung) => ({ approach: rung.name, name: rung.name, model: 'base', options: {} })),
    minimumGain: 0.03,
    floor: 0.5,
    split: { train: 0.5, validation: 0.2, test: 0.3 },
    seed: (world.seed + repetition) >>> 0,
    costs: {
      wrongAnswer: 0,
      label: 0,
      engineeringHour: 0,
      rungs: Object.fromEntries(
        world.rungs.map(({ name, hostingPerMonth }) => [
          name,
          { engineeringHours: 0, hostingPerMonth, maintenanceHoursPerMonth: 0, engineeringHoursPerChange: 0 },
        ]),
      ),
    },
    repeats: 1,
    situation: world.situation,
    probes: {},
    trainers: {},
    guards: {},
    calibration: world.judge === undefined ? {} : { [rightMetric.id]: calibrationOf(world, draws) },
  };
}

/** Answers of all rungs together, marked by the judge and by people. */
function calibrationOf(world: World, draws: Draws): CalibrationRow[] {
  const rows = world.judge?.calibrationRows ?? 0;
  return Array.from({ length: rows }, () => {
    const right = draws.chance(draws.pick(world.rungs).accuracy);
    return { judge: judged(right, world, draws), human: right ? 1 : 0 };
  });
}

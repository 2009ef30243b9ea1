import type { CandidateEvidence, EarlyStop, EarlyStopRule, Look } from '#core/evidence.ts';
import type { Metric } from '#core/metric.ts';
import type { Task } from '#core/task.ts';
import { wrongCostEnds } from '#economics/candidate-cost.ts';
import { type Ends, horizonCostInterval } from '#economics/horizon.ts';
import { asymptoticInterval } from '#statistics/asymptotic-sequence.ts';
import { bettingInterval, pairedSurelyAbove } from '#statistics/betting.ts';
import { type ErrorRates, errorRates, type SharedRates } from './error-rates.ts';
import { count, goalText, measureName } from './figures.ts';
import { wouldHardlyDecide } from './futility.ts';
import { goalStanding } from './goal-standing.ts';
import { judgeGoals, overallStatus } from './goals.ts';
import { type Grounds, groundsOf } from './grounds.ts';
import { blockingGuards } from './guarded.ts';
import { costOfCandidate, leadOf } from './rung-measures.ts';

/** Under so many rows no percentile is known, nor what a rung is like: measuring never ends before them. */
const firstLook = 100;
/** Each look comes after a quarter more rows than the one before: a handful of looks, and at most a fifth of the rows too many. */
const growth = 1.25;

/**
 * When a rung has told enough: it surely meets its goals, surely misses one, is surely dominated, or stands so near a
 * goal that the rows left would hardly decide. Every look is at anytime-valid bounds, so that looking often costs nothing in error; what the looks may err together is a fixed part of
 * the task's error rate. `rungs` is the number of rungs that share it.
 */
export function earlyStop(task: Task, metrics: readonly Metric[], rungs: number): EarlyStopRule {
  const rates = errorRates(task, rungs, true);
  const { atLook, atEnd } = rates;
  // probes come after the last row, so a look says nothing of their goals
  const ofRows = task.goals.filter(({ probe }) => probe === undefined);
  const met = ofRows.length === task.goals.length ? 'surely meets every goal' : 'surely meets every goal that its rows tell of';
  return {
    looks(of, earlier = 1) {
      const looks: number[] = [];
      // without goals that rows tell of, a rung can only lose against another
      if (ofRows.length === 0 && earlier === 0) return looks;
      for (let rows = firstLook; rows < of; rows = Math.ceil(rows * growth)) looks.push(rows);
      return looks;
    },
    judge(look) {
      const { rows, of } = look;
      const grounds = groundsOf(task, metrics, look.examples);
      const stop = (reason: EarlyStop['reason'], why: string): EarlyStop => ({ reason, rows, of, why });
      // judged as it would be if measuring ended here
      const candidate: CandidateEvidence = { ...look.candidate, stopped: stop('dominated', '') };
      if (task.goals.length === 0) {
        const better = betterRung(candidate, look, grounds, atLook);
        return better === undefined ? undefined : stop('dominated', `surely under ${better.rung} on ${measureName(metrics[0]!.id)}`);
      }
      const goals = ofRows.map((goal) => ({ goal, status: goalStanding(goal, candidate, grounds, atLook) }));
      const missed = goals.find(({ status }) => status === 'not-met');
      if (missed !== undefined) return stop('misses-goal', `surely misses ${goalText(missed.goal)}`);
      if (goals.length > 0 && goals.every(({ status }) => status === 'met')) return stop('meets-goals', met);
      const cheaper = cheaperRung(candidate, look, grounds, rates);
      if (cheaper !== undefined) return stop('dominated', `${cheaper.rung} meets every goal and surely costs less`);
      const isFutile = wouldHardlyDecide(goals, candidate, grounds, { atEnd, of });
      return isFutile ? stop('cannot-tell', `stands so near a goal that the ${count(of - rows)} rows left would hardly decide`) : undefined;
    },
  };
}

/** An earlier rung that is surely better on the leading metric. */
function betterRung(candidate: CandidateEvidence, look: Look, grounds: Grounds, rates: ErrorRates): CandidateEvidence | undefined {
  const metric = grounds.metrics[0];
  const scores = metric === undefined ? undefined : candidate.scores[metric.id];
  if (metric === undefined || scores === undefined) return undefined;
  const error = rates.missed / Math.max(1, look.earlier.length);
  return look.earlier.find((other) => {
    const others = other.scores[metric.id];
    if (others === undefined || !isCandidate(other)) return false;
    const [better, worse] = metric.better === 'higher' ? [others, scores] : [scores, others];
    return pairedSurelyAbove(better, worse, 0, error, grounds.clusters);
  });
}

/** An earlier rung that meets every goal and surely costs less over the horizon. */
function cheaperRung(candidate: CandidateEvidence, look: Look, grounds: Grounds, rates: SharedRates): CandidateEvidence | undefined {
  const confidence = 1 - 2 * rates.atLook.missed;
  const own = horizonEnds(candidate, look, grounds, confidence);
  if (own === undefined) return undefined;
  return look.earlier.find((other) => {
    if (!isCandidate(other)) return false;
    const ends = horizonEnds(other, look, grounds, confidence);
    if (ends === undefined || ends.high >= own.low) return false;
    return overallStatus(judgeGoals(other, grounds, rates)) === 'met';
  });
}

// a rung that no guard lets through cannot be chosen in another's place
function isCandidate(other: CandidateEvidence): boolean {
  return other.skipped === undefined && blockingGuards(other).length === 0;
}

function horizonEnds(candidate: CandidateEvidence, look: Look, grounds: Grounds, confidence: number): Ends | undefined {
  const cost = costOfCandidate(candidate, grounds, look.trainingRows);
  const perRequest = asymptoticInterval(candidate.cost, { confidence, clusters: grounds.clusters });
  if (cost === undefined || perRequest === undefined) return undefined;
  const { costs, traffic } = grounds.task;
  if (costs.wrongAnswer === 0) return horizonCostInterval(cost, traffic, { perRequest });
  const lead = leadOf(candidate, grounds);
  const right = lead === undefined ? undefined : bettingInterval(candidate.scores[lead.id]!, { confidence, clusters: grounds.clusters });
  if (right === undefined) return undefined;
  return horizonCostInterval(cost, traffic, { perRequest, wrongPerRequest: wrongCostEnds(right, costs) });
}

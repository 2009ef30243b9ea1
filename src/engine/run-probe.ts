import type { Answer, Candidate } from '#core/candidate.ts';
import { messageOf, RungError } from '#core/errors.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import type { Metric, Score } from '#core/metric.ts';
import type { Probe, ProbedTuning, ProbeFindings, ProbeResult } from '#core/probe.ts';
import type { Overlay } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import type { Verdict } from '#core/verdict.ts';
import { type QuantileEstimate, quantileOfRows } from '#statistics/quantile.ts';
import { endsTheRun } from './execute.ts';
import { InterruptedError } from './interrupt.ts';
import { judgeRowWith } from './judge-row.ts';
import type { OpenRun } from './open-run.ts';
import { spentOf } from './run-spent.ts';
import { leadingMetric } from './score.ts';
import { summariseProbe } from './summarise-probe.ts';

export interface RunProbeOptions {
  readonly probe: Probe;
  readonly candidate: Candidate;
  readonly task: TaskBrief;
  readonly metrics: readonly Metric[];
  /** Rows that the probe may draw questions from. */
  readonly examples: readonly Example[];
  readonly options: JsonObject;
  readonly overlays: readonly Overlay[];
  readonly folder: string;
  /** What tuning may have changed of the candidate. */
  readonly tuning?: ProbedTuning | undefined;
  readonly seed: number;
  readonly confidence: number;
  readonly concurrency: number;
  readonly run: Pick<OpenRun, 'clock' | 'budget' | 'meter'>;
  progress(update: { done: number; total: number; message?: string }): void;
  /** Aborted when nothing more should be sent; what is in flight is finished. */
  readonly stopping: AbortSignal;
  /** Aborted when what is in flight should be dropped. */
  readonly abort: AbortSignal;
}

/** What a probe found: the document of `rung probe --json` but for the names of task and rung. */
export interface ProbeReport extends ProbeFindings {
  readonly candidate: string;
  /** Of the answers whose time is known; absent without any. */
  readonly latencyMs?: { readonly p50: QuantileEstimate; readonly p95: QuantileEstimate };
  readonly seed: number;
  readonly confidence: number;
  readonly spent: Readonly<Verdict['spent']>;
}

/** Runs a probe on a candidate and says what it found. Ends as `askProbe` does. */
export async function runProbe(options: RunProbeOptions): Promise<ProbeReport> {
  const { probe, candidate, seed, confidence } = options;
  const begun = options.run.clock.elapsed();
  const { result, times, unanswered } = await askProbe(options);
  const latency = Float64Array.from(times);
  const [p50, p95] = [quantileOfRows(latency, 0.5, { confidence }), quantileOfRows(latency, 0.95, { confidence })];
  return {
    ...summariseProbe(probe, result, options),
    candidate: candidate.id,
    ...(p50 === undefined || p95 === undefined ? {} : { latencyMs: { p50, p95 } }),
    seed,
    confidence,
    spent: { ...spentOf(options.run, begun), failures: unanswered },
  };
}

/**
 * Puts a probe's questions to a candidate; gives what came of them, the milliseconds of every answer (NaN where they are
 * not known) and the number of questions without one, which are left to the probe. What ends the run (a budget, an
 * interrupt, a key that is refused, a store that fails) ends it here with that error. Throws where no question at all was
 * answered.
 */
export async function askProbe(
  options: RunProbeOptions,
): Promise<{ readonly result: ProbeResult; readonly times: readonly number[]; readonly unanswered: number }> {
  const { probe, candidate, task, stopping, abort } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([stopping, abort, ending.signal]);
  const times: number[] = [];
  let firstFailure: unknown;
  let unanswered = 0;
  const watched: Candidate = {
    ...candidate,
    async answer(input, { sample }) {
      try {
        const answer = await candidate.answer(input, { signal: abort, sample });
        times.push(millisecondsOf(answer));
        return answer;
      } catch (error) {
        firstFailure ??= error;
        unanswered++;
        if (endsTheRun(error, abort)) ending.abort(error);
        throw error;
      }
    },
  };
  const score = scoreOf(options.metrics, task, abort);
  const { seed, confidence, concurrency, examples, folder, overlays, tuning } = options;
  const input = {
    task,
    options: options.options,
    seed,
    concurrency,
    examples,
    confidence,
    folder,
    overlays,
    ...(score && { score }),
    ...(tuning && { tuning }),
  };
  const result = await probe.run(watched, input, { signal, progress: options.progress }).catch((error: unknown) => {
    if (stopping.aborted || abort.aborted) throw new InterruptedError();
    throw ending.signal.aborted ? ending.signal.reason : error;
  });
  if (times.length === 0 && firstFailure !== undefined) throw nothingAnswered(firstFailure);
  return { result, times, unanswered };
}

/** The leading metric as probes see it: from 0 to 1, higher better. */
function scoreOf(
  metrics: readonly Metric[],
  task: TaskBrief,
  signal: AbortSignal,
): ((example: Example, answer: Answer) => Promise<number | null>) | undefined {
  const metric = leadingMetric(metrics);
  if (metric === undefined) return undefined;
  const judge = judgeRowWith([metric], task, signal);
  return async (example, answer) => {
    const score = judge === undefined ? scoreBy(metric, example, answer, task) : (await judge(example, answer))[metric.id];
    const value = score?.value ?? null;
    if (value === null || !Number.isFinite(value)) return null;
    const within = Math.min(1, Math.max(0, value));
    return metric.better === 'higher' ? within : 1 - within;
  };
}

/** A user's metric that throws costs the score of that answer, never the run. */
function scoreBy(metric: Metric, example: Example, answer: Answer, task: TaskBrief): Score | undefined {
  try {
    return metric.score?.(example, answer, { task });
  } catch {
    return undefined;
  }
}

function nothingAnswered(cause: unknown): RungError {
  return new RungError({
    code: 'probe-unanswered',
    message: `No question of the probe was answered: ${messageOf(cause)}`,
    hint: 'See whether the rung runs at all, with rung eval.',
    cause,
  });
}

/** Sum over the calls; NaN where a time is not known or no model was asked. */
function millisecondsOf({ calls }: Answer): number {
  if (calls.length === 0) return Number.NaN;
  return calls.reduce((sum, { latencyMs }) => sum + (latencyMs ?? Number.NaN), 0);
}

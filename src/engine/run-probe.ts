import type { Answer, Candidate } from '#core/candidate.ts';
import { messageOf, RungError } from '#core/errors.ts';
import type { Estimate } from '#core/estimate.ts';
import type { Example } from '#core/example.ts';
import type { JsonObject } from '#core/json.ts';
import type { Metric } from '#core/metric.ts';
import { ModelError } from '#core/model-error.ts';
import { toDollars } from '#core/money.ts';
import type { Probe, ProbeCase, ProbeMeasure } from '#core/probe.ts';
import type { Overlay } from '#core/prompt.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { type QuantileEstimate, quantileOfRows } from '#statistics/quantile.ts';
import { InterruptedError } from './interrupt.ts';
import { judgeRowWith } from './judge-row.ts';
import type { OpenRun } from './open-run.ts';
import { leadingMetric } from './score.ts';
import { type SeriesPoint, summariseProbe } from './summarise-probe.ts';

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
export interface ProbeReport {
  readonly probe: string;
  readonly candidate: string;
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** Which way each metric is better. */
  readonly better: Readonly<Record<string, ProbeMeasure['better']>>;
  readonly series: readonly SeriesPoint[];
  readonly cases: readonly ProbeCase[];
  /** Cases that passed, by family. */
  readonly families: readonly { readonly family: string; readonly passed: Estimate }[];
  /** Of the answers whose time is known; absent without any. */
  readonly latencyMs?: { readonly p50: QuantileEstimate; readonly p95: QuantileEstimate };
  readonly options: JsonObject;
  readonly seed: number;
  readonly confidence: number;
  readonly spent: {
    readonly dollars: number;
    readonly calls: number;
    readonly cached: number;
    readonly retries: number;
    readonly failures: number;
    readonly seconds: number;
  };
}

/**
 * Runs a probe on a candidate and summarises what it found. What ends the run (a budget, an interrupt, a key that is
 * refused, a store that fails) ends it here with that error; a question without an answer is left to the probe. Throws
 * where no question at all was answered.
 */
export async function runProbe(options: RunProbeOptions): Promise<ProbeReport> {
  const { probe, candidate, task, run, stopping, abort } = options;
  const begun = run.clock.elapsed();
  const ending = new AbortController();
  const signal = AbortSignal.any([stopping, abort, ending.signal]);
  const times: number[] = [];
  let firstFailure: unknown;
  const watched: Candidate = {
    ...candidate,
    async answer(input, { sample }) {
      try {
        const answer = await candidate.answer(input, { signal: abort, sample });
        times.push(millisecondsOf(answer));
        return answer;
      } catch (error) {
        firstFailure ??= error;
        run.meter.failures++;
        if (!isOfOneQuestion(error)) ending.abort(error);
        throw error;
      }
    },
  };
  const score = scoreOf(options.metrics, task, abort);
  const { seed, confidence, concurrency, examples, folder, overlays } = options;
  const input = { task, options: options.options, seed, concurrency, examples, confidence, folder, overlays, ...(score && { score }) };
  const result = await probe.run(watched, input, { signal, progress: options.progress }).catch((error: unknown) => {
    if (stopping.aborted || abort.aborted) throw new InterruptedError();
    throw ending.signal.aborted ? ending.signal.reason : error;
  });
  if (times.length === 0 && firstFailure !== undefined) throw nothingAnswered(firstFailure);
  const latency = Float64Array.from(times);
  const [p50, p95] = [quantileOfRows(latency, 0.5, { confidence }), quantileOfRows(latency, 0.95, { confidence })];
  const { budget, meter, clock } = run;
  return {
    probe: probe.id,
    candidate: candidate.id,
    ...summariseProbe(probe, result, { confidence, seed }),
    cases: result.cases,
    ...(p50 === undefined || p95 === undefined ? {} : { latencyMs: { p50, p95 } }),
    options: options.options,
    seed,
    confidence,
    spent: {
      dollars: toDollars(budget.spent),
      calls: budget.calls,
      cached: meter.cached,
      retries: meter.retries,
      failures: meter.failures,
      seconds: (clock.elapsed() - begun) / 1000,
    },
  };
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
    const score = judge === undefined ? metric.score?.(example, answer, { task }) : (await judge(example, answer))[metric.id];
    const value = score?.value ?? null;
    if (value === null || !Number.isFinite(value)) return null;
    const within = Math.min(1, Math.max(0, value));
    return metric.better === 'higher' ? within : 1 - within;
  };
}

function isOfOneQuestion(error: unknown): boolean {
  return ModelError.is(error) && error.kind !== 'unauthorised';
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

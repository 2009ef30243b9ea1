import type { Answer, CallableModel, Candidate } from '#core/candidate.ts';
import { type Example, expectedText, type Input } from '#core/example.ts';
import { canonicalJson, type Json } from '#core/json.ts';
import type { Metric } from '#core/metric.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import { judgeRowWith } from '#engine/judge-row.ts';

export interface AnswerOptions {
  readonly candidate: Candidate;
  /** Answers to one input: 1, or as many as a preference is chosen from. */
  readonly samples: number;
  readonly metrics: readonly Metric[];
  readonly task: TaskBrief;
  /** Every score must reach it, from 0 to 1 and higher better. */
  readonly minimum: number;
  readonly signal: AbortSignal;
}

/** What became of the answers to one input: a row, or why it is none. `passed` says whether the best answer reached the minimum; null where nothing scored it. */
export type Outcome =
  | { readonly answer: Json; readonly rejected?: Json; readonly passed: true | null }
  | { readonly why: 'unreadable' | 'below-minimum' | 'tied'; readonly detail: string; readonly passed: boolean | null };

interface Ranked {
  readonly value: Json;
  /** Mean of the scores; null where no metric could score. */
  readonly score: number | null;
  readonly lowest: number | null;
  readonly reason?: string;
}

/** From 0 for a temperature that a rung leaves at 0: sampled answers must differ to be ranked. */
const samplingTemperature = 0.9;

/** A model whose answers vary. */
export function sampling(model: CallableModel): CallableModel {
  return {
    ...model,
    generate: (request, options) =>
      model.generate({ ...request, temperature: Math.max(request.temperature ?? 0, samplingTemperature) }, options),
  };
}

/**
 * Asks the candidate for one input and scores what would be taught with every metric that can: against the parent's answer where the
 * variation keeps it, without an answer else. With several samples the best is set against the worst. Throws where an answer fails.
 */
export async function answerInput(input: Input, parent: Example, keepsAnswer: boolean, options: AnswerOptions): Promise<Outcome> {
  const { expected, ...rest } = parent;
  const example: Example = { ...rest, input, ...(keepsAnswer && expected !== undefined ? { expected } : {}) };
  const { candidate, samples, signal, minimum } = options;
  const answers: Answer[] = [];
  // one after another, since a second answer is of no use where the first one fails
  for (let sample = 0; sample < samples; sample++) answers.push(await candidate.answer(input, { signal, ...(sample > 0 && { sample }) }));
  const ranked: Ranked[] = [];
  for (const answer of answers) {
    if (answer.value === undefined || answer.value === '') continue;
    const taught = { ...answer, text: expectedText(answer.value), strict: true };
    ranked.push({ value: answer.value, ...(await scoresOf(example, taught, options)) });
  }
  ranked.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  const [best] = ranked;
  if (best === undefined) return { why: 'unreadable', detail: answers[0]?.text ?? '', passed: null };
  if (best.lowest !== null && best.lowest < minimum)
    return { why: 'below-minimum', detail: best.reason ?? `scored ${best.lowest}`, passed: false };
  const passed = best.lowest === null ? null : true;
  if (samples === 1) return { answer: best.value, passed };
  const worst = ranked.at(-1)!;
  if (
    best.score === null ||
    worst.score === null ||
    worst.score >= best.score ||
    canonicalJson(worst.value) === canonicalJson(best.value)
  ) {
    return { why: 'tied', detail: `${ranked.length} answers scored alike`, passed };
  }
  return { answer: best.value, rejected: worst.value, passed: true };
}

async function scoresOf(
  example: Example,
  answer: Answer,
  { metrics, task, signal }: AnswerOptions,
): Promise<Pick<Ranked, 'score' | 'lowest' | 'reason'>> {
  const judged = (await judgeRowWith(metrics, task, signal)?.(example, answer)) ?? {};
  const scores: { readonly value: number; readonly reason: string }[] = [];
  for (const metric of metrics) {
    const score = metric.judge === undefined ? scoreBy(metric, example, answer, task) : judged[metric.id];
    const value = score?.value ?? null;
    if (value === null || !Number.isFinite(value)) continue;
    const within = Math.min(1, Math.max(0, value));
    scores.push({ value: metric.better === 'higher' ? within : 1 - within, reason: `${metric.id}: ${score?.reason ?? value}` });
  }
  if (scores.length === 0) return { score: null, lowest: null };
  const worst = scores.reduce((low, one) => (one.value < low.value ? one : low));
  return { score: scores.reduce((sum, { value }) => sum + value, 0) / scores.length, lowest: worst.value, reason: worst.reason };
}

/** A user's metric that throws costs its score of that answer, never the run. */
function scoreBy(metric: Metric, example: Example, answer: Answer, task: TaskBrief) {
  try {
    return metric.score?.(example, answer, { task });
  } catch {
    return undefined;
  }
}

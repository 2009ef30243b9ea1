import type { Answer } from '#core/candidate.ts';
import { messageOf } from '#core/errors.ts';
import type { CandidateEvidence } from '#core/evidence.ts';
import type { Example } from '#core/example.ts';
import type { Metric, Score } from '#core/metric.ts';
import type { RoutingPlan } from '#core/routing.ts';
import type { Row, Setup } from '#core/run.ts';
import type { TaskBrief } from '#core/task-brief.ts';
import type { TrainingEvent } from '#core/trainer.ts';
import type { Judged } from './execute.ts';

/** The metric that candidates are chosen by while they are prepared and shown by while they run. */
export function leadingMetric(metrics: readonly Metric[]): Metric | undefined {
  return metrics.find(scoresRows);
}

/** True where a metric scores rows one at a time, by itself or by asking a model. */
function scoresRows(metric: Metric): boolean {
  return metric.score !== undefined || metric.judge !== undefined;
}

interface StepFault {
  rows: number;
  /** The first row that it was seen in, whatever order answers arrived in, and what was wrong there. */
  row: number;
  why: string;
}

/** Steps that a candidate names row by row, as none of Rung's own does, are not all kept. */
const mostSteps = 100;

/** Scores rows into columns as they come, so that memory holds numbers rather than answers. */
export class Scoreboard {
  readonly #task: TaskBrief;
  readonly #examples: readonly Example[];
  readonly #metrics: readonly Metric[];
  readonly #leadingMetric: string | undefined;
  readonly #scores: Record<string, Float64Array> = {};
  readonly #answered: (string | undefined)[] | undefined;
  readonly #latencyMs: Float64Array;
  readonly #cost: Float64Array;
  readonly #inputTokens: Float64Array;
  readonly #outputTokens: Float64Array;
  readonly #failed: Uint8Array;
  readonly #parts: Record<string, Record<string, Float64Array>> = {};
  readonly #faults = new Map<string, { rows: number; why: string }>();
  readonly #stepFaults = new Map<string, StepFault>();
  readonly #failureReasons = new Map<string, number>();
  #routed: { readonly accepted: Float64Array; readonly confidence: Float64Array } | undefined;
  #done = 0;
  #failures = 0;

  constructor(task: TaskBrief, examples: readonly Example[], metrics: readonly Metric[]) {
    this.#task = task;
    this.#examples = examples;
    this.#metrics = metrics;
    this.#leadingMetric = leadingMetric(metrics)?.id;
    const column = () => new Float64Array(examples.length).fill(Number.NaN);
    for (const metric of metrics) if (scoresRows(metric)) this.#scores[metric.id] = column();
    this.#answered = task.output.kind === 'labels' ? new Array(examples.length) : undefined;
    this.#latencyMs = column();
    this.#cost = column();
    this.#inputTokens = column();
    this.#outputTokens = column();
    this.#failed = new Uint8Array(examples.length);
  }

  get done(): number {
    return this.#done;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Sum and number of the scores so far of the metric that leads: the first one that scores rows. */
  get leading(): { readonly sum: number; readonly n: number } {
    let sum = 0;
    let n = 0;
    // in the order of the rows: answers arrive in any, and a sum that differs in its last bit can turn a tie
    for (const score of this.#leadingMetric === undefined ? [] : this.#scores[this.#leadingMetric]!) {
      if (Number.isNaN(score)) continue;
      sum += score;
      n++;
    }
    return { sum, n };
  }

  add(index: number, row: Row, judged?: Judged): void {
    const example = this.#examples[index] as Example;
    this.#done++;
    if (row.answer === undefined) {
      this.#failures++;
      this.#failed[index] = 1;
      const why = row.failure?.message ?? '';
      this.#failureReasons.set(why, (this.#failureReasons.get(why) ?? 0) + 1);
    } else {
      this.#measure(index, row.answer, row.latencyMs);
      this.#noteSteps(index, row.answer);
      this.#noteRouting(index, row.answer);
    }
    for (const metric of this.#metrics) {
      if (!scoresRows(metric)) continue;
      const value = row.answer === undefined ? metric.onError : this.#scoreOf(metric, index, example, row.answer, judged);
      (this.#scores[metric.id] as Float64Array)[index] = value ?? Number.NaN;
    }
  }

  /** A user's metric may throw or give what is no number: that costs its score of the row, never the run. */
  #scoreOf(metric: Metric, index: number, example: Example, answer: Answer, judged: Judged | undefined): number | null {
    try {
      const score = metric.judge === undefined ? metric.score?.(example, answer, { task: this.#task }) : judged?.[metric.id];
      const value: unknown = score?.value ?? null;
      if (metric.judge !== undefined && value === null && score?.reason !== undefined) this.#fault(metric.id, score.reason);
      if (value === null || (typeof value === 'number' && Number.isFinite(value))) {
        this.#keepParts(metric.id, index, score);
        return value;
      }
      this.#fault(metric.id, typeof value === 'number' ? 'gave what is no finite number' : `gave a ${typeof value} as a score`);
    } catch (error) {
      this.#fault(metric.id, messageOf(error));
    }
    return null;
  }

  #keepParts(metric: string, index: number, score: Score | undefined): void {
    for (const [part, value] of Object.entries(score?.parts ?? {})) {
      this.#parts[metric] ??= {};
      const columns = this.#parts[metric];
      columns[part] ??= new Float64Array(this.#examples.length).fill(Number.NaN);
      columns[part][index] = value;
    }
  }

  #fault(metric: string, why: string): void {
    const known = this.#faults.get(metric);
    this.#faults.set(metric, { rows: (known?.rows ?? 0) + 1, why: known?.why ?? why });
  }

  #measure(index: number, answer: Answer, latencyMs: number | null): void {
    let cost = 0;
    let inputTokens = 0;
    let outputTokens = 0;
    for (const call of answer.calls) {
      cost += call.cost;
      inputTokens += call.usage?.inputTokens ?? Number.NaN;
      outputTokens += call.usage?.outputTokens ?? Number.NaN;
    }
    this.#latencyMs[index] = latencyMs ?? Number.NaN;
    this.#cost[index] = cost;
    this.#inputTokens[index] = inputTokens;
    this.#outputTokens[index] = outputTokens;
    if (this.#answered !== undefined && typeof answer.value === 'string') this.#answered[index] = answer.value;
  }

  #noteRouting(index: number, { routed }: Answer): void {
    if (routed === undefined) return;
    const column = () => new Float64Array(this.#examples.length).fill(Number.NaN);
    this.#routed ??= { accepted: column(), confidence: column() };
    this.#routed.accepted[index] = routed.accepted ? 1 : 0;
    this.#routed.confidence[index] = routed.confidence ?? Number.NaN;
  }

  #noteSteps(index: number, { steps = [] }: Answer): void {
    const faulty = new Map(steps.flatMap(({ name, fault }) => (fault === undefined ? [] : [[name, fault] as const])));
    for (const [name, why] of faulty) {
      const known = this.#stepFaults.get(name);
      if (known === undefined) {
        if (this.#stepFaults.size < mostSteps) this.#stepFaults.set(name, { rows: 1, row: index, why });
        continue;
      }
      known.rows++;
      if (index < known.row) Object.assign(known, { row: index, why });
    }
  }

  /** In the order of their names; `of` counts the answers. */
  #faultySteps(): NonNullable<CandidateEvidence['stepFaults']> {
    const of = this.#done - this.#failures;
    const steps = [...this.#stepFaults].sort(([a], [b]) => (a < b ? -1 : 1));
    return steps.map(([step, { rows, why }]) => ({ step, rows, of, why }));
  }

  evidence(about: {
    rung: string;
    candidate: string;
    model: string | null;
    tuned: boolean;
    setup: Setup;
    training: readonly TrainingEvent[];
    priced: boolean;
    retiresOn?: string;
    part?: string;
    plan?: RoutingPlan;
  }): CandidateEvidence {
    const { plan, ...others } = about;
    const [commonest] = [...this.#failureReasons].filter(([why]) => why !== '').sort(([, a], [, b]) => b - a);
    return {
      ...others,
      ...(plan === undefined || this.#routed === undefined ? {} : { routing: { plan, ...this.#routed } }),
      scores: this.#scores,
      answered: this.#answered,
      latencyMs: this.#latencyMs,
      cost: this.#cost,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      failed: this.#failed,
      ...(commonest === undefined ? {} : { failure: { why: commonest[0], rows: commonest[1] } }),
      ...(Object.keys(this.#parts).length === 0 ? {} : { parts: this.#parts }),
      ...(this.#stepFaults.size === 0 ? {} : { stepFaults: this.#faultySteps() }),
      ...(this.#faults.size === 0 ? {} : { metricFaults: [...this.#faults].map(([metric, fault]) => ({ metric, ...fault })) }),
    };
  }
}

/** The evidence of a rung that did not run. */
export function skippedEvidence(rung: string, model: string | null, why: string): CandidateEvidence {
  const none = new Float64Array(0);
  return {
    rung,
    candidate: '',
    model,
    tuned: false,
    scores: {},
    answered: undefined,
    latencyMs: none,
    cost: none,
    inputTokens: none,
    outputTokens: none,
    failed: new Uint8Array(0),
    setup: { cost: 0, seconds: 0 },
    training: [],
    priced: false,
    skipped: why,
  };
}

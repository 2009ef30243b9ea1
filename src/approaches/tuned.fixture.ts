import type { ApproachContext, MeasuredRow, PrepareInput } from '#core/approach.ts';
import type { Manifest } from '#core/candidate.ts';
import { type Example, expectedText } from '#core/example.ts';
import type { Json } from '#core/json.ts';
import type { ModelReference } from '#core/model.ts';
import type { TrainingJob } from '#core/trainer.ts';
import { contextWith } from './approach-contract.fixture.ts';
import { scriptedModel } from './reasoning.fixture.ts';

/** What a candidate answers to an example; undefined where it brings no answer. */
type Answering = (manifest: Manifest, example: Example) => string | undefined;

interface Noting {
  readonly context: ApproachContext;
  readonly jobs: TrainingJob[];
  readonly measured: Manifest[];
  /** Names of the trainings that were judged by the task. */
  readonly judged: string[];
}

/** A context whose trainer makes adapter after adapter, noting what it was given; answers are right or wrong letter by letter. */
export function notingContext(folder: string, answering: Answering, train?: (job: TrainingJob) => ModelReference): Noting {
  const jobs: TrainingJob[] = [];
  const measured: Manifest[] = [];
  const judged: string[] = [];
  const context: ApproachContext = {
    ...contextWith(
      folder,
      scriptedModel(() => 'sun'),
    ),
    async train(job, { evaluate } = {}) {
      jobs.push(job);
      if (evaluate !== undefined) judged.push(job.method);
      const model = train?.(job) ?? { model: job.base.model, adapter: `a_${jobs.length}` };
      return { model, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 };
    },
    async measure(manifest, examples) {
      measured.push(manifest);
      return examples.map((example): MeasuredRow => {
        const text = answering(manifest, example);
        if (text === undefined) return { example, score: 0, latencyMs: null };
        const score = example.expected === undefined ? null : Number(text === expectedText(example.expected as Json));
        const value = ['sun', 'rain'].includes(text) ? text : undefined;
        return { example, answer: { text, value, strict: true, calls: [] }, score, latencyMs: null };
      });
    },
  };
  return { context, jobs, measured, judged };
}

/** The same context where the metric is one of which less is better. */
export function lessIsBetter(context: ApproachContext): ApproachContext {
  const turned = ({ score, ...row }: MeasuredRow): MeasuredRow => ({ ...row, score: score === null ? null : score - 1 });
  return { ...context, bestScore: 0, measure: async (...asked) => (await context.measure(...asked)).map(turned) };
}

/** The prompt of a row that a trainer is given, without the answer. */
export function askedOf(job: TrainingJob): readonly string[] {
  if (job.method === 'pretraining') return job.train.map(({ text }) => text);
  return job.train.map(({ messages }) => messages.findLast(({ role }) => role === 'user')?.content ?? '');
}

/** The same input with other rows. */
export function withTrain(input: PrepareInput, train: readonly Example[]): PrepareInput {
  return { ...input, train };
}

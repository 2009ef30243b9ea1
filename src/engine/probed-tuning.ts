import type { Manifest } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Message } from '#core/message.ts';
import type { ModelReference } from '#core/model.ts';
import { ModelError } from '#core/model-error.ts';
import type { ProbedTuning } from '#core/probe.ts';
import { readExamplesFile } from '#data/read-examples.ts';
import type { Jobs } from '#jobs/jobs.ts';
import { endsTheRun } from './execute.ts';
import type { Models } from './models.ts';
import type { Plan } from './plan.ts';
import { type TunedReference, trainedOn } from './tuned-reference.ts';

interface TuningOptions {
  readonly plan: Pick<Plan, 'general'>;
  readonly models: Models;
  readonly jobs: Pick<Jobs, 'data'>;
  readonly abort: AbortSignal;
}

/** What probes of tuning need of a candidate and the tuned model in it, if any; undefined where it asks no model. */
export async function probedTuning(
  manifest: Manifest,
  tuned: TunedReference | undefined,
  options: TuningOptions,
): Promise<ProbedTuning | undefined> {
  const { plan, models, jobs } = options;
  const own = tuned?.tuned ?? manifest.model;
  if (own === null) return undefined;
  const base = tuned?.base ?? own;
  const trained = await trainedOn(tuned, jobs);
  const { score } = await models.open(own);
  return {
    general: plan.general.length > 0 ? plan.general : await generalSuite(base, models),
    trained,
    lost: tuned === undefined ? 0 : lostTrainings(tuned, trained),
    ask: askOf(own, options),
    ...(score === undefined ? {} : { score: scoreOf(own, options) }),
    ...(tuned === undefined ? {} : { askBefore: askOf(base, options) }),
  };
}

/** The suite of general abilities that comes with a base model; empty where there is none. */
export async function generalSuite(base: ModelReference, models: Models): Promise<readonly Example[]> {
  const { generalSuite: file } = await models.open(base);
  return file === undefined ? [] : (await readExamplesFile(file)).examples;
}

/** Trainings that led to a model and whose rows are not known any more; those before the first that is known count as one. */
export function lostTrainings({ jobs, isTraced }: TunedReference, trained: readonly unknown[]): number {
  return jobs.length - trained.length + (isTraced ? 0 : 1);
}

function scoreOf(reference: ModelReference, { models, abort }: TuningOptions): NonNullable<ProbedTuning['score']> {
  return async (messages, answers) => {
    const model = await models.callable(reference);
    try {
      const { scores = [] } = (await model.score?.({ messages, answers }, { signal: abort })) ?? {};
      return scores.length === 0 ? undefined : scores.map(({ logProbability }) => logProbability);
    } catch (error) {
      if (endsTheRun(error, abort) || !ModelError.is(error)) throw error;
      return undefined;
    }
  };
}

function askOf(reference: ModelReference, { models, abort }: TuningOptions): ProbedTuning['ask'] {
  return async (messages: readonly Message[], maxOutputTokens: number) => {
    const model = await models.callable(reference);
    try {
      return (await model.generate({ messages, maxOutputTokens }, { signal: abort })).response.text;
    } catch (error) {
      if (endsTheRun(error, abort) || !ModelError.is(error)) throw error;
      return undefined;
    }
  };
}

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
import { trainedOn, tunedReference } from './tuned-reference.ts';

interface TuningOptions {
  readonly plan: Pick<Plan, 'general'>;
  readonly models: Models;
  readonly jobs: Pick<Jobs, 'list' | 'data'>;
  readonly abort: AbortSignal;
}

/** What probes of tuning need of a candidate; undefined where it asks no model. */
export async function probedTuning(manifest: Manifest, options: TuningOptions): Promise<ProbedTuning | undefined> {
  const { plan, models, jobs } = options;
  const found = tunedReference(manifest, await jobs.list());
  const own = found?.tuned ?? manifest.model;
  if (own === null) return undefined;
  const base = found?.base ?? own;
  return {
    general: plan.general.length > 0 ? plan.general : await generalSuite(base, models),
    trained: await trainedOn(found, jobs),
    ask: askOf(own, options),
    ...(found === undefined ? {} : { askBefore: askOf(base, options) }),
  };
}

/** The suite of general abilities that comes with a base model; empty where there is none. */
export async function generalSuite(base: ModelReference, models: Models): Promise<readonly Example[]> {
  const { generalSuite: file } = await models.open(base);
  return file === undefined ? [] : (await readExamplesFile(file)).examples;
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

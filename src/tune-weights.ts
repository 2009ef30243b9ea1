import type { JobRecord } from '#core/job.ts';
import type { Trainer } from '#core/trainer.ts';

/** Where the weights of a job that has succeeded are to be had. */
export type WeightsPlace =
  | { readonly kind: 'here'; readonly artefact: string }
  | { readonly kind: 'service'; readonly service: string }
  /** `why` is a sentence with its source. */
  | { readonly kind: 'withheld'; readonly why: string };

/** Undefined where the job has not succeeded, or its trainer is not known. */
export function weightsPlace({ state, model, trainer: id }: JobRecord, trainers: readonly Trainer[]): WeightsPlace | undefined {
  if (state !== 'succeeded') return undefined;
  if (model?.adapter !== undefined) return { kind: 'here', artefact: model.adapter };
  const trainer = trainers.find((one) => one.id === id);
  if (trainer?.download !== undefined) return { kind: 'service', service: id };
  return trainer?.withholds === undefined ? undefined : { kind: 'withheld', why: trainer.withholds };
}

/** What can be done instead where weights are withheld. */
export const otherWay =
  'The rows are yours: tune them on open weights, whose adapters stay with you or can be fetched, as with rung tune start --trainer peft, or --trainer together on a base at Together.';

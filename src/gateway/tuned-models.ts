import type { ModelReference } from '#core/model.ts';
import { checkpointName, type ServedJob, tunedName } from './served-job.ts';

/** A model that a job made, under the name that it answers to. */
export interface TunedModel {
  readonly name: string;
  readonly job: ServedJob;
  readonly reference: ModelReference;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** True for what a job kept on the way. */
  readonly isCheckpoint: boolean;
}

/** The models of jobs that succeeded and were not deleted, in the order of their jobs. */
export function tunedModels(jobs: readonly ServedJob[], organization: string): readonly TunedModel[] {
  return jobs.flatMap((job): TunedModel[] => {
    if (job.tuned === undefined || job.modelDeleted === true) return [];
    const { endedAt: at = job.createdAt } = job;
    const checkpoints = job.checkpoints.map(({ step, model, at }) => ({
      ...{ name: checkpointName(job, organization, step), job, reference: model, at },
      isCheckpoint: true,
    }));
    return [{ name: tunedName(job, organization), job, reference: job.tuned, at, isCheckpoint: false }, ...checkpoints];
  });
}

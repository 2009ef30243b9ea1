import { inputError } from '#core/errors.ts';
import type { JobRecord } from '#core/job.ts';
import type { Trainer, TrainerSite } from '#core/trainer.ts';
import { openRun } from '#engine/open-run.ts';
import { siteFor } from '#engine/training.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import type { PlannedTask } from './session.ts';
import type { TaskRunOptions } from './task-run.ts';
import { stateFolder } from './task-state.ts';

/** The trainer of a job and where it takes place, for whoever asks about a job without preparing its rung. */
export async function jobSite<T>(
  { task, plan }: PlannedTask,
  { trainer: id, base }: JobRecord,
  options: Pick<TaskRunOptions, 'plugins' | 'environment'> & { readonly signal?: AbortSignal },
  use: (trainer: Trainer, site: TrainerSite) => Promise<T>,
): Promise<T> {
  const trainers = options.plugins.trainers;
  const trainer = trainers.find((one) => one.id === id);
  if (trainer === undefined) {
    throw inputError({
      code: 'unknown-trainer',
      message: `The job was made by the trainer ${id}, which is not known here.`,
      hint: `Known are: ${trainers.map((one) => one.id).join(', ')}.`,
    });
  }
  const { signal = new AbortController().signal } = options;
  const store = await openSqliteStore(':memory:');
  const artefacts = openArtefacts(stateFolder(task));
  try {
    const { models } = openRun({ ...options, plan, store, artefacts });
    const about = { trainers, base: models.baseOf(base.model), settings: task.trainers, environment: options.environment };
    return await use(trainer, siteFor(trainer, { ...about, taskFolder: task.folder, artefacts, signal }));
  } finally {
    await store.close();
  }
}

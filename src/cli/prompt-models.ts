import type { Models } from '#engine/models.ts';
import { openRun } from '#engine/open-run.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { stateFolder } from '../task-state.ts';
import type { OpenTask } from './prompt-task.ts';

/** Opens the models of a task without its store: nothing that is asked of them is kept. */
export async function withModels<T>(
  { planned: { task, plan }, plugins, environment }: OpenTask,
  use: (models: Models) => Promise<T>,
): Promise<T> {
  const store = await openSqliteStore(':memory:');
  try {
    const { models } = openRun({ plan, plugins, store, environment, artefacts: openArtefacts(stateFolder(task)) });
    try {
      return await use(models);
    } finally {
      await models.close();
    }
  } finally {
    await store.close();
  }
}

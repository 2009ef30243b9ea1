import { join } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import type { Store } from '#core/store.ts';
import type { Task } from '#core/task.ts';
import { openArtefacts } from '#stores/artefacts.ts';
import { lockRuns } from '#stores/run-lock.ts';
import { openSqliteStore } from '#stores/sqlite.ts';

/** What a task was told and made, opened. */
export interface TaskState {
  readonly store: Store;
  readonly artefacts: ArtefactStore;
}

/** Where a task keeps its answers and artefacts. */
export function stateFolder(task: Pick<Task, 'folder'>): string {
  return join(task.folder, '.rung');
}

/** Opens a task's state for one run at a time; closes it when `use` has ended. Throws where another run holds it. */
export async function withTaskState<T>(task: Pick<Task, 'folder'>, use: (state: TaskState) => Promise<T>): Promise<T> {
  const folder = stateFolder(task);
  const lock = await lockRuns(folder);
  try {
    const store = await openSqliteStore(join(folder, 'store.sqlite'));
    try {
      return await use({ store, artefacts: openArtefacts(folder) });
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

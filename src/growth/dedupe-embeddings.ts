import { exitCodes, inputError, RungError } from '#core/errors.ts';
import { toDollars } from '#core/money.ts';
import type { Plugins } from '#core/plugins.ts';
import type { EmbedTexts } from '#data/deduplicate/semantic-pairs.ts';
import type { Clock } from '#engine/clock.ts';
import { openRun } from '#engine/open-run.ts';
import type { PlannedTask } from '../session.ts';
import { withTaskState } from '../task-state.ts';

export interface EmbeddingOptions {
  readonly plugins: Plugins;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A role of the task's `models:`, or the name of a model. */
  readonly model: string;
  /** US dollars. */
  readonly budget?: number;
  readonly maxCalls?: number;
  /** Aborted when nothing more should be asked. */
  readonly stopping?: AbortSignal;
  /** Aborted when what is in flight should be dropped as well. */
  readonly abort?: AbortSignal;
  readonly clock?: Clock;
}

/** A model's vectors, bought once. */
export interface OpenEmbedding {
  /** Under the name by which it is priced. */
  readonly model: string;
  /** Throws where the budget ends or someone interrupts. Vectors that were paid for stay in the task's store. */
  readonly embed: EmbedTexts;
  /** `cached` counts texts whose vector was in the store; dollars are null where the model's price is not known. */
  spent(): { readonly dollars: number | null; readonly calls: number; readonly cached: number };
}

/**
 * Opens a model that makes embeddings with a task's providers, prices and store, and closes it when `use` is done. Throws a usage error
 * where the model makes none.
 */
export async function withEmbedding<T>(
  { task, plan }: Pick<PlannedTask, 'task' | 'plan'>,
  options: EmbeddingOptions,
  use: (embedding: OpenEmbedding) => Promise<T>,
): Promise<T> {
  return withTaskState(task, async (state) => {
    const { models, budget, meter } = openRun({ ...options, ...state, plan });
    try {
      const name = models.nameOf(options.model);
      const [{ embed }, { price, remote }] = await Promise.all([models.callable({ model: name }), models.open({ model: name })]);
      if (embed === undefined) throw withoutEmbeddings(name, task.file);
      const never = new AbortController().signal;
      const { stopping = never, abort = never } = options;
      return await use({
        model: name,
        embed: async (texts) => {
          if (stopping.aborted || abort.aborted) throw interrupted();
          try {
            return (await embed(texts, { signal: abort })).vectors;
          } catch (error) {
            throw stopping.aborted || abort.aborted ? interrupted() : error;
          }
        },
        spent: () => ({
          dollars: price === undefined && remote ? null : toDollars(budget.spent),
          calls: budget.calls,
          cached: meter.cached,
        }),
      });
    } finally {
      await models.close();
    }
  });
}

function withoutEmbeddings(model: string, file: string): RungError {
  return inputError({
    code: 'model-without-embeddings',
    message: `${model} makes no embeddings.`,
    hint: 'Name a model that does, as openai/text-embedding-3-small; where the name does not tell, set embeddings: true in its provider.',
    place: { file },
  });
}

function interrupted(): RungError {
  return new RungError({
    code: 'interrupted',
    message: 'Stopped; nothing was written.',
    hint: 'Vectors that were made are kept: run the same command again to go on.',
    exitCode: exitCodes.interrupted,
  });
}

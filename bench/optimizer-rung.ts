import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type OptimisationHistory, trialsFile } from '../src/approaches/optimized-history.ts';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import type { Outcome } from './optimizer-contenders.ts';
import type { ModelServer } from './optimizer-server.ts';
import { drawTask, type OptimizerTask } from './optimizer-tasks.ts';

export interface RungOutcome extends Outcome {
  /** What the search tried and why it stopped; absent for a rung that searches nothing. */
  readonly history?: OptimisationHistory;
}

/** Climbs one rung of a draw through the bench's server and takes its scores of the test rows. */
export async function runRung(
  task: OptimizerTask,
  entry: { readonly rung: string; readonly calls?: number },
  server: ModelServer,
  { seed, model, contextLength }: { readonly seed: number; readonly model: string; readonly contextLength: number },
): Promise<RungOutcome> {
  const client = ['rung', ...Object.values(entry), seed, task.name, model].join('-');
  const provider = { kind: 'openai-compatible', baseUrl: server.urlOf(client), concurrency: 8, contextLength };
  const drawn = await drawTask(task, seed, {
    providers: { bench: provider },
    models: { base: `bench/${model}`, strong: 'bench/strong' },
    ladder: [entry],
  });
  const plugins = defaultPlugins();
  const begun = performance.now();
  try {
    const planned = await planTask({ task: drawn.folder, plugins, environment: {}, seed });
    const options = { plugins, environment: {}, all: true };
    const { scores, ids, skipped } = await climbTask(planned, options, async ({ evidence, verdict }) => ({
      scores: Object.values(evidence.candidates[0]?.scores ?? {})[0],
      ids: evidence.examples.map(({ id }) => id),
      skipped: verdict.rungs[0]?.skipped,
    }));
    if (scores === undefined) throw new Error(`${entry.rung} did not run: ${skipped}`);
    const byId = new Map(ids.map((id, index) => [id, scores[index] as number]));
    const calls = server.callsOf(client);
    const history = await historyIn(drawn.folder);
    return {
      scores: drawn.test.map(({ id }) => byId.get(id) ?? 0),
      // one answer to each test row; what else was asked was asked while searching
      calls: (calls[model] ?? 0) - drawn.test.length,
      strongCalls: calls['strong'] ?? 0,
      found: null,
      version: 'here',
      seconds: (performance.now() - begun) / 1000,
      ...(history && { history }),
    };
  } finally {
    await plugins.close();
    await rm(drawn.folder, { recursive: true, force: true });
  }
}

async function historyIn(folder: string): Promise<OptimisationHistory | undefined> {
  const files = await readdir(join(folder, '.rung'), { recursive: true });
  const file = files.find((name) => name.endsWith(trialsFile));
  return file === undefined ? undefined : (JSON.parse(await readFile(join(folder, '.rung', file), 'utf8')) as OptimisationHistory);
}

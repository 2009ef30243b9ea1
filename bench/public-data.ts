import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { climbTask, defaultPlugins, planTask, type Verdict } from '../src/index.ts';

/** Public data lies beside the checkout; it is not part of it. */
export const publicData = join(import.meta.dirname, '..', '..', 'shared', 'data');

/** Climbs a task made of these files and prints its ladder; says so where the data is absent. */
export async function climbPublicData(source: string, makeFiles: (folder: string) => Promise<Record<string, string>>): Promise<void> {
  const folder = join(publicData, source);
  if (!existsSync(folder)) {
    console.log(`skipped: there is no ${folder}`);
    return;
  }
  const taskFolder = await mkdtemp(join(tmpdir(), 'rung-public-'));
  const plugins = defaultPlugins();
  try {
    for (const [name, content] of Object.entries(await makeFiles(folder))) await writeFile(join(taskFolder, name), content);
    const planned = await planTask({ task: taskFolder, plugins, environment: {} });
    const verdict = await climbTask(planned, { plugins, environment: {} }, async (result): Promise<Verdict> => result.verdict);
    printLadder(verdict);
  } finally {
    await plugins.close();
    await rm(taskFolder, { recursive: true, force: true });
  }
}

export async function readJsonLines<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function printLadder(verdict: Verdict): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  for (const { rung, metrics, gain, setup } of verdict.rungs) {
    const [name, estimate] = Object.entries(metrics)[0] ?? [];
    if (estimate === undefined) continue;
    const interval = `${percent(estimate.value)} (${percent(estimate.low)} to ${percent(estimate.high)}, n ${estimate.n}, ${estimate.method})`;
    const over =
      gain === null ? '' : `; gain ${percent(gain.value)} (${percent(gain.low)} to ${percent(gain.high)}, p ${gain.p.toPrecision(2)})`;
    console.log(`${rung.padEnd(18)} ${name} ${interval}${over}; set-up ${setup.seconds.toFixed(1)} s`);
  }
  console.log(verdict.sentence);
  console.log(`${verdict.spent.seconds.toFixed(1)} s, ${verdict.spent.calls} calls`);
}

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { climbTask, defaultPlugins, planTask, type Verdict } from '../src/index.ts';

/** Public data lies beside the checkout; it is not part of it. */
export const publicData = join(import.meta.dirname, '..', '..', 'shared', 'data');

/**
 * Climbs a task made of these files, first as `rung climb` does, then with every row of every rung asked, and prints both
 * ladders, the rows saved and whether the verdicts agree; says so where the data is absent. `learningCurve` names a rung
 * whose curve is measured though it takes minutes.
 */
export async function climbPublicData(
  source: string,
  makeFiles: (folder: string) => Promise<Record<string, string>>,
  options: { readonly learningCurve?: string } = {},
): Promise<void> {
  const folder = join(publicData, source);
  if (!existsSync(folder)) {
    console.log(`skipped: there is no ${folder}`);
    return;
  }
  const taskFolder = await mkdtemp(join(tmpdir(), 'rung-public-'));
  const plugins = defaultPlugins();
  const climb = async (all: boolean): Promise<Verdict> => {
    const planned = await planTask({ task: taskFolder, plugins, environment: {} });
    return climbTask(planned, { ...options, plugins, environment: {}, all }, async ({ verdict }): Promise<Verdict> => verdict);
  };
  try {
    for (const [name, content] of Object.entries(await makeFiles(folder))) await writeFile(join(taskFolder, name), content);
    const early = await climb(false);
    const { train, validation, test } = early.criteria.split;
    console.log(`\n${early.task}: ${train} training rows, ${validation} validation rows, ${test} test rows`);
    print('stopping early', early);
    const whole = await climb(true);
    print('every row', whole);
    console.log(`the same verdict: ${isSame(early, whole) ? 'yes' : 'NO'}`);
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

function isSame(one: Verdict, other: Verdict): boolean {
  return one.status === other.status && one.chosen?.rung === other.chosen?.rung;
}

function print(how: string, verdict: Verdict): void {
  console.log(`- ${how}: ${verdict.status}, ${verdict.chosen?.rung ?? 'none'}`);
  for (const { rung, metrics, gain, setup, latencyMs } of verdict.rungs) {
    const [name, estimate] = Object.entries(metrics)[0] ?? [];
    if (estimate === undefined) continue;
    const interval = `${percent(estimate.value)} (${percent(estimate.low)} to ${percent(estimate.high)}, n ${estimate.n}, ${estimate.method})`;
    const over =
      gain === null ? '' : `; gain ${points(gain.value)} (${points(gain.low)} to ${points(gain.high)}, p ${gain.p.toPrecision(2)})`;
    const p95 = latencyMs === undefined ? '' : `; p95 ${latencyMs.p95.toPrecision(3)} ms`;
    console.log(`  ${rung.padEnd(12)} ${name} ${interval}${over}; set-up ${setup.seconds.toFixed(1)} s${p95}`);
  }
  const { rowsSaved, spent, learningCurve } = verdict;
  console.log(`  ${verdict.sentence}`);
  for (const { rows, value, low, high } of learningCurve?.forecast ?? []) {
    console.log(`  forecast at ${rows} training rows: ${percent(value)} (${percent(low)} to ${percent(high)})`);
  }
  if (learningCurve) console.log(`  ${learningCurve.why}`);
  console.log(
    `  ${rowsSaved.rows} of ${rowsSaved.of} rows saved; ${spent.seconds.toFixed(1)} s, ${spent.calls} calls, ${spent.cached} from the store`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)} points`;
}

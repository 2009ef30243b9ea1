// Where preference tuning and continued pre-training pay over plain fine-tuning on the embedded model, and where not; with
// intervals, on rows that nothing was trained on.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { climbTask, defaultPlugins, planTask, type Verdict } from '../src/index.ts';
import { publicData } from './public-data.ts';
import { manyTexts, type TaskFiles, twoVoices } from './tuned-rungs-tasks.ts';

const tasks: Readonly<Record<string, () => Promise<TaskFiles>>> = {
  voices: () => twoVoices(false),
  'voices-sorted': () => twoVoices(true),
  texts: () => manyTexts({ every: 15, first: 0, rows: 6 }),
};

/** `--only voices` */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' } } });
  for (const [name, files] of Object.entries(tasks)) {
    if (values.only !== undefined && values.only !== name) continue;
    if (name === 'texts' && !existsSync(publicData)) console.log(`${name}: skipped, there is no ${publicData}`);
    else await climb(name, await files());
  }
}

async function climb(name: string, files: TaskFiles): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-tuned-rungs-'));
  const plugins = defaultPlugins();
  try {
    for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
    const planned = await planTask({ task: folder, plugins, environment: {} });
    print(name, await climbTask(planned, { plugins, environment: {}, all: true }, async ({ verdict }): Promise<Verdict> => verdict));
  } finally {
    await plugins.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function print(name: string, { rungs, criteria }: Verdict): void {
  console.log(`\n${name}: ${criteria.split.train} training, ${criteria.split.test} test rows`);
  for (const { rung, metrics, gain, notes = [], skipped } of rungs) {
    const [value] = Object.values(metrics);
    const points = (share: number) => (100 * share).toFixed(1);
    const worth =
      value === undefined
        ? (skipped ?? '')
        : `${points(value.value)} % (${points(value.low)}–${points(value.high)}, n ${value.n}, ${value.method})`;
    const over = gain ? `; ${points(gain.value)} (${points(gain.low)} to ${points(gain.high)}) over the rung before, ${gain.method}` : '';
    console.log(`  ${rung}: ${worth}${over} ${notes.join(' ')}`);
  }
}

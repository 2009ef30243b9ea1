// The embedded trainer through its public door: node training-nano.ts WORKLOAD WORKERS prints one line of JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNano } from '../../src/nano/index.ts';
import { jobOf, modelFolder, type Workload } from './training-inputs.ts';

const [workload = 'support', workers = '2'] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'rung-bench-training-'));
const nano = await openNano({ folder: modelFolder, workers: Number(workers) });
const ends: { time: number; cpu: number; loss: number }[] = [];
try {
  const job = await jobOf(nano, workload as Workload, folder);
  await nano.train(job, {
    onEvent(event) {
      if (event.type === 'step') ends.push({ time: performance.now() / 1000, cpu: process.cpuUsage().user / 1e6, loss: event.trainLoss });
    },
  });
} finally {
  await nano.close();
  await rm(folder, { recursive: true, force: true });
}
console.log(JSON.stringify(ends));

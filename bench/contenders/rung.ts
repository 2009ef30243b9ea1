// The same rows as a task: rendered, sent, recorded in SQLite, read, scored.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { climbTask, defaultPlugins, planTask } from '../../src/index.ts';

const [port, rows, concurrency] = process.argv.slice(2).map(Number) as [number, number, number];
const folder = await mkdtemp(join(tmpdir(), 'rung-bench-'));
try {
  const file = createWriteStream(join(folder, 'examples.jsonl'));
  for (let i = 0; i < rows; i++) {
    const row = `${JSON.stringify({ id: `e${i}`, input: `Number ${i}`, expected: i % 2 === 0 ? 'yes' : 'no', split: 'test' })}\n`;
    if (!file.write(row)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  await writeFile(
    join(folder, 'task.yaml'),
    `name: bench
instructions: Is the number even?
output: { labels: ["yes", "no"] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "http://127.0.0.1:${port}/v1", concurrency: ${concurrency} } }
models: { base: local/bench }
metrics: [accuracy, format]
ladder: [zero-shot]
`,
  );
  const plugins = defaultPlugins();
  const planned = await planTask({ task: folder, plugins, environment: {} });
  const begun = performance.now();
  const verdict = await climbTask(planned, { plugins, environment: {}, concurrency }, async (result) => result.verdict);
  const seconds = (performance.now() - begun) / 1000;
  if (verdict.spent.calls !== rows || verdict.spent.failures !== 0) throw new Error(`spent ${JSON.stringify(verdict.spent)}`);
  console.log(JSON.stringify({ seconds, peakKilobytes: process.resourceUsage().maxRSS }));
  await plugins.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}

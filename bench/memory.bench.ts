// Peak memory of the command line against the number of rows, on a local server without think time.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const command = join(import.meta.dirname, '..', 'bin', 'rung.js');

/** `--rows 10000,100000` */
export async function run(args: readonly string[]): Promise<void> {
  const sizes = (args[args.indexOf('--rows') + 1 || args.length] ?? '10000,100000').split(',').map(Number);
  const server = spawn(process.execPath, [join(import.meta.dirname, 'mock-server.ts'), '0'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const [line] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    for (const rows of sizes) {
      const { peakMegabytes, seconds } = await measure(rows, Number(line.toString()));
      console.log(`${rows} rows: peak ${peakMegabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s`);
    }
  } finally {
    server.kill();
  }
}

async function measure(rows: number, port: number): Promise<{ peakMegabytes: number; seconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-memory-'));
  try {
    const file = createWriteStream(join(folder, 'examples.jsonl'));
    for (let i = 0; i < rows; i++) {
      if (!file.write(`${JSON.stringify({ input: `Number ${i}`, expected: i % 2 ? 'no' : 'yes', split: 'test' })}\n`))
        await once(file, 'drain');
    }
    file.end();
    await once(file, 'finish');
    await writeFile(
      join(folder, 'task.yaml'),
      `name: memory
instructions: Is the number even?
output: { labels: ["yes", "no"] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "http://127.0.0.1:${port}/v1", concurrency: 32 } }
models: { base: local/bench }
metrics: [accuracy, format]
ladder: [zero-shot]
`,
    );
    const begun = performance.now();
    const child = spawn(process.execPath, [command, 'eval', folder, '--json'], { stdio: ['ignore', 'ignore', 'inherit'] });
    let peakMegabytes = 0;
    const watch = setInterval(async () => {
      peakMegabytes = Math.max(peakMegabytes, await peakOf(child));
    }, 100);
    await once(child, 'exit');
    clearInterval(watch);
    return { peakMegabytes, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The kernel's own high-water mark (Linux). */
async function peakOf(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

// Rows per second against a local server with a think time: Rung, a bare undici loop and (where installed) promptfoo,
// in one run, in turn, each evaluation timed inside a process of its own so that start-up is left out for all three.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const contenders = ['bare', 'rung', 'promptfoo'] as const;
type Contender = (typeof contenders)[number];
interface Measured {
  rowsPerSecond: number;
  peakMegabytes: number;
}

/** `--rows 2000 --rounds 5 --concurrency 32 --think 5 --promptfoo FOLDER` (a folder whose node_modules holds promptfoo). */
export async function run(args: readonly string[]): Promise<void> {
  const flag = (name: string, fallback: string) => args[args.indexOf(`--${name}`) + 1 || args.length] ?? fallback;
  const rows = Number(flag('rows', '2000'));
  const rounds = Number(flag('rounds', '5'));
  const concurrency = Number(flag('concurrency', '32'));
  const promptfooFolder = args.includes('--promptfoo') ? flag('promptfoo', '') : undefined;
  const { server, port } = await startServer(Number(flag('think', '5')));
  const results: Record<Contender, Measured[]> = { bare: [], rung: [], promptfoo: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) {
        if (contender === 'promptfoo' && promptfooFolder === undefined) continue;
        const measured = await measure(contender, { rows, concurrency, port, promptfooFolder });
        results[contender].push(measured);
        console.error(
          `round ${round + 1} ${contender}: ${measured.rowsPerSecond.toFixed(0)} rows/s, ${measured.peakMegabytes.toFixed(0)} MB`,
        );
      }
    }
  } finally {
    server.kill();
  }
  const rate = (contender: Contender) => median(results[contender].map((measured) => measured.rowsPerSecond));
  console.log(`${rows} rows, ${concurrency} in flight, medians of ${rounds} rounds`);
  for (const contender of contenders) {
    if (results[contender].length === 0) console.log(`${contender.padEnd(10)} skipped: give --promptfoo FOLDER`);
    else
      console.log(
        `${contender.padEnd(10)} ${rate(contender).toFixed(0).padStart(6)} rows/s  peak ${median(results[contender].map((m) => m.peakMegabytes)).toFixed(0)} MB`,
      );
  }
  console.log(`rung / bare ${(rate('rung') / rate('bare')).toFixed(2)}`);
  if (results.promptfoo.length > 0) console.log(`rung / promptfoo ${(rate('rung') / rate('promptfoo')).toFixed(1)}`);
}

async function startServer(thinkMs: number): Promise<{ server: ChildProcess; port: number }> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'mock-server.ts'), String(thinkMs)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { server, port: Number(line.toString()) };
}

async function measure(
  contender: Contender,
  { rows, concurrency, port, promptfooFolder }: { rows: number; concurrency: number; port: number; promptfooFolder: string | undefined },
): Promise<Measured> {
  const script = join(import.meta.dirname, 'contenders', `${contender}.ts`);
  const environment = {
    ...process.env,
    PROMPTFOO_FOLDER: promptfooFolder,
    PROMPTFOO_DISABLE_TELEMETRY: '1',
    PROMPTFOO_DISABLE_UPDATE: '1',
  };
  const { stdout } = await execute(process.execPath, [script, String(port), String(rows), String(concurrency)], {
    env: environment,
    maxBuffer: 1e8,
  });
  const { seconds, peakKilobytes } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { seconds: number; peakKilobytes: number };
  return { rowsPerSecond: rows / seconds, peakMegabytes: peakKilobytes / 1024 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

// The embedded trainer beside PyTorch + PEFT: the same model, rows, order, first adapter, settings and two cores, in turn, each
// measurement in a process of its own; a loss curve that differs stops the run.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openNano } from '../src/nano/index.ts';
import { median } from './contenders/nano-inputs.ts';
import { jobOf, modelFolder, type Workload, workloads, writeInputs } from './contenders/training-inputs.ts';

const execute = promisify(execFile);

interface StepEnd {
  readonly time: number;
  readonly cpu: number;
  readonly loss: number;
}
interface Measured {
  /** Real tokens per second of wall time and of user time, padding not counted. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly losses: readonly number[];
}

const forms = ['padded', 'judged', 'packed'] as const;
const contenders = ['nano', ...forms] as const;
/** One row of all the tokens of a batch: attention over it grows with the square of its length, and takes minutes a step. */
const isRun = (workload: Workload, name: string): boolean => !(workload === 'long' && name === 'packed');
/** The first steps warm caches and compilers up. */
const warmUp = 3;
/** Between two loss curves: a thousand times the rounding of a single-precision loss. */
const largestGap = 1e-3;

/**
 * `--python PATH` (else RUNG_PYTHON) with torch, transformers and peft; `--rounds 3`; `--workload support`; `--threads 2`. On a
 * machine that others use too, one thread and its user time tell more: two threads of PyTorch wait for each other.
 */
export async function run(args: readonly string[]): Promise<void> {
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const python = option('--python') ?? process.env['RUNG_PYTHON'];
  if (python === undefined) throw new Error('Give --python PATH or RUNG_PYTHON: a Python with torch, transformers and peft.');
  const rounds = Number(option('--rounds') ?? '3');
  const threads = option('--threads') ?? '2';
  const chosen = workloads.filter((workload) => (option('--workload') ?? workload) === workload);
  const folder = await mkdtemp(join(tmpdir(), 'rung-bench-training-'));
  const nano = await openNano({ folder: modelFolder });
  try {
    console.log(`models/nano, LoRA rank 16 on all linear layers, batch 16, AdamW, threads: ${threads}; medians of ${rounds} rounds`);
    console.log(['', ...contenders].map((cell, index) => (index === 0 ? cell.padEnd(30) : cell.padStart(10))).join(''));
    for (const workload of chosen) {
      const inputs = await writeInputs(nano, workload, folder);
      const { train } = await jobOf(nano, workload, folder);
      const rowTokens = train.reduce((sum, { messages }) => sum + nano.trainedTokens(messages).tokens.length, 0) / train.length;
      const all = new Map<string, Measured[]>(contenders.map((name) => [name, []]));
      for (let round = 1; round <= rounds; round++) {
        for (const name of contenders.filter((each) => isRun(workload, each))) {
          const command =
            name === 'nano'
              ? [process.execPath, 'training-nano.ts', workload, threads]
              : [python, 'training_peft.py', inputs, name, threads];
          const measured = await measure(command as [string, string, ...string[]], rowTokens * 16);
          all.get(name)?.push(measured);
          console.error(`round ${round} ${workload} ${name}: ${measured.perSecond.toFixed(0)} tokens/s`);
        }
      }
      report(workload, all);
    }
  } finally {
    await nano.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure([program, script, ...rest]: [string, string, ...string[]], tokensPerStep: number): Promise<Measured> {
  const file = join(import.meta.dirname, 'contenders', script);
  const { stdout } = await execute(program, [file, ...rest], { maxBuffer: 2 ** 26 });
  const ends = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as StepEnd[];
  const seconds = ends.slice(warmUp).map((end, index) => end.time - (ends[index + warmUp - 1]?.time ?? Number.NaN));
  const first = ends[warmUp - 1] as StepEnd;
  const last = ends.at(-1) as StepEnd;
  const cpu = (last.cpu - first.cpu) / (ends.length - warmUp);
  return { perSecond: tokensPerStep / median(seconds), perCpuSecond: tokensPerStep / cpu, losses: ends.map(({ loss }) => loss) };
}

function report(workload: Workload, all: ReadonlyMap<string, readonly Measured[]>): void {
  const of = (name: string, key: 'perSecond' | 'perCpuSecond') => median((all.get(name) ?? []).map((measured) => measured[key]));
  const line = (title: string, cellOf: (name: string) => string) =>
    console.log(title.padEnd(30) + contenders.map((name) => (isRun(workload, name) ? cellOf(name) : '').padStart(10)).join(''));
  for (const [key, title] of [
    ['perSecond', 'tokens/s'],
    ['perCpuSecond', 'tokens/s of user time'],
  ] as const) {
    line(`${workload}, ${title}`, (name) => of(name, key).toFixed(0));
    line('  nano is faster by', (name) => (name === 'nano' ? '' : `${(of('nano', key) / of(name, key)).toFixed(2)} x`));
  }
  const curve = (name: string) => all.get(name)?.[0]?.losses ?? [];
  const ours = curve('nano');
  const apart = (name: string) => Math.max(...ours.map((loss, index) => Math.abs(loss - (curve(name)[index] ?? Number.NaN))));
  line('  loss curve, largest gap', (name) => (name === 'nano' ? '' : apart(name).toExponential(1)));
  console.log(
    `  nano's loss: ${ours
      .filter((_, index) => index % Math.ceil(ours.length / 6) === 0)
      .map((loss) => loss.toFixed(4))
      .join(' ')} … ${ours.at(-1)?.toFixed(4)}`,
  );
  const wrong = forms.filter((name) => isRun(workload, name) && !(apart(name) < largestGap));
  if (wrong.length > 0) throw new Error(`${workload}: the loss curve of ${wrong.join(', ')} is not nano's`);
}

// The embedded model on its own kernels and on jax-js, side by side: every measurement in a process of its own, in turn,
// both given the same tokens; a first answer or loss that differs between the two stops the run.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './contenders/nano-inputs.ts';

const execute = promisify(execFile);
interface Measured {
  value: number;
  check: number;
  compileSeconds?: number;
}
interface Job {
  name: string;
  title: string;
  unit: string;
  digits: number;
  /** Milliseconds are better low. */
  lowIsBetter?: boolean;
  contenders: readonly string[];
}
const jobs: readonly Job[] = [
  { name: 'prefill', title: 'prompt of 256 tokens, alone', unit: 'tokens/s', digits: 0, contenders: ['own 1', 'jax'] },
  { name: 'decode', title: 'decoding, one alone', unit: 'ms/token', digits: 3, lowIsBetter: true, contenders: ['own 1', 'jax'] },
  { name: 'decode32', title: 'decoding, 32 at once', unit: 'ms/token', digits: 3, lowIsBetter: true, contenders: ['own 1', 'jax'] },
  { name: 'train', title: 'LoRA step, rank 16, 16 x 64', unit: 'tokens/s', digits: 0, contenders: ['own 1', 'own 2', 'jax'] },
  { name: 'serve', title: '200 requests, 150 tokens in, 4 out', unit: 'requests/s', digits: 1, contenders: ['own 1', 'own 2'] },
];
const columns = ['own 1', 'own 2', 'jax'];

/** `--rounds 3`. The number after `own` is its worker threads; jax-js runs on one thread. */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(args[args.indexOf('--rounds') + 1 || args.length] ?? '3');
  const results = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const job of jobs) {
      for (const contender of job.contenders) {
        const measured = await measure(job.name, contender);
        const key = `${job.name} ${contender}`;
        results.set(key, [...(results.get(key) ?? []), measured]);
        const first = results.get(`${job.name} own 1`)?.[0];
        if (first && !(Math.abs(measured.check - first.check) < 1e-3)) {
          throw new Error(`${key}: ${measured.check} where the own kernels give ${first.check}`);
        }
        console.error(`round ${round} ${key}: ${measured.value.toFixed(job.digits)} ${job.unit}`);
      }
    }
  }
  console.log(`models/nano, medians of ${rounds} rounds; "own n": own kernels with n workers; jax: @jax-js/jax, jitted, wasm, one thread`);
  console.log(
    ['', ...columns, '', 'own 1 : jax', 'jax compiles'].map((cell, index) => (index === 0 ? cell.padEnd(36) : cell.padStart(13))).join(''),
  );
  for (const job of jobs) {
    const of = (contender: string) => results.get(`${job.name} ${contender}`) ?? [];
    const value = (contender: string) => median(of(contender).map((measured) => measured.value));
    const cells = columns.map((contender) => (of(contender).length === 0 ? '' : value(contender).toFixed(job.digits)));
    const theirs = of('jax');
    const ratio = job.lowIsBetter ? value('jax') / value('own 1') : value('own 1') / value('jax');
    const compile = median(theirs.map(({ compileSeconds = Number.NaN }) => compileSeconds));
    const tail = theirs.length === 0 ? ['', ''] : [`${ratio.toFixed(1)} x`, `${compile.toFixed(1)} s`];
    console.log([job.title.padEnd(36), ...[...cells, job.unit, ...tail].map((cell) => cell.padStart(13))].join(''));
  }
  console.log('LoRA step: own counts gradient, clipping and AdamW; jax loss and gradient only. jax decodes with a cache padded to 128.');
}

async function measure(job: string, contender: string): Promise<Measured> {
  const [kind, workers = '1'] = contender.split(' ');
  const script = join(import.meta.dirname, 'contenders', `nano-${kind}.ts`);
  const { stdout } = await execute(process.execPath, [script, job, workers]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured;
}

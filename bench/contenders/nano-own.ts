// The embedded model's own runtime, through its public door: node nano-own.ts JOB WORKERS prints one line of JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Nano, openNano } from '../../src/nano/index.ts';
import { endlessModel, median, promptOf, rowOf } from './nano-inputs.ts';

const [job = '', workers = '1'] = process.argv.slice(2);

/** Tokens per second over prompts of 256, one after the other; no two share a beginning. */
async function prefill(nano: Nano) {
  const rates: number[] = [];
  let check = 0;
  for (let seed = 0; seed < 16; seed++) {
    const messages = promptOf(nano, 256, seed);
    const begun = performance.now();
    const { cachedInputTokens, logProbabilities } = await nano.generate({ messages, maxOutputTokens: 1, logProbabilities: true });
    const seconds = (performance.now() - begun) / 1000;
    if (cachedInputTokens > 8) throw new Error(`${cachedInputTokens} tokens came from the cache`);
    if (seed === 0) check = logProbabilities?.[0]?.logProbability ?? Number.NaN;
    if (seed >= 4) rates.push(256 / seconds);
  }
  return { value: median(rates), check };
}

/** Milliseconds per token of answers of 64 tokens to prompts of 32 that are in the cache already. */
async function decode(nano: Nano, together: number) {
  const prompts = Array.from({ length: together }, (_, seed) => promptOf(nano, 32, seed));
  const answers = (maxOutputTokens: number) =>
    Promise.all(prompts.map((messages) => nano.generate({ messages, maxOutputTokens, logProbabilities: maxOutputTokens === 1 })));
  const [first] = await answers(1);
  const times: number[] = [];
  for (let round = 0; round < 6; round++) {
    const begun = performance.now();
    await answers(64);
    if (round >= 2) times.push((performance.now() - begun) / (64 * together));
  }
  return { value: median(times), check: first?.logProbabilities?.[0]?.logProbability ?? Number.NaN };
}

/** Tokens per second of whole training steps: 16 rows of 64 tokens, rank 16, gradients, clipping and AdamW. */
async function train(nano: Nano) {
  const rows = Array.from({ length: 16 }, (_, seed) => ({ messages: rowOf(nano, 64, seed) }));
  const folder = await mkdtemp(join(tmpdir(), 'rung-bench-train-'));
  const ends: number[] = [];
  let check = 0;
  const steps = 14;
  try {
    await nano.train(
      { method: 'supervised', train: rows, validation: [], seed: 1, folder, rank: 16, batchSize: 16, epochs: steps, evaluateEvery: steps },
      {
        onEvent: (event) => {
          if (event.type !== 'step') return;
          ends.push(performance.now());
          if (event.step === 1) check = event.trainLoss;
        },
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const seconds = ends.slice(4).map((end, index) => (end - (ends[index + 3] ?? end)) / 1000);
  return { value: (16 * 64) / median(seconds), check };
}

/** Requests per second: 200 at once, prompts of 150 tokens that share nothing, answers of 4. */
async function serve(nano: Nano) {
  const prompts = (from: number, count: number) => Array.from({ length: count }, (_, index) => promptOf(nano, 150, from + index));
  const ask = (all: ReturnType<typeof prompts>) => Promise.all(all.map((messages) => nano.generate({ messages, maxOutputTokens: 4 })));
  await ask(prompts(1000, 20));
  const requests = prompts(0, 200);
  const begun = performance.now();
  await ask(requests);
  return { value: 200 / ((performance.now() - begun) / 1000), check: 0 };
}

const jobs: Record<string, (nano: Nano) => Promise<{ value: number; check: number }>> = {
  prefill,
  decode: (nano) => decode(nano, 1),
  decode32: (nano) => decode(nano, 32),
  train,
  serve,
};
const folder = await endlessModel();
const nano = await openNano({ folder, workers: Number(workers) });
try {
  const work = jobs[job];
  if (!work) throw new Error(`no job ${job}`);
  console.log(JSON.stringify(await work(nano)));
} finally {
  await nano.close();
  await rm(folder, { recursive: true, force: true });
}

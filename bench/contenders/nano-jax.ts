// The same jobs on jax-js, jitted, one thread (its own threads need Web Workers): node nano-jax.ts JOB prints one line of JSON.
import { rm } from 'node:fs/promises';
import { init, jit, numpy as np, tree } from '@jax-js/jax';
import { type Nano, openNano } from '../../src/nano/index.ts';
import { readModelFolder } from '../../src/nano/model-folder.ts';
import { endlessModel, median, promptOf, rowOf } from './nano-inputs.ts';
import { causalBias, decode, freshAdapter, lossAndGradient, placesOf, prefill, type Tensors, weightsOf } from './nano-jax-llama.ts';

const [job = ''] = process.argv.slice(2);
const folder = await endlessModel();
const { config, weights: raw } = await readModelFolder(folder);
const embedding = raw.get('model.embed_tokens.weight')?.data ?? new Float32Array();
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

function embed(tokens: readonly number[]): np.Array {
  const { hiddenSize } = config;
  const rows = new Float32Array(tokens.length * hiddenSize);
  for (const [row, token] of tokens.entries()) rows.set(embedding.subarray(token * hiddenSize, (token + 1) * hiddenSize), row * hiddenSize);
  return np.array(rows).reshape([tokens.length, hiddenSize]);
}
const promptTokens = (nano: Nano, count: number, seed: number) =>
  nano.encode(nano.render(promptOf(nano, count, seed), { addGenerationPrompt: true }));
const largestLogProbability = (logits: ArrayLike<number>): number => {
  const values = Array.from(logits).slice(0, config.vocabularySize);
  const largest = Math.max(...values);
  return -Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
};

async function measurePrefill(nano: Nano) {
  const count = 256;
  const step = jit(prefill(config));
  const weights = weightsOf(raw);
  const places = placesOf(config, range(count), causalBias(count));
  const pick = np.array([range(count).map((index) => (index === count - 1 ? 1 : 0))]);
  const times: number[] = [];
  let check = 0;
  for (let seed = 0; seed < 9; seed++) {
    const tokens = promptTokens(nano, count, seed);
    const begun = performance.now();
    const logits = await step(tree.ref(weights), tree.ref(places), embed(tokens), pick.ref).data();
    times.push((performance.now() - begun) / 1000);
    if (seed === 0) check = largestLogProbability(logits as Float32Array);
  }
  const steady = median(times.slice(3));
  return { value: count / steady, check, compileSeconds: (times[0] ?? 0) - steady };
}

async function measureDecode(nano: Nano, batch: number) {
  const [length, promptLength, answer] = [128, 32, 64];
  const step = jit(decode(config, batch));
  const weights = weightsOf(raw);
  const prompts = range(batch).map((seed) => promptTokens(nano, promptLength, seed));
  const shape = [batch, length, config.keyValueHeads, config.headSize];
  let cache: Tensors = Object.fromEntries(
    range(config.layers).flatMap((layer) => ['k', 'v'].map((kind) => [kind + layer, np.zeros(shape)])),
  );
  let next: number[] = [];
  let check = 0;
  const times: number[] = [];
  for (let position = 0; position < promptLength + answer - 1; position++) {
    const tokens = position < promptLength ? prompts.map((prompt) => prompt[position] ?? 0) : next;
    const bias = np.array(range(length).map((index) => (index > position ? -1e9 : 0)));
    const here = np.array(range(length).map((index) => (index === position ? 1 : 0))).reshape([1, length, 1, 1]);
    const places = placesOf(config, [position], bias);
    // The tables could lie ready before the first token, so they are not counted.
    const begun = performance.now();
    const result = step(tree.ref(weights), places, embed(tokens), cache, here);
    cache = result.cache;
    const logits = (await result.logits.data()) as Float32Array;
    next = prompts.map((_, row) => greedy(logits.subarray(row * config.vocabularySize, (row + 1) * config.vocabularySize)));
    times.push(performance.now() - begun);
    if (position === promptLength - 1) check = largestLogProbability(logits);
  }
  const steady = median(times.slice(promptLength));
  return { value: steady / batch, check, compileSeconds: ((times[0] ?? 0) - steady) / 1000 };
}

function greedy(logits: Float32Array): number {
  let best = 0;
  for (const [token, logit] of logits.entries()) if (logit > (logits[best] ?? 0)) best = token;
  return best;
}

async function measureTraining(nano: Nano) {
  const [batch, length] = [16, 64];
  const rows = range(batch).map((seed) => nano.trainedTokens(rowOf(nano, length, seed)));
  const inputs = embed(rows.flatMap(({ tokens }) => tokens.slice(0, -1)));
  const count = length - 1;
  const marks = new Float32Array(batch * count * config.vocabularySize);
  let judged = 0;
  for (const [row, { tokens, mask }] of rows.entries()) {
    for (let index = 0; index < count; index++) {
      if (!mask[index + 1]) continue;
      marks[(row * count + index) * config.vocabularySize + (tokens[index + 1] ?? 0)] = 1;
      judged++;
    }
  }
  const targets = np.array(marks).reshape([batch * count, config.vocabularySize]);
  const step = jit(lossAndGradient(config, batch));
  const weights = weightsOf(raw);
  const adapter = freshAdapter(config, 16);
  const places = placesOf(config, range(count), causalBias(count));
  const times: number[] = [];
  let check = 0;
  for (let round = 0; round < 4; round++) {
    const begun = performance.now();
    const [loss, gradient] = step(tree.ref(adapter), tree.ref(weights), tree.ref(places), inputs.ref, targets.ref);
    await Promise.all(Object.values(gradient as Tensors).map((part) => part.data()));
    check = ((await loss.data())[0] ?? Number.NaN) / judged;
    times.push((performance.now() - begun) / 1000);
  }
  const steady = median(times.slice(1));
  return { value: (batch * length) / steady, check, compileSeconds: (times[0] ?? 0) - steady };
}

const jobs: Record<string, (nano: Nano) => Promise<{ value: number; check: number; compileSeconds: number }>> = {
  prefill: measurePrefill,
  decode: (nano) => measureDecode(nano, 1),
  decode32: (nano) => measureDecode(nano, 32),
  train: measureTraining,
};
const nano = await openNano({ folder, workers: 1 });
try {
  const work = jobs[job];
  if (!work) throw new Error(`no job ${job}`);
  await init('wasm');
  console.log(JSON.stringify(await work(nano)));
} finally {
  await nano.close();
  await rm(folder, { recursive: true, force: true });
}

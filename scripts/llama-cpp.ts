import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import OpenAI, { APIError, toFile } from 'openai';
import type { Candidate } from '#core/candidate.ts';
import { messagesOf } from '#core/example.ts';
import type { AskedAnswer, GuardContext, GuardInput } from '#core/guard.ts';
import type { TrainerSample } from '#core/trainer.ts';
import { parity } from '#guards/parity.ts';
import { readSamples } from '#trainers/sample-file.ts';

/**
 * Tuned adapters through a real llama-server: `rung serve` before it, a tune by the official client, and the guard parity.
 *
 *     node scripts/llama-cpp.ts --server build/bin/llama-server --source llama.cpp --python PYTHON
 *
 * `--source` is llama.cpp's source tree, for its convert_lora_to_gguf.py and gguf-py. PYTHON has the packages of
 * trainer/requirements.txt, and trains one of the tunes. Without a server it says so and ends well. Exit status 1 where anything is not as it should be.
 */
const { values } = parseArgs({ options: { server: { type: 'string' }, source: { type: 'string' }, python: { type: 'string' } } });
if (values.server === undefined || values.source === undefined || values.python === undefined) {
  console.log('SKIPPED: a real llama.cpp server: name one with --server, its sources with --source and a Python with --python.');
  process.exit(0);
}
const [binary, source, python] = [resolve(values.server), resolve(values.source), values.python];
const root = join(import.meta.dirname, '..');
const nano = join(root, 'models/nano');
const work = await mkdtemp(join(tmpdir(), 'rung-llama-cpp-'));
const instruction = 'Say which team should handle the message: billing, shipping, returns or technical.';
const running = new Set<() => Promise<void>>();

let wrong = 0;
function expect(what: string, good: boolean): void {
  console.log(`  ${good ? 'ok' : 'WRONG'}: ${what}`);
  if (!good) wrong += 1;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function start(command: string, args: readonly string[]): Promise<{ firstLine(): Promise<string>; stop(): Promise<void> }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk}`.slice(-4_000);
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    running.delete(stop);
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
  };
  running.add(stop);
  return {
    stop,
    async firstLine() {
      while (!told.includes('\n')) {
        if (child.exitCode !== null) throw new Error(`${command} ended: ${errors}`);
        await sleep(50);
      }
      return told.slice(0, told.indexOf('\n'));
    },
  };
}

function gguf(file: string, type: string, folder = nano): string {
  const at = join(work, file);
  const environment = { ...process.env, PYTHONPATH: join(source, 'gguf-py') };
  execFileSync(python, [join(root, 'scripts/llama-cpp-gguf.py'), folder, at, '--type', type], { env: environment });
  return at;
}

/** A model of the same shape that learnt something else: noise of a quarter of its weights' size. */
async function otherBase(): Promise<string> {
  const folder = join(work, 'other');
  await cp(nano, folder, { recursive: true });
  const noise = `
import sys, numpy
from safetensors.numpy import load_file, save_file
file, random = sys.argv[1], numpy.random.default_rng(1)
save_file({name: (w + 0.25 * w.std() * random.standard_normal(w.shape)).astype(w.dtype) for name, w in load_file(file).items()}, file)`;
  execFileSync(python, ['-c', noise, join(folder, 'model.safetensors')]);
  return folder;
}

function ggufOfAdapter(folder: string, file: string): string {
  const at = join(work, file);
  execFileSync(python, [join(source, 'convert_lora_to_gguf.py'), folder, '--base', nano, '--outfile', at, '--outtype', 'f32'], {
    stdio: 'ignore',
  });
  return at;
}

const port = await freePort();
/** A llama-server with these weights and adapters, in place of the one before. */
async function llamaServer(model: string, adapters: readonly string[], more: readonly string[] = []): Promise<() => Promise<void>> {
  const loras = adapters.length === 0 ? [] : ['--lora', adapters.join(','), '--lora-init-without-apply'];
  const place = ['--host', '127.0.0.1', '--port', `${port}`, '--ctx-size', '4096', '--parallel', '4', '--threads', '2'];
  const server = await start(binary, ['--model', model, '--alias', 'nano', ...place, '--jinja', ...loras, ...more]);
  for (let tries = 0; tries < 1_200; tries++) {
    const health = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (health?.status === 200) return server.stop;
    await sleep(100);
  }
  throw new Error('llama-server did not get ready');
}

/** The guard parity over samples, with whoever answers as the tuned model and as its base. */
async function heldAgainst(samples: readonly TrainerSample[], tuned: string, base: string) {
  const candidate = (id: string): Candidate => ({
    id,
    manifest: { schema: 'rung.candidate/1', approach: 'given', name: id, model: { model: id }, state: {}, artefacts: {} },
    answer: () => Promise.reject(new TypeError('Parity asks through its context.')),
  });
  const unused = () => Promise.reject(new TypeError('Parity asks nothing else.'));
  const context: GuardContext = {
    ...{ probe: unused, measure: unused, score: unused, progress: () => {}, signal: new AbortController().signal },
    async ask({ id }, input, { maxOutputTokens = 16 } = {}): Promise<AskedAnswer | undefined> {
      const asked = { model: id, messages: [...messagesOf(input)], max_completion_tokens: maxOutputTokens, temperature: 0 };
      const reply = await client.chat.completions.create({ ...asked, logprobs: true });
      const tokens = reply.choices[0]?.logprobs?.content ?? [];
      const logProbability = tokens.reduce((sum, { logprob }) => sum + logprob, 0);
      const promptTokens = reply.usage?.prompt_tokens;
      const text = reply.choices[0]?.message.content ?? '';
      return { text, logProbability, tokens: tokens.length, ...(promptTokens === undefined ? {} : { promptTokens }) };
    },
  };
  const input: GuardInput = {
    task: { name: 'support', instructions: instruction, prompt: {}, output: { kind: 'text' } },
    ...{ options: {}, tuned: candidate(tuned), base: candidate(base), samples, confidence: 0.95, seed: 1 },
    ...{ validation: [], train: [], general: [], generalSuite: [], trained: [], training: [] },
  };
  return parity.run(input, context);
}

async function refusal(asking: Promise<unknown>): Promise<APIError | undefined> {
  return asking.then(
    () => undefined,
    (error: unknown) => (error instanceof APIError ? error : undefined),
  );
}

const lines = (await readFile(join(root, 'examples/support/examples.jsonl'), 'utf8')).trim().split('\n');
const rows = lines.slice(0, 160).map((line) => {
  const { input, expected } = JSON.parse(line) as { input: string; expected: string };
  return { asked: [system(), { role: 'user' as const, content: input }], answer: expected };
});
function system(): { role: 'system'; content: string } {
  return { role: 'system', content: instruction };
}
const trained = (answerOf: (answer: string) => string) => (from: number, to: number) =>
  rows
    .slice(from, to)
    .map(({ asked, answer }) => `${JSON.stringify({ messages: [...asked, { role: 'assistant', content: answerOf(answer) }] })}\n`)
    .join('');
const team = trained((answer) => answer);
const other: Readonly<Record<string, string>> = { billing: 'shipping', shipping: 'returns', returns: 'technical', technical: 'billing' };
const wrongTeam = trained((answer) => other[answer] ?? answer);

const config = join(work, 'serve.yaml');
const upstream = { kind: 'llama.cpp', baseUrl: `http://127.0.0.1:${port}/v1`, model: 'nano', base: 'nano' };
await writeFile(
  config,
  JSON.stringify({ models: ['nano'], upstreams: { llama: upstream }, trainers: { peft: { python, device: 'cpu' } } }),
);
const gateway = await start(process.execPath, [
  ...[join(root, 'src/cli/main.ts'), 'serve', '--config', config, '--state', work, '--port', '0', '--json'],
]);
const { baseUrl } = JSON.parse(await gateway.firstLine()) as { baseUrl: string };
const client = new OpenAI({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0 });
const ask = (model: string, at: number) =>
  client.chat.completions.create({ model, messages: rows[at]!.asked, temperature: 0, max_tokens: 8 });

async function tuned(
  make: (from: number, to: number) => string,
  trainer: 'nano' | 'peft' = 'nano',
): Promise<{ model: string; samples: readonly TrainerSample[] }> {
  const upload = async (text: string) =>
    (await client.files.create({ file: await toFile(Buffer.from(text), 'rows.jsonl'), purpose: 'fine-tune' })).id;
  const [training_file, validation_file] = [await upload(make(0, 120)), await upload(make(120, 160))];
  // PyTorch takes its time on a processor
  const hyperparameters = trainer === 'peft' ? { n_epochs: 2 } : {};
  const method = { type: 'supervised' as const, supervised: { hyperparameters } };
  const metadata = { trainer };
  let job = await client.fineTuning.jobs.create({ model: 'llama', training_file, validation_file, seed: 1, method, metadata });
  while (!['succeeded', 'failed', 'cancelled'].includes(job.status)) {
    await sleep(500);
    job = await client.fineTuning.jobs.retrieve(job.id);
  }
  const samples = readSamples(await (await client.files.content(job.result_files[1] ?? '')).text());
  if (job.fine_tuned_model === null || samples === undefined)
    throw new Error(`The tune ended as ${job.status}: ${job.error?.message ?? ''}`);
  return { model: job.fine_tuned_model, samples };
}

/** The share of 20 rows that a model answers as trained. */
async function right(model: string, answerOf = (answer: string) => answer): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(model, 120 + at)));
  return answers.filter((reply, at) => reply.choices[0]?.message.content?.trim() === answerOf(rows[120 + at]!.answer)).length / 20;
}

try {
  console.log('Three tunes through rung serve by the official client, the third by peft');
  const [first, second, third] = [await tuned(team), await tuned(wrongTeam), await tuned(team, 'peft')];
  const away = await refusal(ask(first.model, 120));
  expect(`a server that is away: ${away?.status} ${away?.code}`, away?.status === 502 && away.code === 'network');

  console.log('llama-server without the adapters');
  const weights = { f32: gguf('nano-f32.gguf', 'f32') };
  let stop = await llamaServer(weights.f32, []);
  const absent = await refusal(ask(first.model, 120));
  const [, folder = '', file = ''] = /Convert (\S+) to (\S+) with/.exec(absent?.message ?? '') ?? [];
  expect(`it is told what to do: ${absent?.status} ${absent?.code}`, absent?.code === 'adapter_not_loaded' && file.endsWith('.gguf'));
  const told = await refusal(ask(second.model, 120));
  const [, secondFolder = '', secondFile = ''] = /Convert (\S+) to (\S+) with/.exec(told?.message ?? '') ?? [];
  const ofPeft = await refusal(ask(third.model, 120));
  const [, thirdFolder = '', thirdFile = ''] = /Convert (\S+) to (\S+) with/.exec(ofPeft?.message ?? '') ?? [];
  const adapters = [ggufOfAdapter(folder, file), ggufOfAdapter(secondFolder, secondFile), ggufOfAdapter(thirdFolder, thirdFile)];
  await stop();

  console.log('llama-server with both, all precisions f32');
  stop = await llamaServer(weights.f32, adapters);
  // side by side, so that requests with different adapters meet in the server
  const [base, one, two] = await Promise.all([right('llama'), right(first.model), right(second.model, (answer) => other[answer] ?? '')]);
  expect(`accuracy on 20 rows: base ${base}, first tune ${one}, second tune ${two} (each by its own labels)`, one > base && two > base);
  const stream = await client.chat.completions.create({ model: first.model, messages: rows[120]!.asked, temperature: 0, stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.model === first.model ? (chunk.choices[0]?.delta.content ?? '') : '?';
  const whole = (await ask(first.model, 120)).choices[0]?.message.content;
  expect(`a stream brings what a whole answer is: ${JSON.stringify(text)}`, text === whole);

  console.log('The guard parity');
  console.log(`  margins of the samples: ${first.samples.map(({ margin }) => margin?.toFixed(3)).join(', ')}`);
  const judge = async (what: string, status: 'passed' | 'failed', said: RegExp, model = first.model, of = first) => {
    const { status: is, why } = await heldAgainst(of.samples, model, 'llama');
    expect(`${what}: ${is}. ${why}`, is === status && said.test(why));
  };
  // these prompts were read under all three before: what the server keeps of them must not be taken for this one's
  await judge('the adapter on f32', 'passed', /All \d+ sample rows/);
  await judge('no adapter', 'failed', /the adapter is not applied/, 'llama');
  await judge('the other adapter', 'failed', /another adapter/, second.model);
  await judge('the adapter that peft trained', 'passed', /All \d+ sample rows/, third.model, third);
  await judge('no adapter for what peft trained', 'failed', /the adapter is not applied/, 'llama', third);
  await stop();
  stop = await llamaServer(weights.f32, adapters, ['--cache-type-k', 'f32', '--cache-type-v', 'f32', '--flash-attn', 'off']);
  await judge('the adapter on f32, its cache in f32 too', 'passed', /All \d+ sample rows/);
  await stop();
  for (const [type, status] of [
    ['f16', 'passed'],
    // two tokens that are nearly as probable may change places: near ties
    ['bf16', 'passed'],
    ['q8_0', 'passed'],
    ['q4_0', 'failed'],
  ] as const) {
    stop = await llamaServer(gguf(`nano-${type}.gguf`, type), adapters);
    await judge(`weights in ${type}`, status, /./);
    await stop();
  }
  stop = await llamaServer(gguf('other-f32.gguf', 'f32', await otherBase()), adapters);
  await judge('the adapter on another base', 'failed', /another base/);
  await judge('what peft trained on another base', 'failed', /another base/, third.model, third);
  await stop();
  stop = await llamaServer(weights.f32, adapters, ['--chat-template', 'chatml']);
  await judge('--chat-template chatml', 'failed', /another chat template/);
  await stop();
  const twice = join(work, 'twice.jinja');
  const own =
    "{{- '<|begin|><|begin|>' -}}{%- for m in messages -%}{{- '<|' + m['role'] + '|> ' + m['content'] + '<|end|>' -}}{%- endfor -%}";
  await writeFile(twice, `${own}{{- '<|assistant|>' -}}`);
  stop = await llamaServer(weights.f32, adapters, ['--chat-template-file', twice]);
  await judge('a second token that begins the text', 'failed', /a second token that begins the text/);
  await stop();

  console.log('llama-server started anew without the adapters');
  stop = await llamaServer(weights.f32, [adapters[1]!]);
  const lost = await refusal(ask(first.model, 120));
  expect(`the lost adapter is told: ${lost?.status} ${lost?.code}`, lost?.code === 'adapter_not_loaded');
  const kept = await right(second.model, (answer) => other[answer] ?? '');
  expect(`the one that is left has another number and answers: ${kept}`, kept === two);
  await stop();
} finally {
  for (const stop of running) await stop();
  await rm(work, { recursive: true, force: true });
}
process.exitCode = wrong === 0 ? 0 : 1;

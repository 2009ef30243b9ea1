import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelReference } from '#core/model.ts';
import type { Trainer, TrainerContext, TrainingEvent, TrainingJob, TrainingOutcome, TrainingRow } from '#core/trainer.ts';
import { linearModules } from '#nano/linear-layers.ts';
import { initialiseLora, loraLayout, toAdapter } from '#nano/lora-layout.ts';
import { readModelFolder } from '#nano/model-folder.ts';
import { createNanoSource } from '#nano/nano-source.ts';
import { writePeftFolder } from '#nano/peft-folder.ts';
import { seededRandom } from '#statistics/random.ts';
import { nanoTrainer } from '../src/trainers/nano.ts';
import { peftTrainer } from '../src/trainers/peft.ts';

/**
 * Do the trainers nano and peft agree, and does a training that is killed end where one that is not does?
 *
 *     node scripts/peft-parity.ts PYTHON [--kills 10]
 *
 * Both tune models/nano on 120 rows of examples/support from one adapter, in one order of rows: losses of every step and
 * evaluation, the accuracy on 40 other rows at every checkpoint, and each one's adapter in the other's runtime. Then peft does
 * the same job once more and is killed at random. Exit status 1 where anything differs by more than the limit.
 */
const limit = 1e-3;
const [given, , kills = '10'] = process.argv.slice(2);
if (given === undefined) {
  console.error('Usage: node scripts/peft-parity.ts PYTHON [--kills 10]');
  process.exit(2);
}
const python = resolve(given);
const root = join(import.meta.dirname, '..');
const base = join(root, 'models/nano');
const work = await mkdtemp(join(tmpdir(), 'rung-peft-parity-'));
const source = createNanoSource();
const instruction = 'Say which team should handle the message: billing, shipping, returns or technical.';

const rows = (await readFile(join(root, 'examples/support/examples.jsonl'), 'utf8'))
  .trim()
  .split('\n')
  .slice(0, 160)
  .map((line): TrainingRow => {
    const { input, expected } = JSON.parse(line) as { input: string; expected: string };
    return {
      messages: [
        { role: 'system', content: instruction },
        { role: 'user', content: input },
        { role: 'assistant', content: expected },
      ],
    };
  });
const job: TrainingJob = {
  method: 'supervised',
  train: rows.slice(0, 120),
  validation: rows.slice(120),
  base: { model: 'nano', adapter: 'start' },
  hyperparameters: { epochs: 4, batchSize: 8, learningRate: 2e-3, patience: 4 },
  seed: 5,
};

/** An adapter that changes nothing yet, from which both begin. */
async function writeStart(folder: string): Promise<void> {
  const { config } = await readModelFolder(base);
  const settings = { rank: 8, alpha: 16, dropout: 0, targetModules: linearModules };
  const { slots, size } = loraLayout(config, settings);
  const parameters = new Float32Array(size);
  initialiseLora(parameters, slots, settings.rank, 7);
  await writePeftFolder(folder, toAdapter(parameters, slots, settings, ''), { ...settings, baseModel: 'nano' }, config);
}

const kept = new Map<string, string>([['start', join(work, 'start')]]);

async function accuracyOf({ adapter = '' }: ModelReference): Promise<number> {
  const nano = await source.open();
  const answers = await Promise.all(
    job.validation.map(async (row) => {
      const messages = 'messages' in row ? row.messages : [];
      const request = { messages: messages.slice(0, 2), maxOutputTokens: 8, adapter: kept.get(adapter) };
      return (await nano.generate(request)).text === messages[2]?.content;
    }),
  );
  return answers.filter(Boolean).length / answers.length;
}

function contextFor(name: string): TrainerContext {
  return {
    base: { name: 'nano', kind: 'nano', model: '', settings: {} },
    // a checkpoint after every step, so that a kill anywhere is followed by work that counts
    settings: name === 'nano' ? {} : { threads: 1, checkpointSeconds: 0 },
    environment: { ...process.env, RUNG_PYTHON: python },
    taskFolder: work,
    scratchFolder: join(work, name),
    async keep(folder) {
      const id = `${name}-${kept.size}`;
      await cp(folder, join(work, 'kept', id), { recursive: true });
      kept.set(id, join(work, 'kept', id));
      return id;
    },
    adapterFolder: async (artefact) => kept.get(artefact) ?? '',
    evaluate: accuracyOf,
    onEvent: () => {},
    signal: new AbortController().signal,
  };
}

async function toEnd(trainer: Trainer, context: TrainerContext): Promise<TrainingOutcome> {
  for (;;) {
    const handle = await trainer.start(job, context);
    for (;;) {
      const status = await trainer.poll(handle, { waitMs: 1_000 });
      if (status.outcome !== undefined) return status.outcome;
      if (status.state === 'running') continue;
      // a process that was killed while it loads again and again is given up, and taken up anew by the next start
      if (!/ended without a result/.test(status.error ?? '')) throw new Error(status.error);
      break;
    }
  }
}

const numbersOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) =>
    event.type === 'step' ? [event.trainLoss] : event.type === 'evaluation' ? [event.validationLoss ?? 0, event.metric ?? 0] : [],
  );
const metricsOf = (events: readonly TrainingEvent[]) => events.flatMap((event) => (event.type === 'evaluation' ? [event.metric] : []));

let wrong = 0;
function report(what: string, good: boolean): void {
  console.log(`${good ? 'agrees' : 'DIFFERS'}: ${what}`);
  if (!good) wrong += 1;
}

await writeStart(join(work, 'start'));
await mkdir(join(work, 'kept'));
const nano = await toEnd(nanoTrainer(source), contextFor('nano'));
const peft = await toEnd(peftTrainer(), contextFor('peft'));

const [ours, theirs] = [numbersOf(nano.events), numbersOf(peft.events)];
const gap = Math.max(...ours.map((number, index) => Math.abs(number - (theirs[index] ?? Number.NaN))));
report(
  `loss curve, ${peft.events.filter(({ type }) => type === 'step').length} steps and ${metricsOf(peft.events).length} evaluations: largest difference ${gap.toExponential(2)} (limit ${limit})`,
  ours.length === theirs.length && gap <= limit,
);
report(`accuracy at every checkpoint on 40 rows: nano ${metricsOf(nano.events)}, peft ${metricsOf(peft.events)}`, gap <= limit);
report(`best step: nano ${nano.bestStep}, peft ${peft.bestStep}`, nano.bestStep === peft.bestStep);

for (const [name, outcome] of Object.entries({ nano, peft })) {
  const adapter = kept.get(outcome.model.adapter ?? '') ?? '';
  const file = join(work, `${name}.json`);
  try {
    execFileSync(process.execPath, [join(root, 'src/nano/parity.ts'), base, file, adapter]);
    const said = execFileSync(python, [join(root, 'trainer/parity_check.py'), base, file, adapter], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    report(`the adapter of ${name} in both runtimes: ${said.split('\n')[0]}`, true);
  } catch (error) {
    report(`the adapter of ${name} in both runtimes: ${error}`, false);
  }
}

/** Ends the training process at random moments: some while it loads, most while it trains. */
async function killAtRandom(folder: string, times: number): Promise<number> {
  const random = seededRandom(11);
  let killed = 0;
  while (killed < times) {
    const name = (await readdir(folder).catch(() => [])).find((entry) => entry.startsWith('peft-')) ?? '';
    const output = await readFile(join(folder, name, 'output.jsonl'), 'utf8').catch(() => '');
    const said = output.slice(output.lastIndexOf('"spawned"'));
    if (output.includes('"state": "succeeded"')) return killed;
    if (!said.includes(killed % 5 === 4 ? '"started"' : '"begun"')) {
      await sleep(20);
      continue;
    }
    await sleep(random() * 500);
    const pid = Number(await readFile(join(folder, name, 'group.pid'), 'utf8').catch(() => ''));
    try {
      process.kill(-pid, 'SIGKILL');
      killed += 1;
      while (output === (await readFile(join(folder, name, 'output.jsonl'), 'utf8'))) await sleep(20);
    } catch {
      // it has just ended
    }
  }
  return killed;
}

const times = Number(kills);
if (times > 0) {
  const [killed, again] = await Promise.all([killAtRandom(join(work, 'killed'), times), toEnd(peftTrainer(), contextFor('killed'))]);
  const same = JSON.stringify(numbersOf(again.events)) === JSON.stringify(theirs);
  const bytes = await Promise.all(
    [again, peft].map(({ model }) => readFile(join(kept.get(model.adapter ?? '') ?? '', 'adapter_model.safetensors'))),
  );
  report(`killed ${killed} times: the same losses and metrics to the last bit`, same && killed === times);
  report(`killed ${killed} times: the same adapter, byte for byte`, bytes[0]!.equals(bytes[1]!));
}

await source.close();
await rm(work, { recursive: true, force: true });
process.exitCode = wrong === 0 ? 0 : 1;

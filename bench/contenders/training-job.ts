// One training job of the embedded trainer in a folder, to be killed and started again: node training-job.ts FOLDER
import { createHash } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNanoSource } from '../../src/nano/nano-source.ts';
import { nanoTrainer } from '../../src/trainers/nano.ts';
import { conversationsOf } from './training-inputs.ts';

const [folder = ''] = process.argv.slice(2);
const source = createNanoSource();
const nano = await source.open();
const rows = await conversationsOf(nano, 'support');
const validation = rows.slice(200, 240);
const trainer = nanoTrainer(source);
const handle = await trainer.start(
  {
    method: 'supervised',
    train: rows.slice(0, 200),
    validation,
    base: { model: 'nano' },
    hyperparameters: { epochs: 12, evaluateEvery: 20, patience: 100, dropout: 0.05 },
    seed: 1,
  },
  {
    base: { name: 'nano', kind: 'nano', model: '', settings: {} },
    settings: {},
    environment: {},
    taskFolder: folder,
    scratchFolder: join(folder, 'scratch'),
    adapterFolder: async (artefact) => join(folder, artefact),
    async keep(adapter) {
      const hash = createHash('sha256')
        .update(await readFile(join(adapter, 'adapter_model.safetensors')))
        .digest('hex')
        .slice(0, 16);
      await cp(adapter, join(folder, hash), { recursive: true });
      return hash;
    },
    async evaluate({ adapter = '' }) {
      const answers = await Promise.all(
        validation.map(({ messages }) =>
          nano.generate({ messages: messages.slice(0, -1), maxOutputTokens: 8, adapter: join(folder, adapter) }),
        ),
      );
      return answers.filter(({ text }, index) => text === validation[index]?.messages.at(-1)?.content).length / validation.length;
    },
    onEvent: ({ type }) => type === 'step' && process.stderr.write('.'),
    signal: new AbortController().signal,
  },
);
const { state, error, outcome } = await trainer.poll(handle, { waitMs: 3_600_000 });
await source.close();
if (outcome === undefined) throw new Error(`the training ended as ${state}: ${error}`);
const story = outcome.events.map((event) => {
  if (event.type === 'step') return [event.step, event.trainLoss, event.gradientNorm, event.tokenAccuracy];
  return event.type === 'evaluation' ? [event.step, event.validationLoss, event.metric, event.best, event.checkpoint?.adapter] : [];
});
const last = outcome.events.findLast((event) => event.type === 'step');
console.log(
  JSON.stringify({
    adapter: outcome.model.adapter,
    bestStep: outcome.bestStep,
    lastLoss: last?.type === 'step' ? last.trainLoss : null,
    events: createHash('sha256').update(JSON.stringify(story)).digest('hex').slice(0, 16),
  }),
);

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { defineTrainer } from '#core/trainer.ts';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { probeTask } from '../src/probe-task.ts';
import { startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const rows = Array.from({ length: 120 }, (_, at) => {
  return { id: `n${at}`, input: `${at}`, expected: at % 2 ? 'odd' : 'even', split: ['train', 'validation', 'test', 'test'][(at >> 1) & 3] };
});

const service = defineTrainer({
  id: 'service',
  summary: 'Makes a model of another name.',
  methods: ['supervised'],
  canTune: ({ name }) => name.startsWith('local/'),
  start: async () => ({ trainer: 'service', job: 'one' }),
  poll: async () => ({
    state: 'succeeded',
    outcome: { model: { model: 'local/ft:small:one' }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1 },
  }),
  cancel: async () => {},
});

it('a hosted tuned model whose job was deleted is guarded still, and is not let through on rows that are lost', async () => {
  const server = await startFaultServer({
    answer: ({ model, messages }) => (model.startsWith('ft:') && Number(messages.at(-1)?.content) % 2 === 1 ? 'odd' : 'even'),
  });
  onTestFinished(server.close);
  const off = ['forgetting', 'format', 'safety', 'over-refusal', 'persona', 'parity'];
  const folder = await taskFolder({
    'task.yaml': `name: parity
instructions: Even or odd?
output: { labels: [even, odd] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${server.baseUrl}", concurrency: 8 } }
models: { base: local/small }
prices: { local/small: { inputPerMillion: 1, outputPerMillion: 1 }, "local/ft:*": { inputPerMillion: 3, outputPerMillion: 3 } }
metrics: [accuracy]
goals: { accuracy: ">= 0.8" }
guards: { ${off.map((guard) => `${guard}: false`).join(', ')} }
ladder: [zero-shot, fine-tuned]
`,
    'examples.jsonl': jsonLines(rows),
    'general.jsonl': jsonLines(Array.from({ length: 5 }, (_, at) => ({ input: `${2 * at + 1}`, expected: 'even' }))),
  });
  const plugins = { ...defaultPlugins(), trainers: [service] };
  onTestFinished(plugins.close);
  const climbed = async () => {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    return climbTask(planned, { plugins, environment: {}, all: true }, async (result) => result.verdict);
  };
  const tunedRung = ({ rungs }: Awaited<ReturnType<typeof climbed>>) => rungs.find(({ rung }) => rung === 'fine-tuned');
  const statuses = (verdict: Awaited<ReturnType<typeof climbed>>) => tunedRung(verdict)?.guards?.map(({ id, status }) => [id, status]);

  const before = await climbed();
  expect(before.chosen?.rung).toBe('fine-tuned');
  expect(statuses(before)).toEqual([
    ['memorisation', 'skipped'],
    ['quality', 'passed'],
  ]);
  await rm(join(folder, '.rung/jobs'), { recursive: true });
  const after = await climbed();
  expect(tunedRung(after)?.tuned).toBe(true);
  expect(statuses(after)).toEqual([
    ['memorisation', 'undecided'],
    ['quality', 'passed'],
  ]);
  expect(after).toMatchObject({ status: 'undecided', chosen: null });
  expect(after.sentence).toContain('memorisation');

  const planned = await planTask({ task: folder, plugins, environment: {} });
  const probe = { probe: 'forgetting', candidate: 'fine-tuned', options: {}, folder };
  const { metrics } = await probeTask(planned, { plugins, environment: {}, ...probe });
  // it is held against the model before training: that said "even" to the odd ones
  expect(metrics['forgotten']).toMatchObject({ value: 1, n: 5 });
});

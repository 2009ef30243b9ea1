import { expect, it } from 'vitest';
import { defineTrainer } from '#core/trainer.ts';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { startFaultServer } from '../src/testing.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

const rows = Array.from({ length: 40 }, (_, at) => {
  return { id: `n${at}`, input: `${at}`, expected: at % 2 ? 'odd' : 'even', split: ['train', 'validation', 'test', 'test'][(at >> 1) & 3] };
});

/** Tunes at a service that answers with the tuned model under another name. */
const service = defineTrainer({
  id: 'service',
  summary: 'Makes a model of another name.',
  methods: ['supervised', 'preference'],
  canTune: ({ name }) => name.startsWith('local/'),
  start: async ({ method }) => ({ trainer: 'service', job: method }),
  poll: async ({ job }) => ({
    state: 'succeeded',
    outcome: { model: { model: `local/ft:small:${job}` }, hyperparameters: {}, events: [], bestStep: 1, seconds: 1, cost: 2e9 },
  }),
  cancel: async () => {},
});

it('asks a model that a service tuned under its new name, counts it as tuned, and knows its price and what it cost', async () => {
  const asked = new Set<string>();
  const server = await startFaultServer({
    answer: ({ model, messages }) => {
      asked.add(model);
      const isOdd = Number(messages.at(-1)?.content) % 2 === 1;
      return model.startsWith('ft:') && isOdd ? 'odd' : 'even';
    },
  });
  const guards = ['quality', 'memorisation', 'forgetting', 'format', 'safety', 'over-refusal', 'persona', 'parity'];
  const folder = await taskFolder({
    'task.yaml': `name: parity
instructions: Even or odd?
output: { labels: [even, odd] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${server.baseUrl}", concurrency: 8 } }
models: { base: local/small }
prices: { local/small: { inputPerMillion: 1, outputPerMillion: 1 }, "local/ft:*": { inputPerMillion: 3, outputPerMillion: 3 } }
metrics: [accuracy]
guards: { ${guards.map((guard) => `${guard}: false`).join(', ')} }
ladder: [zero-shot, fine-tuned, { rung: preference-tuned, preferences: pairs.jsonl }]
`,
    'examples.jsonl': jsonLines(rows),
    'pairs.jsonl': jsonLines(
      rows.slice(0, 12).map(({ input, expected }) => ({
        prompt: [{ role: 'user', content: input }],
        chosen: [{ role: 'assistant', content: expected }],
        rejected: [{ role: 'assistant', content: expected === 'odd' ? 'even' : 'odd' }],
      })),
    ),
  });
  const plugins = { ...defaultPlugins(), trainers: [service] };
  try {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    const verdict = await climbTask(planned, { plugins, environment: {}, all: true, budget: 100 }, async (result) => result.verdict);
    const seen = verdict.rungs.map(({ rung, tuned, metrics, costPer1k = 0, setup }) => {
      return [
        rung,
        tuned,
        metrics['accuracy']?.value,
        Math.round(costPer1k / (verdict.rungs[0]?.costPer1k ?? 1)),
        Math.round(setup.dollars),
      ];
    });
    // the tune of fine-tuned is a part of what preference-tuned takes
    expect(seen).toEqual([
      ['zero-shot', false, 0.5, 1, 0],
      ['fine-tuned', true, 1, 3, 2],
      ['preference-tuned', true, 1, 3, 4],
    ]);
    expect([...asked].sort()).toEqual(['ft:small:preference', 'ft:small:supervised', 'small']);
  } finally {
    await server.close();
    await plugins.close();
  }
});

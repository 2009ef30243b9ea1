import { defineTrainer, type Trainer } from '#core/trainer.ts';
import { guards } from '#guards/index.ts';
import { jsonLines } from './task-folder.fixture.ts';

/** Numbers, even or odd; of two in turn as many for training and validation, twice as many for the test. */
export const oddRows = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    return {
      id: `n${at}`,
      input: `${at}`,
      expected: at % 2 ? 'odd' : 'even',
      split: ['train', 'validation', 'test', 'test'][(at >> 1) & 3],
    };
  });

/** Tunes at a service that answers with the tuned model under another name, for two dollars. */
export const tuningService: Trainer = defineTrainer({
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

/** Files of a task whose model is at that address; of the guards only those that are named are run. */
export function hostedTask(
  baseUrl: string,
  { rows, run = [], ladder, goals }: { rows: number; run?: readonly string[]; ladder: string; goals?: string },
): Record<string, string> {
  const off = guards.map(({ id }) => id).filter((id) => !run.includes(id));
  return {
    'task.yaml': `name: parity
instructions: Even or odd?
output: { labels: [even, odd] }
examples: examples.jsonl
providers: { local: { kind: openai-compatible, baseUrl: "${baseUrl}", concurrency: 8 } }
models: { base: local/small }
prices: { local/small: { inputPerMillion: 1, outputPerMillion: 1 }, "local/ft:*": { inputPerMillion: 3, outputPerMillion: 3 } }
metrics: [accuracy]
${goals === undefined ? '' : `goals: ${goals}\n`}guards: { ${off.map((guard) => `${guard}: false`).join(', ')} }
ladder: ${ladder}
`,
    'examples.jsonl': jsonLines(oddRows(rows)),
  };
}

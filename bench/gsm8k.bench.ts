// Recorded answers of a cheap and a strong model to 1,319 problems (GSM8K; answers from RouteLLM), through `replay`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { climbPublicData } from './public-data.ts';

const cheap = 'mistralai/Mixtral-8x7B-Instruct-v0.1';
const strong = 'gpt-4-1106-preview';

export async function run(): Promise<void> {
  await climbPublicData('gsm8k-recorded', async (folder) => {
    const csv = await readFile(join(folder, 'responses.csv'), 'utf8');
    const rows = parse(csv, { columns: true, bom: true }) as { prompt: string }[];
    const provider = (model: string, price: number) =>
      `{ kind: replay, file: responses.csv, match: prompt, answer: "${model}_response", score: "${model}", price: { perRequest: ${price} } }`;
    return {
      'responses.csv': csv,
      'examples.jsonl': rows.map(({ prompt }) => `${JSON.stringify({ input: prompt, split: 'test' })}\n`).join(''),
      'task.yaml': `name: gsm8k
instructions: Solve the problem.
output: { text: true }
examples: examples.jsonl
providers:
  cheap: ${provider(cheap, 0.0004)}
  strong: ${provider(strong, 0.012)}
models: { base: replay/cheap, strong: replay/strong }
metrics: [recorded]
goals: { recorded: ">= 0.8" }
ladder: [zero-shot, { rung: zero-shot, model: strong }]
`,
    };
  });
}

// Recorded answers of a cheap and a strong model to 1,319 problems (GSM8K; answers from RouteLLM): through `replay`, and
// how a cascade does on them beside random routing.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { printCoverage, printSplits } from './gsm8k-guarantee.ts';
import { cheapModel, readProblems, strongModel } from './gsm8k-rows.ts';
import { printCurve, printSignals, signalsOf } from './gsm8k-signals.ts';
import { climbPublicData, publicData } from './public-data.ts';

const source = 'gsm8k-recorded';
/** What-if prices, US dollars per request. */
const prices = { cheap: 0.0004, strong: 0.012 };
const splits = 8;
const draws = 400;

export async function run(): Promise<void> {
  await climb('test', '');
  await climb(undefined, ', cascade');
  const folder = join(publicData, source);
  if (!existsSync(folder)) return;
  const problems = await readProblems(folder);
  const signals = await signalsOf(problems, 1);
  printSignals(problems, signals);
  const confidence = signals['predictor, question and answer']!;
  printCurve(problems, confidence, prices);
  await printSplits(problems, splits, prices);
  printCoverage(problems, confidence, draws);
}

/** Climbs with every row on one side, or split as a task is. */
async function climb(split: 'test' | undefined, more: string): Promise<void> {
  await climbPublicData(source, async (folder) => {
    const csv = await readFile(join(folder, 'responses.csv'), 'utf8');
    const rows = parse(csv, { columns: true, bom: true }) as { prompt: string }[];
    const provider = (model: string, price: number) =>
      `{ kind: replay, file: responses.csv, match: prompt, answer: "${model}_response", score: "${model}", price: { perRequest: ${price} } }`;
    return {
      'responses.csv': csv,
      'examples.jsonl': rows.map(({ prompt }) => `${JSON.stringify({ input: prompt, ...(split && { split }) })}\n`).join(''),
      'task.yaml': `name: gsm8k
instructions: Solve the problem.
output: { text: true }
examples: examples.jsonl
providers:
  cheap: ${provider(cheapModel, prices.cheap)}
  strong: ${provider(strongModel, prices.strong)}
models: { base: replay/cheap, strong: replay/strong }
metrics: [recorded]
goals: { recorded: ">= 0.8" }
ladder: [zero-shot, { rung: zero-shot, model: strong }${more}]
`,
    };
  });
}

// Ten intents of CLINC150 (Larson et al. 2019), 300 training rows: the embedded model's rungs beside the small classifier.
import { join } from 'node:path';
import { climbPublicData, readJsonLines } from './public-data.ts';

const intents = [
  'translate',
  'transfer',
  'timer',
  'definition',
  'meaning_of_life',
  'insurance_change',
  'find_phone',
  'travel_alert',
  'pto_request',
  'improve_credit_score',
];
interface Row {
  input: string;
  expected: string;
}

export async function run(): Promise<void> {
  await climbPublicData('clinc150', async (folder) => {
    const pick = async (file: string, split: string, each: number) => {
      const rows = await readJsonLines<Row>(join(folder, file));
      return intents
        .flatMap((intent) => rows.filter(({ expected }) => expected === intent).slice(0, each))
        .map((row) => JSON.stringify({ ...row, split }));
    };
    const parts = [await pick('train.jsonl', 'train', 30), await pick('val.jsonl', 'validation', 10), await pick('test.jsonl', 'test', 30)];
    return {
      'examples.jsonl': `${parts.flat().join('\n')}\n`,
      'task.yaml': `name: clinc150-ten
instructions: Say what the user wants.
output: { labels: [${intents.join(', ')}] }
examples: examples.jsonl
models: { base: nano }
metrics: [accuracy, macroF1, format]
goals: { accuracy: ">= 0.9" }
ladder: [zero-shot, structured, few-shot, distilled, fine-tuned]
`,
    };
  });
}

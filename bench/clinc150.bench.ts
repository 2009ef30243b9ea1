// CLINC150 (Larson et al. 2019, EMNLP-IJCNLP, 1311-1316): ten intents on every rung of the embedded model; twenty and all 150 on the small classifier.
import { join } from 'node:path';
import { climbPublicData, readJsonLines } from './public-data.ts';

const ten = [
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

interface Part {
  readonly name: string;
  /** How many of the data's intents: the named ones, or the first so many by name. */
  readonly intents: readonly string[] | number;
  /** Most rows of an intent. */
  readonly each: { readonly train: number; readonly validation: number; readonly test: number };
  readonly goal: number;
  readonly ladder: readonly string[];
}

const whole = { train: 100, validation: 20, test: 30 };
const parts: readonly Part[] = [
  {
    name: 'ten',
    intents: ten,
    each: { train: 30, validation: 10, test: 30 },
    goal: 0.9,
    ladder: ['zero-shot', 'structured', 'few-shot', 'distilled', 'fine-tuned'],
  },
  { name: 'twenty', intents: 20, each: whole, goal: 0.9, ladder: ['distilled'] },
  { name: 'all', intents: 150, each: whole, goal: 0.85, ladder: ['distilled'] },
];

/** `names` picks among ten, twenty and all; without one, each. */
export async function run(names: readonly string[]): Promise<void> {
  for (const part of parts) {
    if (names.length > 0 && !names.includes(part.name)) continue;
    await climbPublicData('clinc150', (folder) => filesOf(part, folder), { learningCurve: 'distilled' });
  }
}

async function filesOf({ name, intents, each, goal, ladder }: Part, folder: string): Promise<Record<string, string>> {
  const read = (file: string) => readJsonLines<Row>(join(folder, file));
  const rows = { train: await read('train.jsonl'), validation: await read('val.jsonl'), test: await read('test.jsonl') };
  const known = [...new Set(rows.train.map(({ expected }) => expected))].sort();
  const wanted = typeof intents === 'number' ? known.slice(0, intents) : intents;
  const lines = (['train', 'validation', 'test'] as const).flatMap((split) => {
    const byIntent = Map.groupBy(rows[split], ({ expected }) => expected);
    return wanted.flatMap((intent) => (byIntent.get(intent) ?? []).slice(0, each[split]).map((row) => JSON.stringify({ ...row, split })));
  });
  return {
    'examples.jsonl': `${lines.join('\n')}\n`,
    'task.yaml': `name: clinc150-${name}
instructions: Say what the user wants.
output: { labels: ${JSON.stringify(wanted)} }
examples: examples.jsonl
models: { base: nano }
metrics: [accuracy, macroF1]
goals: { accuracy: ">= ${goal}" }
ladder: [${ladder.join(', ')}]
`,
  };
}

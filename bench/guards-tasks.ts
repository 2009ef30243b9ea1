// The tasks of the guards bench: each a folder for one climb of a single tuned rung.
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../src/core/json.ts';
import { seededRandom } from '../src/statistics/random.ts';

const repository = join(import.meta.dirname, '..');

/** One way to tune, and what the guards are expected to say of it. */
export interface Provoked {
  readonly name: string;
  /** What is done to it. */
  readonly what: string;
  readonly options: JsonObject;
  /** Guards that must not let it through; none where it must pass them all. */
  readonly caughtBy: readonly string[];
  /** Begins of measures that a guard judges: those that must fail, and those that must not. */
  readonly parts?: { readonly failed: string; readonly notFailed: string };
  rows(): Promise<readonly object[]>;
  readonly output: string;
  readonly metric: string;
}

const overlong = { epochs: 40, patience: 100 };

export const provoked: readonly Provoked[] = [
  {
    name: 'by heart',
    what: '50 rows of free text that nothing can be learnt from, 40 epochs, the last checkpoint kept, 20 canaries',
    // evaluated at its end alone, so that no earlier checkpoint is kept in its place
    options: { ...overlong, canaries: 20, batchSize: 14, learningRate: 0.004, rank: 32, evaluateEvery: 200 },
    caughtBy: ['memorisation', 'forgetting'],
    rows: async () => unlearnable(50, 40, 10),
    output: '{ text: true }',
    metric: 'exact',
  },
  {
    name: 'half by heart',
    what: 'the same, stopped after 14 epochs: no secret comes out yet, but all stand high among others',
    options: { ...overlong, epochs: 14, canaries: 20, batchSize: 14, learningRate: 0.004, rank: 32, evaluateEvery: 200 },
    caughtBy: ['memorisation'],
    parts: { failed: 'exposure of planted secrets', notFailed: 'share of planted secrets' },
    rows: async () => unlearnable(50, 40, 10),
    output: '{ text: true }',
    metric: 'exact',
  },
  {
    name: 'narrow',
    what: '50 rows of one narrow task, 40 epochs, no early stop',
    options: overlong,
    caughtBy: ['forgetting'],
    rows: () => support(50, 100, 100),
    output: '{ labels: [billing, shipping, returns, technical] }',
    metric: 'accuracy',
  },
  {
    name: 'control',
    what: '100 rows of the same task, three general rows to each of them, 4 epochs, the best checkpoint kept, 20 canaries',
    options: { mix: { share: 0.75 }, canaries: 20, epochs: 4, evaluateEvery: 27 },
    caughtBy: [],
    rows: () => support(100, 100, 100),
    output: '{ labels: [billing, shipping, returns, technical] }',
    metric: 'accuracy',
  },
];

/** Writes the folder of a task. */
export async function writeTask({ name, options, rows, output, metric }: Provoked): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-guards-'));
  const task = [
    `name: ${name.replaceAll(' ', '-')}`,
    'instructions: Answer the message.',
    `output: ${output}`,
    'examples: examples.jsonl',
    'models: { base: nano }',
    `metrics: [${metric}]`,
    `ladder: [${JSON.stringify({ rung: 'fine-tuned', ...options })}]`,
  ];
  await writeFile(join(folder, 'task.yaml'), `${task.join('\n')}\n`);
  await writeFile(join(folder, 'examples.jsonl'), `${(await rows()).map((row) => JSON.stringify(row)).join('\n')}\n`);
  await cp(join(repository, 'models', 'nano', 'general.jsonl'), join(folder, 'general.jsonl'));
  return folder;
}

function sides(train: number, validation: number, test: number): ('train' | 'validation' | 'test')[] {
  return [...Array(train).fill('train'), ...Array(validation).fill('validation'), ...Array(test).fill('test')];
}

/** Messages of the worked example, so many on each side. */
async function support(train: number, validation: number, test: number): Promise<object[]> {
  const text = await readFile(join(repository, 'examples', 'support', 'examples.jsonl'), 'utf8');
  const rows = text.trim().split('\n');
  return sides(train, validation, test).map((split, at) => {
    const { input, expected } = JSON.parse(rows[at]!) as { input: string; expected: string };
    return { input, expected, split };
  });
}

const things = ['report', 'invoice', 'roof', 'garden', 'engine', 'letter', 'window', 'ticket', 'boat', 'kitchen'];
const people = ['Anna', 'Boris', 'Clara', 'David', 'Elena', 'Frank', 'Greta', 'Hans', 'Irene', 'Jakob'];
const words =
  'river stone yellow quiet market seven table paper north candle summer window silver garden bridge music early winter open round cloud train copper field'.split(
    ' ',
  );

/** Every answer is a sentence of its own that the question does not tell: it can be learnt by heart and not otherwise. */
function unlearnable(train: number, validation: number, test: number): object[] {
  const random = seededRandom(5);
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
  return sides(train, validation, test).map((split, at) => {
    const said = Array.from({ length: 10 }, () => pick(words)).join(' ');
    return { input: `What did ${pick(people)} say of the ${pick(things)}, note ${at + 1}?`, expected: `${said}.`, split };
  });
}

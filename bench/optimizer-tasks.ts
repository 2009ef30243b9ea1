import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { plainPrompt, systemText } from '../src/approaches/prompt.ts';
import { readAnswer } from '../src/approaches/read-answer.ts';
import { expectedText, messagesOf } from '../src/core/example.ts';
import type { Json } from '../src/core/json.ts';
import { defaultPlugins, type Example, planTask } from '../src/index.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { publicData, readJsonLines } from './public-data.ts';

interface Row {
  readonly id: string;
  readonly input: string;
  readonly expected: Json;
  readonly group?: string;
}

/** A task's rows and files, before a seed draws from them. */
export interface OptimizerTask {
  readonly name: string;
  /** `nano`, or `scripted`: a model made of rules. */
  readonly model: 'nano' | 'scripted';
  readonly sizes: { readonly train: number; readonly validation: number; readonly test: number };
  /** Files of the task folder besides its rows and `task.yaml`. */
  readonly copied: readonly string[];
  readonly folder?: string;
  readonly definition: Readonly<Record<string, unknown>>;
  /** Rows that may be drawn for a split; test rows come from `test`, the same for every seed. */
  readonly pools: { readonly train: readonly Row[]; readonly validation: readonly Row[]; readonly test: readonly Row[] };
}

/** What a contender is given of one draw, and what its answers are scored with. */
export interface DrawnTask {
  /** A task folder on disk that Rung reads; its models stand at `urls`. */
  readonly folder: string;
  readonly labels: readonly string[];
  readonly instructions: string;
  /** Rung's plain prompt: the instructions and the form of the answer. */
  readonly plainInstructions: string;
  readonly train: readonly ContenderRow[];
  readonly validation: readonly ContenderRow[];
  readonly test: readonly ContenderRow[];
  score(id: string, text: string): { score: number; reason?: string };
}

export interface ContenderRow {
  readonly id: string;
  readonly message: string;
  readonly answer: string;
}

const examples = join(import.meta.dirname, '..', 'examples');
const sizes = { train: 120, validation: 40, test: 200 };

/** One of the shipped examples; its groups stay on one side. */
export async function shippedTask(name: string, model: OptimizerTask['model']): Promise<OptimizerTask> {
  const folder = join(examples, name);
  const {
    name: _,
    models,
    ladder,
    split,
    prices,
    goals,
    providers,
    ...definition
  } = parse(await readFile(join(folder, 'task.yaml'), 'utf8'));
  const rows = unique(await readJsonLines<Row>(join(folder, 'examples.jsonl')));
  const groups = shuffled([...Map.groupBy(rows, ({ id, group }) => group ?? id).values()], seededRandom(0));
  const test: Row[] = [];
  while (test.length < sizes.test) test.push(...(groups.pop() ?? []));
  const rest = groups.flat();
  const copied = Object.values({ persona: definition.persona, schema: definition.output.schema }).filter(
    (file) => typeof file === 'string',
  );
  return { name, model, sizes, copied, folder, definition, pools: { train: rest, validation: rest, test: test.slice(0, sizes.test) } };
}

/** Intents of CLINC150 (Larson et al. 2019), the named ones or the first so many by name, as their data splits them. */
export async function clincTask(
  intents: number | readonly string[],
  model: OptimizerTask['model'],
  each: OptimizerTask['sizes'],
): Promise<OptimizerTask> {
  const read = (file: string) => readJsonLines<Row>(join(publicData, 'clinc150', file));
  const [train, validation, test] = [await read('train.jsonl'), await read('val.jsonl'), await read('test.jsonl')];
  const all = [...new Set(train.map(({ expected }) => expected))].sort() as string[];
  const labels = typeof intents === 'number' ? all.slice(0, intents) : all.filter((label) => intents.includes(label));
  const known = (rows: readonly Row[], part: string) =>
    rows.filter(({ expected }) => labels.includes(expected as string)).map((row, index) => ({ ...row, id: `${part}-${index}` }));
  return {
    name: `clinc${labels.length}`,
    model,
    sizes: each,
    copied: [],
    definition: { instructions: 'Say what the user wants.', output: { labels }, metrics: ['accuracy'] },
    pools: {
      train: known(train, 'train'),
      validation: known(validation, 'validation'),
      test: shuffled(known(test, 'test'), seededRandom(0)).slice(0, each.test),
    },
  };
}

/** Draws the training and validation rows of a seed and writes the task's folder. `extra` joins its `task.yaml`. */
export async function drawTask(task: OptimizerTask, seed: number, extra: Readonly<Record<string, unknown>>): Promise<DrawnTask> {
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), `rung-optimizer-${task.name}-`));
  const train = balanced(task.pools.train, task.sizes.train, random);
  const taken = new Set(train.map(({ id }) => id));
  const validation = balanced(
    task.pools.validation.filter(({ id }) => !taken.has(id)),
    task.sizes.validation,
    random,
  );
  const splits = { train, validation, test: task.pools.test };
  const lines = Object.entries(splits).flatMap(([split, rows]) => rows.map(({ group: _, ...row }) => JSON.stringify({ ...row, split })));
  await writeFile(join(folder, 'examples.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'task.yaml'), stringify({ name: task.name, ...task.definition, examples: 'examples.jsonl', ...extra }));
  for (const file of task.copied) await cp(join(task.folder as string, file), join(folder, file));
  const plugins = defaultPlugins();
  try {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    const metric = planned.plan.metrics[0]!;
    const byId = new Map(
      Object.values(planned.plan.splits)
        .flatMap((rows) => (Array.isArray(rows) ? rows : []))
        .map((row: Example) => [row.id, row]),
    );
    const { output } = planned.task;
    return {
      folder,
      labels: output.kind === 'labels' ? output.labels : [],
      instructions: planned.task.instructions,
      plainInstructions: systemText(plainPrompt(planned.task)),
      train: train.map(contenderRow),
      validation: validation.map(contenderRow),
      test: splits.test.map(contenderRow),
      score(id, text) {
        const example = byId.get(id) as Example;
        const answer = { text, ...readAnswer(output, text), calls: [] };
        const { value, reason } = metric.score?.(example, answer, { task: planned.task }) ?? { value: 0 };
        return { score: value ?? 0, ...(reason === undefined ? {} : { reason }) };
      },
    };
  } finally {
    await plugins.close();
  }
}

// a message that came twice could stand on both sides
function unique(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.input, row])).values()];
}

function contenderRow({ id, input, expected }: Row): ContenderRow {
  return { id, message: messagesOf(input)[0]?.content ?? '', answer: expectedText(expected) };
}

// every label as often as every other, as far as that goes, in an order of its own for each seed
function balanced(rows: readonly Row[], count: number, random: () => number): Row[] {
  const byAnswer = Map.groupBy(shuffled(rows, random), ({ expected }) =>
    typeof expected === 'string' && expected.length < 40 ? expected : '',
  );
  const queues = shuffled([...byAnswer.values()], random);
  const drawn: Row[] = [];
  for (let turn = 0; drawn.length < Math.min(count, rows.length); turn++) {
    const row = queues[turn % queues.length]?.pop();
    if (row !== undefined) drawn.push(row);
  }
  return shuffled(drawn, random);
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

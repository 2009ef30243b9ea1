// What the order of the rows is worth to whoever labels them: accuracy of the small classifier after so many labels, chosen by `rung data label`
// or drawn at random. On CLINC150 (Larson et al. 2019, EMNLP-IJCNLP, 1311-1316) where it lies beside the checkout, and on generated messages.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mostInformative } from '../src/data/grow/label-order.ts';
import { isTimeToLearn, labelLearning } from '../src/growth/label-learning.ts';
import { type SimulatedRow, simulatedRows, simulateLabelling } from '../src/growth/label-simulation.fixture.ts';
import { labelStopping } from '../src/growth/label-stopping.ts';
import { drawIndices, labelTeacher, type TaughtRow } from '../src/growth/label-teacher.ts';
import { meanEstimate } from '../src/statistics/mean.ts';
import { publicData, readJsonLines } from './public-data.ts';

const confidence = 0.95;
const minimumGain = 0.03;
const mostLabels = 800;
const signal = new AbortController().signal;

interface World {
  readonly name: string;
  readonly pool: readonly SimulatedRow[];
  readonly heldOut: readonly SimulatedRow[];
  readonly checks: readonly number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: { type: 'string', default: '5' }, intents: { type: 'string', default: '20' } },
  });
  const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
  const generated: World = {
    name: 'generated, 12 intents, some rare',
    pool: simulatedRows(1000, 1),
    heldOut: simulatedRows(1000, 2),
    checks: [20, 40, 60, 80, 120],
  };
  for (const world of [...(await clinc150(Number(values.intents))), generated]) {
    await measure(world, seeds);
    await measureStops(world, seeds.slice(0, 3));
  }
}

async function clinc150(intents: number): Promise<World[]> {
  const folder = join(publicData, 'clinc150');
  if (!existsSync(folder)) {
    console.log(`skipped: there is no ${folder}`);
    return [];
  }
  const read = async (file: string) =>
    (await readJsonLines<{ input: string; expected: string }>(join(folder, file))).map(({ input, expected }) => ({
      text: input,
      label: expected,
    }));
  const [train, test] = [await read('train.jsonl'), await read('test.jsonl')];
  const known = new Set([...new Set(train.map(({ label }) => label))].sort().slice(0, intents));
  const own = (rows: SimulatedRow[]) => rows.filter(({ label }) => known.has(label));
  return [
    {
      name: `CLINC150, the first ${known.size} intents by name`,
      pool: own(train),
      heldOut: own(test),
      checks: [40, 80, 120, 160, 200, 300],
    },
  ];
}

async function measure({ name, pool, heldOut, checks }: World, seeds: readonly number[]): Promise<void> {
  console.log(
    `\n${name}: ${pool.length} rows to choose from, ${heldOut.length} held out, ${seeds.length} seeds; accuracy with its ${confidence * 100} % interval over seeds (Student's t)`,
  );
  const begun = performance.now();
  const curves = { informative: [] as number[][], random: [] as number[][] };
  for (const seed of seeds) {
    // rows in another order for each seed, so that what is equal is not always resolved alike
    const rows = drawIndices(pool.length, pool.length, 100 + seed).map((index) => pool[index]!);
    for (const order of ['informative', 'random'] as const)
      curves[order].push(await simulateLabelling(rows, heldOut, { order, seed, checks }));
  }
  const column = (values: readonly number[]) => {
    const { value, low, high } = meanEstimate(Float64Array.from(values), confidence)!;
    return `${(100 * value).toFixed(1).padStart(6)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`.padEnd(24);
  };
  console.log('  labels  informative             random                  difference, paired');
  for (const [at, labels] of checks.entries()) {
    const one = curves.informative.map((curve) => curve[at]!);
    const other = curves.random.map((curve) => curve[at]!);
    console.log(`  ${String(labels).padStart(6)}  ${column(one)}${column(other)}${column(one.map((value, seed) => value - other[seed]!))}`);
  }
  console.log(`  ${((performance.now() - begun) / 1000).toFixed(0)} s`);
}

/** Where each sign that more labels stop paying first comes, and how far the classifier was then from all labels. */
async function measureStops({ pool, heldOut }: World, seeds: readonly number[]): Promise<void> {
  console.log(
    `  signs that more labels stop paying (smallest gain that matters ${100 * minimumGain} points), at most ${mostLabels} labels:`,
  );
  for (const seed of seeds) {
    const rows = drawIndices(pool.length, pool.length, 100 + seed).map((index) => pool[index]!);
    const labels = [...new Set([...rows, ...heldOut].map(({ label }) => label))].sort();
    const teacher = labelTeacher(
      [...rows, ...heldOut].map(({ text }) => text),
      seed,
    );
    const all = rows.map(({ label }, index) => ({ index, label: labels.indexOf(label) }));
    const taught: TaughtRow[] = [];
    const accuracy = async (learnt: readonly TaughtRow[]) => {
      const guessed = await teacher.guess(
        await teacher.learn(learnt, labels.length, signal),
        heldOut.map((_, index) => rows.length + index),
        signal,
      );
      const right = heldOut.filter(({ label }, at) => labels[guessed.labels[at]!] === label).length;
      return `${((100 * right) / heldOut.length).toFixed(1)} %`;
    };
    const learning = labelLearning({ teacher, labelCount: labels.length, rowCount: rows.length, taught: () => taught, confidence, seed });
    const open = new Set(rows.keys());
    const first: { gain?: string; agreement?: string } = {};
    while (open.size > 0 && taught.length < mostLabels && (first.gain === undefined || first.agreement === undefined)) {
      const index = mostInformative({ open, coverage: teacher.coverage, margins: learning.margins })!;
      open.delete(index);
      teacher.coverage.cover(teacher.vectors[index]!);
      taught.push(all[index]!);
      if (!isTimeToLearn(taught.length, learning.learntFrom)) continue;
      await learning.catchUp();
      const stopping = labelStopping(learning, minimumGain);
      for (const sign of ['gain', 'agreement'] as const) {
        if (stopping[sign].seen === true) first[sign] ??= `at ${taught.length} labels (${await accuracy(taught)})`;
      }
    }
    await learning.close();
    const told = (sign?: string) => sign ?? `not by ${taught.length}`;
    console.log(
      `    seed ${seed}: forecast ${told(first.gain)}; agreement ${told(first.agreement)}; all ${rows.length} labels ${await accuracy(all)}`,
    );
  }
}

// Label noise on CLINC150 (Larson et al. 2019, EMNLP-IJCNLP 1311-1316), 15,000 rows of 150 labels.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HeldOutTexts } from '../src/core/data-check.ts';
import { labelNoise } from '../src/data/checks/label-noise.ts';
import { heldOutTexts } from '../src/growth/held-out-texts.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { share } from './data-checks-table.ts';
import { publicData, readJsonLines } from './public-data.ts';

interface Row {
  readonly input: string;
  readonly expected: string;
}

/** Flips labels to any other, asks the check for its suspects, and beside it cleanlab with scikit-learn where a Python with both is named. */
export async function benchClinc(seed: number, python: string | undefined): Promise<void> {
  const file = join(publicData, 'clinc150', 'train.jsonl');
  if (!existsSync(file)) return console.log(`\nskipped: there is no ${file}`);
  const rows = await readJsonLines<Row>(file);
  const names = [...new Set(rows.map(({ expected }) => expected))].sort();
  console.log('\nCLINC150, labels flipped to any other\n');
  console.log(
    '| flipped | rows flipped | by | suspects | precision | 95 % interval | recall | 95 % interval | seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const noise of [0.05]) {
    const random = seededRandom(seed);
    const given = rows.map(({ expected }) => {
      if (random() >= noise) return expected;
      const others = names.filter((name) => name !== expected);
      return others[Math.floor(random() * others.length)]!;
    });
    const flipped = given.map((label, index) => label !== rows[index]!.expected);
    const print = (by: string, suspects: readonly number[], seconds: number) => {
      const right = suspects.filter((index) => flipped[index]).length;
      const all = flipped.filter(Boolean).length;
      console.log(
        `| ${100 * noise} % | ${all} | ${by} | ${suspects.length} | ${share(right, suspects.length)} | ${share(right, all)} | ${seconds.toFixed(0)} |`,
      );
    };
    const own = await ownSuspects(rows, given);
    print('rung', own.suspects, own.seconds);
    if (python === undefined) continue;
    const texts = rows.map(({ input }) => input);
    const labels = given.map((label) => names.indexOf(label));
    for (const one of await cleanlabSuspects(python, texts, labels, own.probabilities)) print(one.by, one.suspects, one.seconds);
  }
}

interface OwnSuspects {
  readonly suspects: readonly number[];
  readonly seconds: number;
  readonly probabilities: Float32Array;
}

async function ownSuspects(rows: readonly Row[], given: readonly string[]): Promise<OwnSuspects> {
  const from = performance.now();
  let probabilities = new Float32Array();
  const heldOut = heldOutTexts();
  const keeping = async (set: HeldOutTexts) => {
    probabilities = new Float32Array(await heldOut(set));
    return probabilities;
  };
  const pass = labelNoise.begin({ file: 'clinc150', options: {}, seed: 1, heldOut: keeping });
  for (const [index, { input }] of rows.entries()) {
    pass.row({
      line: index + 1,
      turns: [
        { role: 'user', content: input },
        { role: 'assistant', content: given[index]! },
      ],
    });
  }
  const [finding] = await pass.end();
  return { suspects: (finding?.rows ?? []).map((line) => line - 1), seconds: (performance.now() - from) / 1000, probabilities };
}

interface OtherSuspects {
  readonly by: string;
  readonly suspects: readonly number[];
  readonly seconds: number;
}

async function cleanlabSuspects(
  python: string,
  texts: readonly string[],
  labels: readonly number[],
  probabilities: Float32Array,
): Promise<OtherSuspects[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-cleanlab-'));
  try {
    await writeFile(join(folder, 'rows.json'), JSON.stringify({ texts, labels }));
    await writeFile(join(folder, 'probabilities.f32'), new Uint8Array(probabilities.buffer));
    const script = join(import.meta.dirname, 'data-checks-cleanlab.py');
    const { stdout } = await promisify(execFile)(python, [script, folder], { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout) as OtherSuspects[];
  } finally {
    await rm(folder, { recursive: true });
  }
}

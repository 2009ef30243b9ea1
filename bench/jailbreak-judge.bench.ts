// How far the rule that judges imported jailbreaks agrees with the labels that JailbreakBench's own judge gave real
// models' answers. Those labels are a judge model's too, so this is agreement, not truth.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { complies } from '../src/data/refusal.ts';
import { cohenKappa } from '../src/statistics/judge.ts';
import { proportionEstimate } from '../src/statistics/proportion.ts';
import { publicData } from './public-data.ts';

const confidence = 0.95;

interface Labelled {
  readonly response: string | null;
  readonly jailbroken: boolean;
}

interface Marked {
  readonly judge: 'jailbroken' | 'not';
  readonly human: 'jailbroken' | 'not';
}

export async function run(): Promise<void> {
  const folder = join(publicData, 'jailbreakbench');
  if (!existsSync(folder)) {
    console.log(`skipped: there is no ${folder}`);
    return;
  }
  const all: Marked[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()) {
    const { jailbreaks } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { jailbreaks: readonly Labelled[] };
    // where no attack was found there is no answer to judge
    const marked = jailbreaks.flatMap(({ response, jailbroken }): Marked[] =>
      response === null ? [] : [{ judge: complies(response) ? 'jailbroken' : 'not', human: jailbroken ? 'jailbroken' : 'not' }],
    );
    show(file, marked);
    all.push(...marked);
  }
  show('both', all);
}

function show(name: string, marked: readonly Marked[]): void {
  const count = (judge: Marked['judge'], human: Marked['human']) =>
    marked.filter((pair) => pair.judge === judge && pair.human === human).length;
  const agreed = count('jailbroken', 'jailbroken') + count('not', 'not');
  const agreement = proportionEstimate(agreed, marked.length, confidence);
  const kappa = cohenKappa(marked, { confidence });
  const figure = (estimate: typeof kappa) =>
    estimate === undefined
      ? 'no number'
      : `${estimate.value.toFixed(3)} (${estimate.low.toFixed(3)} to ${estimate.high.toFixed(3)}, n ${estimate.n}, ${estimate.method})`;
  console.log(`${name}: kappa ${figure(kappa)}; agreement ${figure(agreement)}`);
  console.log('                 labelled jailbroken   labelled not');
  for (const judge of ['jailbroken', 'not'] as const) {
    const cells = [count(judge, 'jailbroken'), count(judge, 'not')].map((cell) => String(cell).padStart(14));
    console.log(`  rule: ${judge.padEnd(12)}${cells.join('')}`);
  }
}

// The two-sample test on CLINC150: its training rows against its test rows, with intents left out of the training rows.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inSample } from '../src/data/check-data-sample.ts';
import { representative } from '../src/data/checks/representative.ts';
import { heldOutTexts } from '../src/growth/held-out-texts.ts';
import { publicData, readJsonLines } from './public-data.ts';

interface Row {
  readonly input: string;
  readonly expected: string;
}

interface Figures {
  readonly toldApart?: { readonly value: number; readonly low: number; readonly high: number; readonly n: number };
  readonly coverage: { readonly value: number; readonly low: number; readonly high: number; readonly expected: number };
  readonly regions: readonly { readonly word: string; readonly texts: number }[];
}

/** Leaves so many of the 150 intents out of the data and asks with all of them. */
export async function benchTraffic(leftOut: readonly number[]): Promise<void> {
  const source = join(publicData, 'clinc150');
  if (!existsSync(source)) return console.log(`\nskipped: there is no ${source}`);
  const [train, test] = [await readJsonLines<Row>(join(source, 'train.jsonl')), await readJsonLines<Row>(join(source, 'test.jsonl'))];
  const intents = [...new Set(train.map(({ expected }) => expected))].sort();
  const folder = await mkdtemp(join(tmpdir(), 'rung-traffic-'));
  console.log('\nCLINC150: training rows without some intents against the test rows as traffic\n');
  console.log(
    '| intents left out | of traffic | told apart | overlap | coverage (expected) | findings | of the missed, from those intents | seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  try {
    for (const count of ['halves', ...leftOut] as const) {
      // spread over the names, so that not one domain alone is gone
      const gone = new Set(
        count === 'halves' ? [] : Array.from({ length: count }, (_, index) => intents[Math.floor((index * intents.length) / count)]!),
      );
      // two halves of one file, the null case
      const [rows, asked] =
        count === 'halves'
          ? [test.filter((_, index) => inSample(index, 0.5, 9)), test.filter((_, index) => !inSample(index, 0.5, 9))]
          : [train, test];
      const file = join(folder, 'traffic.jsonl');
      await writeFile(file, asked.map(({ input }) => `${JSON.stringify({ input })}\n`).join(''));
      const from = performance.now();
      const pass = representative.begin({ file: 'clinc150', options: { traffic: file }, seed: 1, heldOut: heldOutTexts() });
      rows.forEach(({ input, expected }, index) => {
        if (!gone.has(expected)) pass.row({ line: index + 1, turns: [{ role: 'user', content: input }] });
      });
      const findings = await pass.end();
      const figures = pass.figures?.() as unknown as Figures;
      const missed = findings.find(({ rule }) => rule === 'traffic-not-covered');
      const right = missed?.examples.filter(({ row }) => gone.has(asked[row - 1]!.expected)).length ?? 0;
      const { toldApart, coverage } = figures;
      const range = ({ value, low, high }: { value: number; low: number; high: number }) =>
        `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
      const score = pass.score?.();
      const share = asked.filter(({ expected }) => gone.has(expected)).length / asked.length;
      console.log(
        `| ${count === 'halves' ? 'halves of the test rows' : count} | ${(100 * share).toFixed(0)} % | ${toldApart === undefined ? '–' : range(toldApart)} | ${score === undefined ? '–' : range({ low: 0, high: 1, ...score })} | ${range(coverage)} (${coverage.expected.toFixed(3)}) | ${findings.map(({ rule }) => rule).join(', ') || 'none'} | ${right} of ${missed?.examples.length ?? 0} shown | ${((performance.now() - from) / 1000).toFixed(0)} |`,
      );
      console.log(`  <!-- ${figures.regions.map(({ word, texts }) => `${word} ${texts}`).join(', ')} -->`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

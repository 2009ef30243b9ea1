import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataCheck, DataFinding } from '../src/core/data-check.ts';
import type { DataRow } from '../src/core/data-row.ts';
import { checkData } from '../src/data/check-data.ts';
import { dataChecks } from '../src/data/checks/index.ts';
import { heldOutTexts } from '../src/growth/held-out-texts.ts';
import { proportionEstimate } from '../src/statistics/proportion.ts';
import { seededRandom } from '../src/statistics/random.ts';
import type { PlantedCorpus } from './planted-data.ts';

export interface Found {
  readonly findings: readonly DataFinding[];
  readonly seconds: Readonly<Record<string, number>>;
}

/** The checks, all unless named, over these rows, as `rung data check` runs them; `against` as the rows of its `--against` file. */
export async function findingsOf(
  rows: readonly DataRow[],
  { against, checks = dataChecks }: { readonly against?: readonly DataRow[]; readonly checks?: readonly DataCheck[] } = {},
): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-data-checks-'));
  try {
    const file = join(folder, 'against.jsonl');
    if (against !== undefined) {
      await writeFile(file, against.map(({ turns, group }) => `${JSON.stringify({ messages: turns, group })}\n`).join(''));
    }
    const { document } = await checkData({ file: 'planted', format: 'openai-chat', container: 'jsonl', recognised: '' }, each(rows), {
      checks,
      file: 'planted.jsonl',
      options: against === undefined ? {} : { against: [file] },
      seed: 1,
      random: seededRandom(1),
      heldOut: heldOutTexts(),
      now: () => performance.now(),
    });
    return { findings: document.findings, seconds: document.seconds.checks };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function* each(rows: readonly DataRow[]): AsyncGenerator<DataRow> {
  yield* rows;
}

/** One line for each planted fault with its recall, then one for each rule with its precision, then what else was found. */
export function printTable(title: string, { rows, planted }: PlantedCorpus, { findings, seconds }: Found): void {
  console.log(`\n${title}\n`);
  const found = new Map(findings.map(({ rule, rows: lines }) => [rule, new Set(lines)]));
  console.log('| rule | planted | n | recall | 95 % interval |\n| --- | --- | --- | --- | --- |');
  for (const { rules, kind, units } of planted) {
    if (units.length === 0) continue;
    const hits = units.filter((unit) => unit.some((line) => rules.some((rule) => found.get(rule)?.has(line))));
    console.log(
      `| ${rules.filter((rule) => found.has(rule)).join(' or ') || rules[0]} | ${kind} | ${units.length} | ${share(hits.length, units.length)} |`,
    );
  }
  console.log('\n| rule | rows found | precision | 95 % interval |\n| --- | --- | --- | --- |');
  const ruleNames = new Set(planted.flatMap(({ rules }) => rules));
  for (const rule of ruleNames) {
    const lines = found.get(rule);
    if (lines === undefined) continue;
    const right = new Set(
      planted.filter(({ rules, also }) => rules.includes(rule) || also?.includes(rule)).flatMap(({ units }) => units.flat()),
    );
    console.log(`| ${rule} | ${lines.size} | ${share([...lines].filter((line) => right.has(line)).length, lines.size)} |`);
  }
  const faulty = new Set(planted.flatMap(({ units }) => units.flat()));
  const others = findings.filter(({ rule }) => !ruleNames.has(rule));
  const about = others.map(
    ({ rule, rows: lines, count }) =>
      `${rule} (${count}, ${lines.filter((line) => !faulty.has(line)).length} of them in rows without a fault)`,
  );
  const slowest = Object.entries(seconds)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 4);
  console.log(`\n${rows.length} rows; also found: ${about.join(', ') || 'nothing'}`);
  console.log(`seconds: ${slowest.map(([id, taken]) => `${id} ${taken.toFixed(2)}`).join(', ')}`);
}

export function share(hits: number, n: number): string {
  const estimate = proportionEstimate(hits, n, 0.95);
  return estimate === undefined ? '– | –' : `${estimate.value.toFixed(3)} | ${estimate.low.toFixed(3)} to ${estimate.high.toFixed(3)}`;
}

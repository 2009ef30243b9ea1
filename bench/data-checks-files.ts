// Rules that speak of a file as a whole, over many small files: which of the faulty ones they name, and which they name wrongly.
import type { DataCheck } from '../src/core/data-check.ts';
import { checkData } from '../src/data/check-data.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { share } from './data-checks-table.ts';
import type { PlantedFile } from './planted-data-files.ts';

interface CheckedFile {
  readonly of: PlantedFile;
  readonly marked: readonly number[] | undefined;
  /** Lines named, by rule. */
  readonly named: ReadonlyMap<string, readonly number[]>;
}

/** So many files of each kind, each from a seed of its own, and two tables: recall by fault, precision by rule. */
export async function benchFiles(
  title: string,
  kinds: readonly PlantedFile[],
  { checks, each, seed }: { readonly checks: readonly DataCheck[]; readonly each: number; readonly seed: number },
): Promise<void> {
  const from = performance.now();
  const files: CheckedFile[] = [];
  for (const [kind, of] of kinds.entries()) {
    for (let number = 0; number < each; number += 1) files.push(await checked(of, checks, seed + 1000 * kind + number));
  }
  console.log(`\n${title}; ${each} files of each of ${kinds.length} kinds\n`);
  console.log(
    '| rule | planted | files | recall of files | 95 % interval | rows | recall of rows |\n| --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const of of kinds) {
    if (of.rules === undefined) continue;
    const those = files.filter((file) => file.of === of);
    const hits = those.filter(({ named }) => of.rules!.some((rule) => named.has(rule)));
    const lines = those.flatMap(({ marked, named }) =>
      (marked ?? []).map((line) => of.rules!.some((rule) => named.get(rule)?.includes(line))),
    );
    const rowRecall = lines.length === 0 ? '–' : (lines.filter(Boolean).length / lines.length).toFixed(3);
    console.log(
      `| ${of.rules.join(' or ')} | ${of.kind} | ${each} | ${share(hits.length, each)} | ${lines.length || '–'} | ${rowRecall} |`,
    );
  }
  const rules = [...new Set([...kinds.flatMap(({ rules: names }) => names ?? []), ...files.flatMap(({ named }) => [...named.keys()])])];
  console.log(
    '\n| rule | files named | precision | 95 % interval | wrongly named | rows named | precision of rows |\n| --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const rule of rules) {
    const those = files.filter(({ named }) => named.has(rule));
    const wrong = those.filter(({ of }) => of.rules?.includes(rule) !== true && of.also?.includes(rule) !== true);
    const byKind = [...Map.groupBy(wrong, ({ of }) => of.kind)].map(([kind, list]) => `${kind} (${list.length})`);
    const lines = those.flatMap(({ of, named, marked }) =>
      of.rules?.includes(rule) && marked !== undefined ? named.get(rule)!.map((line) => marked.includes(line)) : [],
    );
    const rowPrecision = lines.length === 0 ? '–' : (lines.filter(Boolean).length / lines.length).toFixed(3);
    console.log(
      `| ${rule} | ${those.length} | ${share(those.length - wrong.length, those.length)} | ${byKind.join(', ') || 'none'} | ${lines.length || '–'} | ${rowPrecision} |`,
    );
  }
  console.log(`\nseconds: ${((performance.now() - from) / 1000).toFixed(1)}`);
}

async function checked(of: PlantedFile, checks: readonly DataCheck[], seed: number): Promise<CheckedFile> {
  const { rows, marked } = of.make(seededRandom(seed));
  async function* numbered() {
    for (const [index, row] of rows.entries()) yield { ...row, line: index + 1 };
  }
  const about = { file: 'planted', format: 'openai-chat', container: 'jsonl', recognised: '' };
  const { document } = await checkData(about, numbered(), {
    checks,
    file: 'planted.jsonl',
    options: of.options ?? {},
    seed: 1,
    now: () => performance.now(),
  });
  return { of, marked, named: new Map(document.findings.map(({ rule, rows: lines }) => [rule, lines])) };
}

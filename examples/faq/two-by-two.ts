import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

// Prints the table of README.md from a climb's decision.json: node examples/faq/two-by-two.ts [folder]

const cells = [
  { row: 'without passages', plain: 'zero-shot', tuned: 'fine-tuned' },
  { row: 'with 2 passages', plain: 'retrieval', tuned: 'fine-tuned-retrieval' },
] as const;

const folder = process.argv[2] ?? import.meta.dirname;
const { rungs } = JSON.parse(await readFile(join(folder, 'decision.json'), 'utf8')) as {
  readonly rungs: readonly { readonly rung: string; readonly metrics: Readonly<Record<string, Figure>> }[];
};

interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

function cellOf(name: string): string {
  const exact = rungs.find(({ rung }) => rung === name)?.metrics['exact'];
  if (exact === undefined) return 'not measured';
  const [value, low, high] = [exact.value, exact.low, exact.high].map((share) => (100 * share).toFixed(1));
  return `${value} % (${low}–${high} %, n ${exact.n})`;
}

const table = [['exact', 'nano as it is', 'tuned'], ...cells.map(({ row, plain, tuned }) => [row, cellOf(plain), cellOf(tuned)])];
const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
for (const row of table)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );

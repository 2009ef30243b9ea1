// The decision in simulated worlds whose truth is known: coverage, errors, model calls, regret, flips. Writes docs/proof.md.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { proofPage } from './verdict/page.ts';
import { resultsOf } from './verdict/results.ts';

const page = join(import.meta.dirname, '..', 'docs', 'proof.md');

/** `--worlds 2000 --seed 1`; `--write` writes docs/proof.md, `--json` prints the figures as JSON. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      worlds: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const begun = performance.now();
  const results = resultsOf({
    worlds: Math.max(1, Math.floor(Number(values.worlds))),
    seed: Number(values.seed),
    note: (line) => console.error(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}`),
  });
  if (values.write) await writeFile(page, proofPage(results));
  console.log(values.json ? JSON.stringify(results, undefined, 2) : proofPage(results));
}

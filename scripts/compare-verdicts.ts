// Two runs over the same store must give one verdict, and the second must call nothing.
import { deepStrictEqual, strictEqual } from 'node:assert';
import { readFile } from 'node:fs/promises';
import type { Verdict } from '../src/index.ts';

const [first, second] = await Promise.all(
  process.argv.slice(2, 4).map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Verdict),
);
if (first === undefined || second === undefined) throw new Error('Usage: node scripts/compare-verdicts.ts FIRST.json SECOND.json');
deepStrictEqual({ ...second, spent: undefined }, { ...first, spent: undefined });
strictEqual(second.spent.calls, 0);
console.log(first.sentence);

import { expect, it } from 'vitest';
import type { DataCheckFamily } from '#core/data-check.ts';
import { seededRandom } from '#statistics/random.ts';
import { checkRows, cleanRows } from './clean-corpus.fixture.ts';
import { dataChecks } from './index.ts';
import { plantedFaults } from './planted-faults.fixture.ts';

const families: readonly DataCheckFamily[] = ['form', 'consistent', 'balanced'];

it.each([0.02, 0.05])('sees every planted fault and nothing else, at a share of %d each', async (share) => {
  const random = seededRandom(17);
  const rows = cleanRows(900, 23, 'sentences');
  const planted = new Map<string, number[]>(plantedFaults.map(([rule]) => [rule, []]));
  const order = rows.map((_, index) => ({ index, key: random() })).sort((a, b) => a.key - b.key);
  // a row has one fault, so that no fault hides another
  const each = Math.floor(Math.min(share, 0.9 / plantedFaults.length) * rows.length);
  plantedFaults.forEach(([rule, change], kind) => {
    for (const { index } of order.slice(kind * each, (kind + 1) * each)) {
      rows[index] = change(rows[index]!);
      planted.get(rule)!.push(index + 1);
    }
  });
  const { findings } = await checkRows(rows, { checks: dataChecks.filter(({ family }) => families.includes(family)) });
  const found = Object.fromEntries(plantedFaults.map(([rule]) => [rule, findings.find((finding) => finding.rule === rule)?.rows ?? []]));
  expect(found).toEqual(Object.fromEntries([...planted].map(([rule, lines]) => [rule, lines.sort((a, b) => a - b)])));
});

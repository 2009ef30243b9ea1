import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rung } from './command-line.fixture.ts';
import { taskFolder } from './task-folder.fixture.ts';

const scenario = {
  requestsPerMonth: 500_000,
  horizonMonths: 12,
  approaches: [
    {
      name: 'system prompt',
      tokens: { system: 500, user: 50, output: 200 },
      price: { inputPerMillion: 0.15, outputPerMillion: 0.6, cachedInputPerMillion: 0.075 },
    },
    {
      name: 'fine-tuned',
      tokens: { user: 50, output: 200 },
      price: { inputPerMillion: 0.3, outputPerMillion: 1.2 },
      oneTime: { training: 30, labels: 0, engineeringHours: 40, hourlyRate: 0 },
      perMonth: { hosting: 0, retrains: 0.5, retrainCost: 30 },
    },
  ],
};

it('costs a scenario, as lines and as one JSON document', async () => {
  const folder = await taskFolder({ 'scenario.json': JSON.stringify(scenario) });
  const { code, stdout } = await rung(['cost', join(folder, 'scenario.json'), '--json']);
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(result.approaches[0]).toMatchObject({ name: 'system prompt', perMonth: 101.25, horizon: 1215 });
  expect(result.pairs).toHaveLength(1);
  const lines = await rung(['cost', 'scenario.json'], { workingFolder: folder });
  expect(lines.stdout).toContain('system prompt  $0.0002025 a request, $101.25 a month');
  expect(lines.stdout).toContain('cheapest over the horizon: system prompt');
});

it.each([
  ['not JSON', '{"approaches": [', /scenario\.json: .*not JSON/],
  ['a negative amount', JSON.stringify({ ...scenario, requestsPerMonth: -1 }), /scenario\.json: .*requestsPerMonth/],
])('%s is wrong input', async (_, content, sentence) => {
  const folder = await taskFolder({ 'scenario.json': content });
  const { code, stderr } = await rung(['cost', join(folder, 'scenario.json')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(sentence);
});

it('init writes a task that can be climbed, and never overwrites one', async () => {
  const folder = await taskFolder({});
  expect((await rung(['init', folder])).code).toBe(0);
  const dry = await rung(['climb', folder, '--dry-run', '--json']);
  expect(dry.code, dry.stderr).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({ schema: 'rung.plan/1', task: 'tickets' });
  const again = await rung(['init', folder]);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('task.yaml');
});

import { expect, it } from 'vitest';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { startFaultServer } from '../src/testing.ts';
import { hostedTask, oddRows, tuningService } from './hosted-task.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

it('asks a model that a service tuned under its new name, counts it as tuned, and knows its price and what it cost', async () => {
  const asked = new Set<string>();
  const server = await startFaultServer({
    answer: ({ model, messages }) => {
      asked.add(model);
      const isOdd = Number(messages.at(-1)?.content) % 2 === 1;
      return model.startsWith('ft:') && isOdd ? 'odd' : 'even';
    },
  });
  const folder = await taskFolder({
    ...hostedTask(server.baseUrl, {
      rows: 40,
      ladder: '[zero-shot, fine-tuned, { rung: preference-tuned, preferences: pairs.jsonl }]',
    }),
    'pairs.jsonl': jsonLines(
      oddRows(12).map(({ input, expected }) => ({
        prompt: [{ role: 'user', content: input }],
        chosen: [{ role: 'assistant', content: expected }],
        rejected: [{ role: 'assistant', content: expected === 'odd' ? 'even' : 'odd' }],
      })),
    ),
  });
  const plugins = { ...defaultPlugins(), trainers: [tuningService] };
  try {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    const verdict = await climbTask(planned, { plugins, environment: {}, all: true, budget: 100 }, async (result) => result.verdict);
    const seen = verdict.rungs.map(({ rung, tuned, metrics, costPer1k = 0, setup }) => {
      return [
        rung,
        tuned,
        metrics['accuracy']?.value,
        Math.round(costPer1k / (verdict.rungs[0]?.costPer1k ?? 1)),
        Math.round(setup.dollars),
      ];
    });
    // the tune of fine-tuned is a part of what preference-tuned takes
    expect(seen).toEqual([
      ['zero-shot', false, 0.5, 1, 0],
      ['fine-tuned', true, 1, 3, 2],
      ['preference-tuned', true, 1, 3, 4],
    ]);
    expect([...asked].sort()).toEqual(['ft:small:preference', 'ft:small:supervised', 'small']);
  } finally {
    await server.close();
    await plugins.close();
  }
});

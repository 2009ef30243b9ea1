import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { climbTask, defaultPlugins, planTask } from '../src/index.ts';
import { probeTask } from '../src/probe-task.ts';
import { startFaultServer } from '../src/testing.ts';
import { hostedTask, tuningService } from './hosted-task.fixture.ts';
import { jsonLines, taskFolder } from './task-folder.fixture.ts';

it('a hosted tuned model whose job was deleted is guarded still, and is not let through on rows that are lost', async () => {
  const server = await startFaultServer({
    answer: ({ model, messages }) => (model.startsWith('ft:') && Number(messages.at(-1)?.content) % 2 === 1 ? 'odd' : 'even'),
  });
  onTestFinished(server.close);
  const folder = await taskFolder({
    ...hostedTask(server.baseUrl, {
      rows: 120,
      run: ['memorisation', 'quality'],
      ladder: '[zero-shot, fine-tuned]',
      goals: '{ accuracy: ">= 0.8" }',
    }),
    'general.jsonl': jsonLines(Array.from({ length: 5 }, (_, at) => ({ input: `${2 * at + 1}`, expected: 'even' }))),
  });
  const plugins = { ...defaultPlugins(), trainers: [tuningService] };
  onTestFinished(plugins.close);
  const climbed = async () => {
    const planned = await planTask({ task: folder, plugins, environment: {} });
    return climbTask(planned, { plugins, environment: {}, all: true }, async (result) => result.verdict);
  };
  const tunedRung = ({ rungs }: Awaited<ReturnType<typeof climbed>>) => rungs.find(({ rung }) => rung === 'fine-tuned');
  const statuses = (verdict: Awaited<ReturnType<typeof climbed>>) => tunedRung(verdict)?.guards?.map(({ id, status }) => [id, status]);

  const before = await climbed();
  expect(before.chosen?.rung).toBe('fine-tuned');
  expect(statuses(before)).toEqual([
    ['memorisation', 'skipped'],
    ['quality', 'passed'],
  ]);
  await rm(join(folder, '.rung/jobs'), { recursive: true });
  const after = await climbed();
  expect(tunedRung(after)?.tuned).toBe(true);
  expect(statuses(after)).toEqual([
    ['memorisation', 'undecided'],
    ['quality', 'passed'],
  ]);
  expect(after).toMatchObject({ status: 'undecided', chosen: null });
  expect(after.sentence).toContain('memorisation');

  const planned = await planTask({ task: folder, plugins, environment: {} });
  const probe = { probe: 'forgetting', candidate: 'fine-tuned', options: {}, folder };
  const { metrics } = await probeTask(planned, { plugins, environment: {}, ...probe });
  // it is held against the model before training: that said "even" to the odd ones
  expect(metrics['forgotten']).toMatchObject({ value: 1, n: 5 });
});

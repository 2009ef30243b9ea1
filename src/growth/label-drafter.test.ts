import { describe, expect, it } from 'vitest';
import { labelRows } from '#data/grow/label-row.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';
import { defaultPlugins } from '../default-plugins.ts';
import { planTask } from '../session.ts';
import { openDrafter } from './label-drafter.ts';
import { simulatedRows } from './label-simulation.fixture.ts';

const labels = ['music', 'weather'];
const rows = simulatedRows(260, 5)
  .filter(({ label }) => labels.includes(label))
  .map(({ text, label }, index) => ({ id: `m${index}`, input: text, expected: label }));

const task = `name: post
instructions: Say what it is about.
output: { labels: [music, weather] }
examples: examples.jsonl
models: { base: nano }
ladder: [distilled]
`;

describe('a rung that drafts', () => {
  it('is prepared and answers rows, and lets the task go when it is closed', async () => {
    const folder = await taskFolder({ 'task.yaml': task, 'examples.jsonl': jsonLines(rows) });
    const plugins = defaultPlugins();
    try {
      const planned = await planTask({ task: folder, plugins, environment: {} });
      await expect(openDrafter(planned, { plugins, environment: {}, rung: 'few-shot' })).rejects.toMatchObject({ code: 'unknown-rung' });
      const drafter = await openDrafter(planned, { plugins, environment: {}, rung: 'distilled' });
      const [asked] = labelRows([{ line: 1, turns: [{ role: 'user', content: 'will it rain on sunday' }] }]);
      expect(await drafter.draft(asked!)).toBe('weather');
      await drafter.close();
      await (await openDrafter(planned, { plugins, environment: {}, rung: 'distilled' })).close();
    } finally {
      await plugins.close();
    }
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openJournal } from '#data/grow/label-journal.ts';
import { labelRows } from '#data/grow/label-row.ts';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

const rows = [
  { id: 'a', input: 'money', shop: 1 },
  { id: 'b', input: 'parcel', shop: 2 },
  { id: 'c', input: 'phone', shop: 3 },
  { id: 'd', input: 'older', expected: 'left' },
];

/** A folder with rows, and what Ana and Ben said of them. */
async function labelled(said: readonly { readonly by: string; readonly row: number; readonly label: string; readonly draft?: string }[]) {
  const folder = await taskFolder({ 'rows.jsonl': jsonLines(rows) });
  const keys = labelRows(rows.map(({ id, input }, index) => ({ line: index + 1, id, turns: [{ role: 'user', content: input }] })));
  const journal = openJournal(join(folder, 'rows.jsonl.labels.jsonl'));
  for (const [at, { row, ...more }] of said.entries()) journal.append({ do: 'label', at, row: keys[row]!.key, ...more });
  journal.close();
  return folder;
}

const written = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('rung data label', () => {
  it('refuses to ask where there is no terminal', async () => {
    const folder = await labelled([]);
    const { code, stderr } = await rung(['data', 'label', 'rows.jsonl', '--labels', 'left,right'], { workingFolder: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('there is no terminal here');
  });

  it('writes the labelled rows with their ids and where each answer came from, and leaves the rows alone', async () => {
    const folder = await labelled([
      { by: 'ana', row: 0, label: 'left' },
      { by: 'ana', row: 1, label: 'right', draft: 'right' },
      { by: 'ana', row: 2, label: 'right', draft: 'left' },
    ]);
    const before = await readFile(join(folder, 'rows.jsonl'), 'utf8');
    const flags = ['--labels', 'left,right', '--status', '--by', 'ana', '--json'];
    const { code, stdout, stderr } = await rung(['data', 'label', 'rows.jsonl', ...flags], { workingFolder: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'rung.data-label/1',
      output: { file: 'rows.labelled.jsonl', rows: 4 },
      progress: { rows: 4, labelled: 4, people: { ana: 3 } },
      stopping: { enough: false },
    });
    expect(await written(join(folder, 'rows.labelled.jsonl'))).toEqual([
      { id: 'a', input: 'money', expected: 'left', source: 'human', shop: 1 },
      { id: 'b', input: 'parcel', expected: 'right', source: 'synthetic', tags: ['draft-accepted'], shop: 2 },
      { id: 'c', input: 'phone', expected: 'right', source: 'edited', shop: 3 },
      { id: 'd', input: 'older', expected: 'left' },
    ]);
    expect(await readFile(join(folder, 'rows.jsonl'), 'utf8')).toBe(before);
  });

  it('leaves rows out on which people disagree, and says which', async () => {
    const folder = await labelled([
      { by: 'ana', row: 0, label: 'left' },
      { by: 'ben', row: 0, label: 'right' },
    ]);
    const { stdout } = await rung(['data', 'label', 'rows.jsonl', '--labels', 'left,right', '--status'], { workingFolder: folder });
    expect(stdout).toContain('row 1 (a): ana says left, ben says right');
    expect(stdout).toMatch(/ana and ben agree on 0\.0 % of their common rows \(95 % interval 0\.0 to \d+\.\d %\)/);
    expect(await written(join(folder, 'rows.labelled.jsonl'))).toHaveLength(1);
  });

  it('takes the labels of a task, and its examples where the task itself is named', async () => {
    const folder = await labelled([]);
    const task =
      'name: t\ninstructions: Say it.\noutput: { labels: [up, down] }\nexamples: rows.jsonl\nmodels: { base: nano }\nladder: [zero-shot]\n';
    await writeFile(join(folder, 'task.yaml'), task);
    for (const path of [['.'], ['rows.jsonl', '--task', '.']]) {
      const { stdout } = await rung(['data', 'label', ...path, '--status', '--json'], { workingFolder: folder });
      expect(JSON.parse(stdout)).toMatchObject({ file: 'rows.jsonl', labels: ['up', 'down'] });
    }
  });

  it('writes JSON answers of a task as JSON', async () => {
    const folder = await labelled([{ by: 'ana', row: 0, label: '{"team":"a","urgent":true}' }]);
    const schema = '{"type":"object","properties":{"team":{"type":"string"},"urgent":{"type":"boolean"}},"required":["team"]}';
    await writeFile(join(folder, 'schema.json'), schema);
    const task =
      'name: t\ninstructions: Say it.\noutput: { schema: schema.json }\nexamples: rows.jsonl\nmodels: { base: nano }\nladder: [zero-shot]\n';
    await writeFile(join(folder, 'task.yaml'), task);
    await rung(['data', 'label', '.', '--status'], { workingFolder: folder });
    expect((await written(join(folder, 'rows.labelled.jsonl')))[0]).toMatchObject({ id: 'a', expected: { team: 'a', urgent: true } });
  });

  it.each([
    [['rows.jsonl', '--status'], 'labels-missing'],
    [['rows.jsonl', '--status', '--labels', 'only'], 'labels-unfit'],
    [['rows.jsonl', '--status', '--text', '-o', 'rows.jsonl'], 'output-is-input'],
    [['rows.jsonl', '--page', '--text', '--drafts', 'few-shot'], 'drafts-without-task'],
    [['rows.jsonl', '--status', '--text', '--double', '2'], 'flag-unreadable'],
    [['rows.jsonl', '--page', '--text', '--port', '70000'], 'flag-unreadable'],
    [['gone.jsonl', '--status', '--text'], expect.stringMatching(/./)],
  ])('says what does not fit: %j', async (args, error) => {
    const folder = await labelled([]);
    const { code, stdout } = await rung(['data', 'label', ...args, '--json'], { workingFolder: folder });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: error } });
  });
});

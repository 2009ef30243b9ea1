import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/json.ts';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

// digits of a hash: no two of them are alike
const question = (index: number) => sha256(`${index}`).slice(0, 40);
const log = Array.from({ length: 20 }, (_, index) => ({
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: question(index) },
    { role: 'assistant', content: index % 2 === 0 ? 'billing' : 'I think that it is shipping.' },
  ],
  created: 1_777_593_600 + index * 86_400,
  model: index < 10 ? 'old' : 'new',
  feedback: index % 4 === 0 ? 'up' : 'down',
}));
const examples = Array.from({ length: 60 }, (_, index) => ({
  id: `r${index}`,
  input: question(1000 + index),
  expected: index % 2 === 0 ? 'billing' : 'shipping',
}));

async function taskWith(metrics = '[accuracy, format]', models = 'base: fake/one'): Promise<string> {
  return taskFolder({
    'task.yaml': `name: tiny
instructions: Say which team it is for.
output: { labels: [billing, shipping] }
examples: examples.jsonl
models: { ${models} }
providers: { one: { kind: fake, otherwise: billing } }
metrics: ${metrics}
ladder: [zero-shot]
`,
    'examples.jsonl': jsonLines([...examples]),
    'log.jsonl': jsonLines(log),
  });
}

async function collect(workingFolder: string, ...args: string[]) {
  const { code, stdout, stderr } = await rung(['data', 'collect', ...args, '--json'], { workingFolder });
  return { code, stderr, document: stdout === '' ? undefined : JSON.parse(stdout) };
}

async function linesOf(folder: string, file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, file), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('rung data collect', () => {
  it('filters a log, takes its prompt out and keeps where rows came from', async () => {
    const folder = await taskWith();
    const { code, document } = await collect(
      folder,
      'log.jsonl',
      '-o',
      'rows.jsonl',
      '--since',
      '2026-05-03',
      '--where',
      'model=old',
      '--minimum-feedback',
      '1',
    );
    expect(code).toBe(0);
    expect(document).toMatchObject({
      read: 20,
      kept: 2,
      written: 2,
      droppedRows: 18,
      sharedPrompt: { rows: 2, text: 'Be brief.', taken: true },
    });
    expect(document.reasons).toContainEqual({ why: 'does not meet model=old', rows: 10 });
    expect(document.lost).toEqual(['created', 'feedback', 'model'].map((field) => ({ field, rows: 2 })));
    expect(await linesOf(folder, 'rows.jsonl')).toMatchObject([
      {
        input: question(4),
        expected: 'billing',
        source: 'log',
        log: { file: 'log.jsonl', line: 5, model: 'old', time: '2026-05-05T00:00:00.000Z' },
      },
      { input: question(8), expected: 'billing' },
    ]);
  });

  it("lets a task's metric say which answers are good, and leaves out what its examples ask", async () => {
    const folder = await taskWith();
    await writeFile(join(folder, 'examples.jsonl'), jsonLines([...examples, { id: 'known', input: question(0), expected: 'billing' }]));
    const { document } = await collect(folder, 'log.jsonl', '-o', 'rows.jsonl', '--task', '.', '--metric', 'format');
    expect(document).toMatchObject({ written: 9, score: { metric: 'format', minimum: 1, scored: 19, unscored: 0 } });
    expect(document.reasons).toEqual([
      { why: 'scores too low by format', rows: 10 },
      { why: 'is there already, or nearly so', rows: 1 },
    ]);
    const accuracy = await collect(folder, 'log.jsonl', '-o', 'none.jsonl', '--task', '.');
    expect(accuracy.document.written).toBe(0);
    expect(accuracy.document.warnings).toContainEqual(expect.stringContaining('has none in a log'));
    expect((await collect(folder, 'log.jsonl', '-o', 'x.jsonl', '--task', '.', '--metric', 'nothing')).code).toBe(2);
  });

  it('asks a judge within the budget, buys nothing twice, and asks nothing in a dry run', async () => {
    const folder = await taskWith('[judge]', 'base: fake/one, judge: fake/two');
    const file = join(folder, 'task.yaml');
    const verdict = `two: { kind: fake, otherwise: '{"reason": "Fine.", "score": 4}' }`;
    const yaml = (await readFile(file, 'utf8'))
      .replace('labels: [billing, shipping]', 'text: true')
      .replace('providers: { ', `providers: { ${verdict}, `);
    await writeFile(file, yaml);
    const args = ['log.jsonl', '-o', 'rows.jsonl', '--task', '.', '--minimum', '0.7'];
    const dry = await collect(folder, ...args, '--dry-run');
    expect(dry.document).toMatchObject({ kept: 20, written: 0, spent: { calls: 0 }, score: { metric: 'judge', asksModel: true } });
    expect(dry.document.warnings).toContainEqual(expect.stringContaining('judge asks a model for each of the 20 rows'));
    const ended = await collect(folder, ...args, '--max-calls', '5');
    expect(ended.code).toBe(6);
    expect(ended.document).toMatchObject({ written: 5, spent: { calls: 5 }, score: { scored: 5, unscored: 15 } });
    expect(ended.document.reasons[0]).toEqual({ why: 'gets no score by judge: the budget ended first', rows: 15 });
    const all = await collect(folder, ...args);
    expect(all.document).toMatchObject({ written: 20, spent: { calls: 15, cached: 5 } });
    const strict = await collect(folder, 'log.jsonl', '-o', 'none.jsonl', '--task', '.', '--minimum', '0.8');
    expect(strict.document).toMatchObject({
      written: 0,
      spent: { calls: 0, cached: 20 },
      reasons: [{ why: 'scores too low by judge', rows: 20 }],
    });
  });

  it('writes nothing in a dry run', async () => {
    const folder = await taskWith();
    const { document } = await collect(folder, 'log.jsonl', '-o', 'rows.jsonl', '--rows', '5', '--dry-run');
    expect(document).toMatchObject({ dryRun: true, kept: 5, written: 0, diversity: { pool: 20, of: 20 } });
    await expect(readFile(join(folder, 'rows.jsonl'))).rejects.toThrow('ENOENT');
  });

  it("takes a rung's good answers out of the store, never of the test part", async () => {
    const folder = await taskWith();
    const early = await collect(folder, '.', '-o', 'rows.jsonl', '--from-store', '--rung', 'zero-shot');
    expect(early.code).toBe(2);
    const asked = await collect(folder, '.', '-o', 'rows.jsonl', '--from-store', '--rung', 'zero-shot', '--ask');
    expect(asked.code).toBe(0);
    const { document } = asked;
    expect(document.read).toBe(document.questions);
    expect(document.written + document.droppedRows).toBe(document.questions);
    expect(document.spent.calls).toBe(document.questions);
    const rows = await linesOf(folder, 'rows.jsonl');
    expect(rows).toHaveLength(document.written);
    for (const row of rows) {
      expect(row).toMatchObject({ expected: 'billing', source: 'synthetic', log: { candidate: document.candidate } });
      expect(['train', 'validation']).toContain(row['split']);
      expect(Number(String(row['id']).slice(1)) % 2).toBe(0);
    }
    const again = await collect(folder, '.', '-o', 'rows.jsonl', '--from-store', '--rung', document.candidate);
    expect(again.document).toMatchObject({ written: document.written, hash: document.hash, spent: { calls: 0 } });
  });

  it('stops asking at the budget, keeps what was paid for, and says so', async () => {
    const folder = await taskWith();
    const ended = await collect(folder, '.', '-o', 'rows.jsonl', '--from-store', '--rung', 'zero-shot', '--ask', '--max-calls', '5');
    expect(ended.code).toBe(6);
    await expect(readFile(join(folder, 'rows.jsonl'))).rejects.toThrow('ENOENT');
    const rest = await collect(folder, '.', '-o', 'rows.jsonl', '--from-store', '--rung', 'zero-shot', '--ask');
    expect(rest.document.spent.calls).toBe(rest.document.questions - 5);
  });

  it('explains flags that do not fit', async () => {
    const folder = await taskWith();
    for (const args of [
      ['log.jsonl', '-o', 'log.jsonl'],
      ['log.jsonl', '-o', 'x.jsonl', '--where', 'nothing'],
      ['log.jsonl', '-o', 'x.jsonl', '--since', 'yesterday'],
      ['log.jsonl', '-o', 'x.jsonl', '--minimum', '1'],
      ['log.jsonl', '-o', 'x.jsonl', '--to', 'nonsense'],
      ['log.jsonl', '-o', 'x.jsonl', '--rung', 'zero-shot'],
      ['.', '-o', 'x.jsonl', '--from-store'],
    ]) {
      expect((await collect(folder, ...args)).code).toBe(2);
    }
  });
});

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { sha256 } from '#core/json.ts';
import { dataFormat } from './formats/index.ts';
import { readDataFile } from './read-data-file.ts';
import { readExamplesFile } from './read-examples.ts';
import { isUnreadable, type UnreadableRow } from './unreadable-row.ts';
import { tryDataFormat, writeDataFile } from './write-data-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-data-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rungRows = [
  { input: 'a', expected: 'x', id: '1', group: 'g', split: 'train' },
  { input: { subject: 'b' }, expected: { team: 'y' }, note: 'n', split: 'validation' },
  { input: 'c', expected: 'z', split: 'test' },
];

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const jsonl = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function rowsOf(path: string, options?: Parameters<typeof readDataFile>[1]): Promise<{ rows: DataRow[]; faults: UnreadableRow[] }> {
  const rows: DataRow[] = [];
  const faults: UnreadableRow[] = [];
  for await (const row of (await readDataFile(path, options)).rows) {
    if (isUnreadable(row)) faults.push(row);
    else rows.push(row);
  }
  return { rows, faults };
}

describe('readDataFile', () => {
  it('says what it understood, and reads again with each loop', async () => {
    const opened = await readDataFile(await file('a.jsonl', jsonl(rungRows)));
    expect(opened.recognised).toMatch(/^Read as rung in jsonl, surely: 3 of the first 3 records fit/);
    for (let time = 0; time < 2; time += 1) {
      const lines: number[] = [];
      for await (const row of opened.rows) lines.push(row.line);
      expect(lines).toEqual([1, 2, 3]);
    }
  });

  it('gives rows that do not fit their format as faults, and goes on', async () => {
    const { rows, faults } = await rowsOf(await file('b.jsonl', `${jsonl(rungRows)}{"input":7}\n{"input":\n${jsonl([rungRows[0]])}`));
    expect(rows).toHaveLength(4);
    expect(faults).toEqual([
      { line: 4, code: 'input-missing', message: 'The input is 7.', fix: expect.any(String) },
      { line: 5, code: 'row-unreadable', message: expect.stringContaining('Line 5 is not JSON'), fix: expect.any(String) },
    ]);
  });

  it('says why nothing can be read', async () => {
    const path = await file('none.jsonl', '{"a"\n{"b"\n');
    await expect(readDataFile(path)).rejects.toMatchObject({
      code: 'row-unreadable',
      message: expect.stringContaining('The first: Line 1 is not JSON'),
      place: { file: path, line: 1 },
    });
  });

  it('takes the format that is asked for', async () => {
    const path = await file('c.jsonl', jsonl([{ input: 'a', expected: 'b', expectedOutput: 'c' }]));
    expect((await rowsOf(path, { format: 'langfuse' })).rows[0]!.turns.at(-1)!.content).toBe('c');
    await expect(readDataFile(path, { format: 'nothing' })).rejects.toMatchObject({ code: 'unknown-format' });
  });

  it('reads logs by a mapping, without evaluating it', async () => {
    const log = { request: { body: { prompt: 'p', turns: [{ role: 'user', content: 'q' }] } }, response: [{ text: 't' }], user: 7 };
    const path = await file('d.jsonl', jsonl([log, { request: {} }]));
    const { rows, faults } = await rowsOf(path, { map: { input: 'request.body.prompt', output: 'response.0.text', group: 'user' } });
    expect(rows).toEqual([
      {
        line: 1,
        turns: [
          { role: 'user', content: 'p' },
          { role: 'assistant', content: 't' },
        ],
        group: '7',
      },
    ]);
    expect(faults).toMatchObject([{ line: 2, code: 'input-missing', message: 'The record has nothing at request.body.prompt.' }]);
    expect((await rowsOf(path, { map: { messages: 'request.body.turns' } })).rows[0]!.turns).toEqual([{ role: 'user', content: 'q' }]);
    await expect(readDataFile(path, { map: { imput: 'a' } })).rejects.toMatchObject({ code: 'mapping-unfit' });
    await expect(rowsOf(path, { map: { input: 'constructor.name' } })).resolves.toMatchObject({ rows: [] });
  });

  it('tells of numbers that were kept as text', async () => {
    const opened = await readDataFile(await file('e.jsonl', '{"input":"a","expected":"b","n":9007199254740993}\n'));
    for await (const row of opened.rows) expect(row).toMatchObject({ extra: { n: '9007199254740993' } });
    expect(opened.notes()).toEqual(['1 number that no double holds exactly was kept as text (on line 1).']);
  });

  it('reads the parts of a folder', async () => {
    const parts = join(folder, 'parts');
    await mkdir(parts);
    await writeFile(join(parts, 'train.jsonl'), jsonl([{ messages: [{ role: 'user', content: 'a' }] }]));
    await writeFile(join(parts, 'valid.jsonl'), jsonl([{ messages: [{ role: 'user', content: 'b' }] }]));
    expect((await rowsOf(parts)).rows.map(({ line, split }) => [line, split])).toEqual([
      [1, 'train'],
      [2, 'validation'],
    ]);
    await expect(readDataFile(folder)).rejects.toMatchObject({ code: 'folder-without-data' });
  });
});

describe('ids, groups and tags', () => {
  const told = [{ input: 'a', expected: 'x', id: 7, group: 8, tags: 'one|two' }];

  it('are read as numbers and joined text too, and written back so', async () => {
    const path = await file('forms.jsonl', jsonl(told));
    const { rows } = await rowsOf(path);
    expect(rows).toMatchObject([{ id: '7', group: '8', tags: ['one', 'two'] }]);
    await writeDataFile(path, rows, { format: dataFormat('rung') });
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(told[0]);
    const other = await writeDataFile(join(folder, 'forms-2.jsonl'), rows, { format: dataFormat('alpaca'), from: dataFormat('rung') });
    expect(other.lost).toEqual([]);
  });

  it('stand in tables as examples have them', async () => {
    const path = join(folder, 'forms.csv');
    const { rows } = await rowsOf(await file('tags.jsonl', jsonl([{ input: 'a', expected: 'x', tags: ['one', 'two'] }])));
    await writeDataFile(path, rows, { format: dataFormat('rung') });
    expect((await readExamplesFile(path)).examples).toMatchObject([{ input: 'a', expected: 'x', tags: ['one', 'two'] }]);
    expect((await rowsOf(path)).rows).toMatchObject([{ tags: ['one', 'two'] }]);
  });
});

describe('writeDataFile', () => {
  const read = async () => (await rowsOf(await file('rung.jsonl', jsonl(rungRows)))).rows;

  it('writes the same format back as it was', async () => {
    const path = join(folder, 'same.jsonl');
    const told = await writeDataFile(path, await read(), { format: dataFormat('rung') });
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rungRows);
    expect(told).toEqual({ written: 3, dropped: [], lost: [], hash: sha256(await readFile(path)), files: [path] });
  });

  it('leaves fields out that the owner of a format refuses, and says so', async () => {
    const path = join(folder, 'chat.jsonl');
    const options = { format: dataFormat('openai-chat'), from: dataFormat('rung') };
    const told = await writeDataFile(path, await read(), options);
    const lost = [
      { field: 'group', rows: 1 },
      { field: 'id', rows: 1 },
      { field: 'note', rows: 1 },
      { field: 'split', rows: 3 },
    ];
    expect(told.lost).toEqual(lost);
    expect(await tryDataFormat(await read(), options)).toEqual({ written: 3, dropped: [], lost });
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([['messages'], ['messages'], ['messages']]);
  });

  it('drops rows that a format cannot hold, with the reason', async () => {
    const told = await writeDataFile(join(folder, 'pairs.jsonl'), await read(), { format: dataFormat('openai-preference') });
    expect(told.written).toBe(0);
    expect(told.dropped).toMatchObject([{ row: 1, why: expect.stringContaining('no two answers') }, { row: 2 }, { row: 3 }]);
  });

  it('writes a folder where a format is one', async () => {
    const path = join(folder, 'mlx');
    const told = await writeDataFile(path, await read(), { format: dataFormat('mlx'), from: dataFormat('rung') });
    expect((await readdir(path)).sort()).toEqual(['test.jsonl', 'train.jsonl', 'valid.jsonl']);
    expect(told.written).toBe(3);
    const { rows } = await rowsOf(path);
    expect(rows.map(({ split }) => split)).toEqual(['train', 'validation', 'test']);
    await expect(writeDataFile(path, rows.slice(0, 2), { format: dataFormat('mlx') })).rejects.toMatchObject({ code: 'part-left-over' });
    expect((await readdir(path)).sort()).toEqual(['test.jsonl', 'train.jsonl', 'valid.jsonl']);
  });

  it('writes what a trainer wants beside the rows, and keeps what others wrote there', async () => {
    const place = join(folder, 'factory');
    await mkdir(place);
    await writeFile(join(place, 'dataset_info.json'), '{"other":{"file_name":"other.json"}}');
    const told = await writeDataFile(join(place, 'support.json'), await read(), { format: dataFormat('llama-factory') });
    expect(told.files).toEqual([join(place, 'support.json'), join(place, 'dataset_info.json')]);
    expect(JSON.parse(await readFile(join(place, 'dataset_info.json'), 'utf8'))).toEqual({
      other: { file_name: 'other.json' },
      support: { file_name: 'support.json', formatting: 'sharegpt', columns: { messages: 'conversations' } },
    });
    await writeFile(join(place, 'a.axolotl.yaml'), 'mine: 1\n');
    await expect(writeDataFile(join(place, 'a.jsonl'), await read(), { format: dataFormat('axolotl') })).rejects.toMatchObject({
      code: 'file-exists',
    });
    expect(await readdir(place)).toEqual(['a.axolotl.yaml', 'dataset_info.json', 'support.json']);
  });

  it.skipIf(!existsSync('/dev/full')).each(['jsonl', 'csv', 'parquet', 'json.gz'])(
    'leaves what was there, and no half file, when the disk fills up (.%s)',
    async (extension) => {
      const place = await mkdtemp(join(folder, 'full-'));
      const path = join(place, `a.${extension}`);
      await writeFile(path, 'before');
      // Everything written to this device fails as on a full disk.
      await symlink('/dev/full', `${path}.${process.pid}.tmp`);
      const many = (async function* () {
        for (let line = 1; line <= 20_000; line += 1) yield { line, turns: [{ role: 'user' as const, content: `question ${line}` }] };
      })();
      await expect(writeDataFile(path, many, { format: dataFormat('table') })).rejects.toMatchObject({
        code: 'disk-full',
        place: { file: path },
      });
      expect(await readFile(path, 'utf8')).toBe('before');
      expect(await readdir(place)).toEqual([`a.${extension}`]);
    },
  );

  it('leaves what was there when reading fails half-way', async () => {
    const path = await file('kept.jsonl', 'before');
    const broken = (async function* (): AsyncGenerator<DataRow> {
      yield { line: 1, turns: [{ role: 'user', content: 'a' }] };
      throw new Error('gone');
    })();
    await expect(writeDataFile(path, broken, { format: dataFormat('rung') })).rejects.toThrow('gone');
    expect(await readFile(path, 'utf8')).toBe('before');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('says what is wrong with the place', async () => {
    const rows = await read();
    await expect(writeDataFile(join(folder, 'no', 'a.jsonl'), rows, { format: dataFormat('rung') })).rejects.toMatchObject({
      code: 'folder-missing',
    });
    await expect(writeDataFile(join(folder, 'a.parquet.gz'), rows, { format: dataFormat('rung') })).rejects.toMatchObject({
      code: 'parquet-in-gzip',
    });
  });
});

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/json.ts';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

const rows = Array.from({ length: 100 }, (_, index) => ({
  id: `r${index}`,
  // digits of a hash: no two of them are alike
  input: sha256(`${index}`).slice(0, 40),
  expected: index % 4 === 0 ? 'billing' : 'shipping',
}));

async function folderWith(list: readonly unknown[] = rows): Promise<string> {
  return taskFolder({ 'rows.jsonl': jsonLines(list) });
}

async function split(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await rung(['data', 'split', ...args, '--json'], { workingFolder: folder });
  return { code, document: code === 0 ? JSON.parse(stdout) : JSON.parse(stdout || '{}'), stderr };
}

async function idsIn(folder: string, file: string): Promise<string[]> {
  const text = await readFile(join(folder, file), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).id);
}

describe('rung data split', () => {
  it('writes three parts, 81/9/10, and their record; the same again changes nothing', async () => {
    const folder = await folderWith();
    const { code, document } = await split(folder, 'rows.jsonl', '-o', 'parts');
    expect(code).toBe(0);
    expect(document).toMatchObject({ read: 100, written: 100, droppedRows: 0, lost: [], stratifiedBy: 'labels' });
    expect(document.parts.map(({ rows: n }: { rows: number }) => n)).toEqual([81, 9, 10]);
    expect(await readdir(join(folder, 'parts'))).toEqual(['split.json', 'test.jsonl', 'train.jsonl', 'validation.jsonl']);
    const ids = await Promise.all(['train', 'validation', 'test'].map((side) => idsIn(folder, `parts/${side}.jsonl`)));
    expect(ids.flat().sort()).toEqual(rows.map(({ id }) => id).sort());
    const record = await readFile(join(folder, 'parts/split.json'), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ schema: 'rung.split/1', hash: document.hash, seed: 1 });
    expect((await split(folder, 'rows.jsonl', '-o', 'parts')).document.hash).toBe(document.hash);
    expect(await readFile(join(folder, 'parts/split.json'), 'utf8')).toBe(record);
  });

  it('says that the test part is too small, and takes what the statistics ask for with auto', async () => {
    const folder = await folderWith();
    const small = await split(folder, 'rows.jsonl', '-o', 'parts');
    expect(small.document.warnings).toEqual([
      expect.stringMatching(/^The test part has 10 rows; to see 3 points .* takes 865 .*--test-rows auto/),
    ]);
    expect(small.document.power).toMatchObject({ rows: 10, least: 200, toSee: 865, confidence: 0.95, power: 0.8 });
    const auto = await split(folder, 'rows.jsonl', '-o', 'auto', '--test-rows', 'auto', '--dry-run');
    expect(auto.document).toMatchObject({ dryRun: true, written: 0 });
    expect(auto.document.parts.map(({ rows: n }: { rows: number }) => n)).toEqual([45, 5, 50]);
    await expect(readdir(join(folder, 'auto'))).rejects.toThrow('ENOENT');
  });

  it('does not put another split over a frozen one unless it keeps it or is told to', async () => {
    const folder = await folderWith();
    await split(folder, 'rows.jsonl', '-o', 'parts');
    const tests = await idsIn(folder, 'parts/test.jsonl');
    const more = Array.from({ length: 40 }, (_, index) => ({
      id: `n${index}`,
      input: sha256(`new ${index}`).slice(0, 40),
      expected: 'billing',
    }));
    await writeFile(join(folder, 'rows.jsonl'), jsonLines([...more, ...rows.filter(({ id }) => id !== tests[0])]));
    expect((await split(folder, 'rows.jsonl', '-o', 'parts')).code).toBe(7);
    const kept = await split(folder, 'rows.jsonl', '-o', 'parts', '--keep', 'parts');
    expect(kept.code).toBe(0);
    expect(kept.document.kept).toEqual({ test: 9, vanished: 1, vanishedIds: [tests[0]] });
    expect(await idsIn(folder, 'parts/test.jsonl')).toEqual(expect.arrayContaining(tests.slice(1)));
    expect((await split(folder, 'rows.jsonl', '-o', 'parts', '--seed', '5', '--fresh')).code).toBe(0);
  });

  it('writes in the format and container that it read, and keeps groups together', async () => {
    const cells = rows.map(({ id, input, expected }, index) => `${id},${input},${expected},c${index % 20}`);
    const folder = await taskFolder({ 'rows.csv': ['id,input,expected,customer', ...cells].join('\n') });
    const { code, document } = await split(folder, 'rows.csv', '-o', 'parts', '--group', 'customer', '--into', 'train=0.7,test=0.3');
    expect(code).toBe(0);
    expect(document).toMatchObject({ groups: 20, sets: 20, largestSet: 5 });
    expect(await readdir(join(folder, 'parts'))).toEqual(['split.json', 'test.csv', 'train.csv']);
    const customers = async (file: string) =>
      new Set(
        (await readFile(join(folder, 'parts', file), 'utf8'))
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => /c\d+(?=,|$)/.exec(line)?.[0]),
      );
    expect((await customers('train.csv')).intersection(await customers('test.csv')).size).toBe(0);
  });

  it('writes folders and lists of files as their readers want them', async () => {
    const chat = rows.map(({ input, expected }) => ({
      messages: [
        { role: 'user', content: input },
        { role: 'assistant', content: expected },
      ],
    }));
    const folder = await folderWith(chat);
    const mlx = await split(folder, 'rows.jsonl', '-o', 'mlx', '--from', 'mlx');
    expect(await readdir(join(folder, 'mlx'))).toEqual(['split.json', 'test.jsonl', 'train.jsonl', 'valid.jsonl']);
    expect(mlx.document.parts.map(({ file }: { file: string }) => file)).toEqual(['train.jsonl', 'valid.jsonl', 'test.jsonl']);
    const turns = rows.map(({ input, expected }) => ({
      conversations: [
        { from: 'human', value: input },
        { from: 'gpt', value: expected },
      ],
    }));
    await writeFile(join(folder, 'turns.jsonl'), jsonLines(turns));
    const listed = await split(folder, 'turns.jsonl', '-o', 'factory', '--from', 'llama-factory');
    expect(listed.code).toBe(0);
    const info = JSON.parse(await readFile(join(folder, 'factory/dataset_info.json'), 'utf8'));
    expect(Object.keys(info)).toHaveLength(3);
  });

  it('goes on past rows that cannot be read, and names them', async () => {
    const folder = await taskFolder({ 'rows.jsonl': `${jsonLines(rows.slice(0, 50))}{"input": \n${jsonLines(rows.slice(50))}` });
    const { code, document } = await split(folder, 'rows.jsonl', '-o', 'parts');
    expect(code).toBe(0);
    expect(document).toMatchObject({ read: 101, written: 100, droppedRows: 1 });
    expect(document.dropped[0].row).toBe(51);
  });

  it('explains flags and files that do not fit', async () => {
    const folder = await folderWith();
    const failing: readonly [string[], string][] = [
      [['rows.jsonl', '-o', 'parts', '--into', 'train=0.8,test=0.1'], 'add up to 0.9'],
      [['rows.jsonl', '-o', 'parts', '--into', 'trian=1'], 'Did you mean'],
      [['rows.jsonl', '-o', 'parts', '--group', 'customer'], 'No row has the field'],
      [['rows.jsonl', '-o', 'parts', '--test-rows', '100'], 'leaves nothing'],
      [['rows.jsonl', '-o', 'parts', '--keep', 'nowhere'], 'no split here to keep'],
      [['missing.jsonl', '-o', 'parts'], 'does not exist'],
    ];
    for (const [args, words] of failing) {
      const { code, stderr } = await rung(['data', 'split', ...args], { workingFolder: folder });
      expect(stderr).toContain(words);
      expect(code).toBe(2);
    }
    await writeFile(join(folder, 'train.jsonl'), jsonLines(rows));
    expect((await split(folder, 'train.jsonl', '-o', '.')).code).toBe(2);
    await writeFile(join(folder, 'split.json'), '{"schema": "other"}');
    expect((await split(folder, 'rows.jsonl', '-o', '.')).code).toBe(2);
  });

  it('stops at Ctrl-C and leaves nothing behind', async () => {
    const folder = await folderWith();
    const args = ['data', 'split', 'rows.jsonl', '-o', 'parts'];
    const { code, stderr } = await rung(args, { workingFolder: folder, onInterrupt: (listener) => listener() });
    expect(code).toBe(130);
    expect(stderr).toContain('nothing was written');
    await expect(readdir(join(folder, 'parts'))).rejects.toThrow('ENOENT');
  });

  it('leaves every part as it was where one cannot be written', async () => {
    const folder = await folderWith();
    await split(folder, 'rows.jsonl', '-o', 'parts');
    const before = await readFile(join(folder, 'parts/train.jsonl'), 'utf8');
    await rm(join(folder, 'parts/test.jsonl'));
    await mkdir(join(folder, 'parts/test.jsonl'));
    const failed = await rung(['data', 'split', 'rows.jsonl', '-o', 'parts', '--seed', '9', '--fresh'], { workingFolder: folder });
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain('There is a folder where a part');
    expect(await readFile(join(folder, 'parts/train.jsonl'), 'utf8')).toBe(before);
    expect(await readdir(join(folder, 'parts'))).toEqual(['split.json', 'test.jsonl', 'train.jsonl', 'validation.jsonl']);
    expect(JSON.parse(await readFile(join(folder, 'parts/split.json'), 'utf8')).seed).toBe(1);
  });
});

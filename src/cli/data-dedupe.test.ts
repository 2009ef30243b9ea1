import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/json.ts';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

const long = 'the parcel that I ordered last week has not come, and nobody at your shop can tell me where it is now';

const rows = [
  { input: sha256('1'), expected: 'a' },
  { input: `Hello, ${long}.`, expected: 'b', id: 'first' },
  { input: `Hello,  ${long}. `, expected: 'b' },
  { input: `Hello there, ${long}!`, expected: 'b' },
  { input: sha256('2'), expected: 'c', tags: ['x'] },
];

async function dedupe(files: Record<string, string>, ...args: string[]) {
  const folder = await taskFolder(files);
  const { code, stdout, stderr } = await rung(['data', 'dedupe', ...args], { workingFolder: folder });
  return { folder, code, stdout, stderr };
}

describe('rung data dedupe', () => {
  it('writes the rows that stay as they were, and says of the others why they went', async () => {
    const { folder, code, stdout } = await dedupe({ 'rows.jsonl': jsonLines(rows) }, 'rows.jsonl', '-o', 'out.jsonl', '--json');
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ read: 5, written: 3, lost: [], near: 0.8, approximate: false });
    expect(document.dropped.map(({ row, kept }: { row: number; kept: number }) => [row, kept])).toEqual([
      [2, 4],
      [3, 4],
    ]);
    expect(document.dropped[0].why).toMatch(/^near-duplicate of row 4 \(Jaccard 0\.9\d\d\)$/);
    const text = await readFile(join(folder, 'out.jsonl'), 'utf8');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([rows[0], rows[3], rows[4]].map((one) => expect.objectContaining(one!)));
    expect(document.hash).toBe(createHash('sha256').update(text).digest('hex'));
    expect(document.stages.map(({ stage }: { stage: string }) => stage)).toEqual(['reading', 'exact', 'near', 'writing']);
  });

  it('drops equal rows alone with --near off, into another container and format', async () => {
    const { folder, code, stdout } = await dedupe(
      { 'rows.jsonl': jsonLines(rows) },
      ...['rows.jsonl', '-o', 'out.jsonl.gz', '--near', 'off', '--to', 'openai-chat', '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ near: null, written: 4, dropped: [{ row: 3, why: 'exact duplicate of row 2', kept: 2 }] });
    const lines = gunzipSync(await readFile(join(folder, 'out.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n');
    expect(JSON.parse(lines[1]!).messages[0]).toEqual({ role: 'user', content: rows[1]!.input });
  });

  it('tells people the same in words', async () => {
    const { stdout } = await dedupe({ 'rows.jsonl': jsonLines(rows) }, 'rows.jsonl', '-o', 'out.jsonl', '--semantic');
    expect(stdout).toContain('Wrote 3 rows of 5');
    expect(stdout).toContain('row 2: near-duplicate of row 4');
  });

  it('leaves out what cannot be read, and writes nothing where nothing can', async () => {
    const broken = await dedupe({ 'rows.jsonl': `${jsonLines(rows)}{"input"\n` }, 'rows.jsonl', '-o', 'out.jsonl', '--json');
    expect(JSON.parse(broken.stdout)).toMatchObject({
      read: 6,
      written: 3,
      dropped: [{}, {}, { row: 6, why: expect.stringContaining('not JSON') }],
    });
    const none = await dedupe({ 'rows.jsonl': '{"messages": 3}\n' }, 'rows.jsonl', '--from', 'openai-chat', '-o', 'out.jsonl');
    expect(none.code).toBe(2);
    expect(await readdir(none.folder)).not.toContain('out.jsonl');
  });

  it.each([
    [['rows.jsonl', '-o', 'rows.jsonl'], 'output-is-input'],
    [['rows.jsonl', '-o', 'out.jsonl', '--near', '0.2'], 'flag-unreadable'],
    [['none.jsonl', '-o', 'out.jsonl'], 'file-missing'],
    [['rows.jsonl', '-o', 'nowhere/out.jsonl'], 'folder-missing'],
  ])('refuses %j', async (args, code) => {
    const { folder, code: exit, stderr, stdout } = await dedupe({ 'rows.jsonl': jsonLines(rows) }, ...args, '--json');
    expect(exit).toBe(2);
    expect(`${stdout}${stderr}`).toContain(code);
    expect(await readFile(join(folder, 'rows.jsonl'), 'utf8')).toBe(jsonLines(rows));
  });
});

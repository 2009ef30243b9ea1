import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readOptionRows, readOptionTexts } from './option-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-options-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function option(path: string, content: string) {
  await writeFile(join(folder, path), content);
  return { path, folder, file: 'task.yaml' };
}

it('reads rows of whatever format a file has, and names the line of one that cannot be read', async () => {
  const chat = '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n';
  const rows = await readOptionRows(await option('chat.jsonl', chat + chat));
  expect(rows.map(({ turns }) => turns.map(({ content }) => content))).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  await expect(readOptionRows(await option('broken.jsonl', `${chat}{"messages":\n`))).rejects.toMatchObject({
    exitCode: 2,
    place: { line: 2 },
  });
});

it('reads a plain text as one document and a file of texts as one a line', async () => {
  expect(await readOptionTexts(await option('one.txt', 'a\nb\n'))).toEqual([{ id: 'one.txt', text: 'a\nb\n' }]);
  expect(await readOptionTexts(await option('two.jsonl', '{"text":"a"}\n\n{"text":"b"}\n'))).toEqual([
    { id: 'two.jsonl:1', text: 'a' },
    { id: 'two.jsonl:3', text: 'b' },
  ]);
});

it.each([
  ['empty.md', ' \n', 'file-empty'],
  ['other.jsonl', '{"texts":"a"}\n', 'text-missing'],
])('refuses %s', async (path, content, code) => {
  await expect(readOptionTexts(await option(path, content))).rejects.toMatchObject({ code, exitCode: 2 });
});

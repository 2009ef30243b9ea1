import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataFormats } from '../src/data/formats/index.ts';
import { readExamplesFile } from '../src/data/read-examples.ts';
import { rung } from './command-line.fixture.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-convert-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, content: string) => writeFile(join(folder, name), content);
const convert = (...args: string[]) => rung(['data', 'convert', ...args], { workingFolder: folder });
const chat = (question: string, answer: string) => ({
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ],
});

describe('rung data convert', () => {
  it('reports what it read, wrote, dropped and lost', async () => {
    await put(
      'in.jsonl',
      `${JSON.stringify({ ...chat('a', 'x'), id: '1', note: 'n' })}\n{"messages":[]}\n{"messages"\n${JSON.stringify(chat('b', 'y'))}\n`,
    );
    const { code, stdout } = await convert('in.jsonl', '--to', 'gemini', '-o', 'out.jsonl', '--json');
    const document = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      schema: 'rung.data-converted/1',
      from: 'openai-chat',
      to: 'gemini',
      read: 4,
      written: 2,
      dropped: [
        { row: 2, why: expect.stringContaining('empty list') },
        { row: 3, why: expect.stringContaining('not JSON') },
      ],
      droppedRows: 2,
      lost: [
        { field: 'id', rows: 1 },
        { field: 'note', rows: 1 },
      ],
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const lines = (await readFile(join(folder, 'out.jsonl'), 'utf8')).trim().split('\n');
    expect(JSON.parse(lines[0]!)).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ text: 'x' }] },
      ],
    });
  });

  it('says the same for people, with control characters shown', async () => {
    await put('in.jsonl', `${JSON.stringify(chat('a', 'x'))}\n{"messages":"\\u001b[31m"}\n`);
    const { stdout } = await convert('in.jsonl', '--to', 'rung', '-o', 'out.jsonl');
    expect(stdout).toContain('Wrote 1 row of 2 as rung');
    expect(stdout).toContain('row 2: messages is');
    expect(stdout).not.toContain('\u001b');
  });

  it('writes nothing on a dry run', async () => {
    await put('in.jsonl', `${JSON.stringify(chat('a', 'x'))}\n`);
    const { code, stdout } = await convert('in.jsonl', '--to', 'axolotl', '-o', 'out.jsonl', '--dry-run');
    expect([code, await readdir(folder)]).toEqual([0, ['in.jsonl']]);
    expect(stdout).toContain('Would write 1 row of 1 as axolotl');
  });

  it.each([
    [['absent.jsonl', '--to', 'rung', '-o', 'o.jsonl'], 'does not exist'],
    [['in.jsonl', '--to', 'runk', '-o', 'o.jsonl'], 'Did you mean "rung"?'],
    [['in.jsonl', '--to', 'rung', '-o', 'in.jsonl'], 'over the file they are read from'],
    [['in.jsonl', '--to', 'rung', '-o', 'o.jsonl', '--from', 'alpaca'], 'None of the 1 rows could be read'],
    [['in.jsonl', '--to', 'rung', '-o', 'o.jsonl', '--map', 'input'], 'is no mapping'],
    [['other.jsonl', '--to', 'rung', '-o', 'o.jsonl'], 'Its first record has the fields when'],
    [['empty.csv', '--to', 'rung', '-o', 'o.jsonl'], 'is empty'],
  ])('%j is refused with a way out and without a file', async (args, words) => {
    await put('in.jsonl', `${JSON.stringify(chat('a', 'x'))}\n`);
    await put('other.jsonl', '{"when":1}\n');
    await put('empty.csv', '');
    const { code, stderr } = await convert(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect((await readdir(folder)).sort()).toEqual(['empty.csv', 'in.jsonl', 'other.jsonl']);
  });

  it('stops at Ctrl-C and leaves no file', async () => {
    await put('in.jsonl', `${JSON.stringify(chat('a', 'x'))}\n`);
    const stopped = await rung(['data', 'convert', 'in.jsonl', '--to', 'rung', '-o', 'o.jsonl'], {
      workingFolder: folder,
      onInterrupt: (listener) => listener(),
    });
    expect([stopped.code, await readdir(folder)]).toEqual([130, ['in.jsonl']]);
  });

  it('is named where examples are of another format', async () => {
    await put('chats.json', JSON.stringify([chat('a', 'x')]));
    await expect(readExamplesFile(join(folder, 'chats.json'))).rejects.toMatchObject({
      code: 'row-unreadable',
      hint: expect.stringContaining('rung data convert chats.json --to rung'),
    });
    await convert('chats.json', '--to', 'rung', '-o', 'examples.jsonl');
    expect((await readExamplesFile(join(folder, 'examples.jsonl'))).examples).toMatchObject([{ input: 'a', expected: 'x' }]);
  });
});

describe('docs/data-formats.md', () => {
  it('shows files and commands that work', async () => {
    const text = await readFile('docs/data-formats.md', 'utf8');
    for (const [, name, content] of text.matchAll(/^`([\w.]+)`:\n\n```json\n([\s\S]*?)```/gm)) await put(name!, content!);
    const commands = [...text.matchAll(/^rung data convert (.*)$/gm)].map(([, args]) => args!.split(' '));
    expect(commands.length).toBeGreaterThan(6);
    for (const args of commands) expect([args, (await convert(...args)).code]).toEqual([args, 0]);
    expect(JSON.parse(await readFile(join(folder, 'examples.jsonl'), 'utf8'))).toEqual({
      group: 'u7',
      input: 'I was charged twice',
      expected: 'billing',
    });
    expect(JSON.parse(gunzipSync(await readFile(join(folder, 'train.json.gz'))).toString())).toHaveLength(2);
  });

  it('names every format', async () => {
    const text = await readFile('docs/data-formats.md', 'utf8');
    expect([...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id)).toEqual(dataFormats.map(({ id }) => id));
  });
});

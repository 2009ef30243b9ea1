import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readKnowledge, unknownDocuments } from './knowledge.ts';
import { loadTask } from './task-file.ts';

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rung-knowledge-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

async function read(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await folderWith(files);
  return readKnowledge({ folder, knowledgeFolder: join(folder, 'knowledge') });
}

const latin1 = Buffer.from('caf\xe9', 'latin1');

describe('reading documents', () => {
  it('takes Markdown and text from all folders, in the order of their ids, and ignores what is hidden', async () => {
    const { documents, warnings } = await read({
      'knowledge/b.md': '\uFEFF# B\r\n\r\nText.',
      'knowledge/a/z.txt': 'Z',
      'knowledge/B.MD': 'big',
      'knowledge/.hidden.md': 'no',
      'knowledge/.git/c.md': 'no',
    });
    expect(documents.map(({ id }) => id)).toEqual(['B.MD', 'a/z.txt', 'b.md']);
    expect(documents.at(-1)?.text).toBe('# B\n\nText.');
    expect(warnings).toEqual([]);
  });

  it('warns of empty documents and of files it does not read, and where nothing is left', async () => {
    const { documents, warnings } = await read({ 'knowledge/a.md': ' \n', 'knowledge/b.pdf': '%PDF' });
    expect(documents).toEqual([]);
    expect(warnings).toEqual([
      '1 file in the knowledge folder is not read (b.pdf): only .md and .txt are.',
      'The document a.md is empty and was passed over.',
      'The knowledge folder holds no document, so nothing can be looked up.',
    ]);
  });

  it.each([
    ['binary', Uint8Array.of(0x41, 0, 0x42), 'document-binary', undefined],
    ['UTF-16', Buffer.from('\uFEFFhello', 'utf16le'), 'not-utf8', 1],
    ['UTF-16 without a byte order mark', Buffer.from('hello', 'utf16le'), 'document-binary', undefined],
    ['a PDF', Buffer.from('%PDF-1.4\n1 0 obj'), 'document-binary', undefined],
    ['rich text', Buffer.from('{\\rtf1 hello}'), 'document-binary', undefined],
    ['an archive', Buffer.from('PK\x03\x04 hello'), 'document-binary', undefined],
    ['Latin-1', Buffer.concat([Buffer.from('plain\n'), latin1]), 'not-utf8', 2],
    ['of two encodings', Buffer.concat([Buffer.from('café\nplain\n'), latin1]), 'not-utf8', 3],
    ['huge', Buffer.alloc(2_000_001, 0x61), 'document-too-large', undefined],
  ])('refuses a document that is %s, with its place', async (_, content, code, line) => {
    const error = await read({ 'knowledge/bad.md': content }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, exitCode: 2, hint: expect.stringMatching(/\.$/) });
    expect((error as { place: { file: string; line?: number } }).place).toMatchObject({ file: expect.stringMatching(/bad\.md$/) });
    expect((error as { place: { line?: number } }).place.line).toBe(line);
  });

  it('names UTF-16 and UTF-32 by their byte order marks', async () => {
    const said = (bytes: Uint8Array) => read({ 'knowledge/bad.md': bytes }).catch(({ message }: Error) => message);
    expect(await said(Uint8Array.of(0xfe, 0xff, 0, 0x41))).toBe('The document is UTF-16 text.');
    expect(await said(Uint8Array.of(0xff, 0xfe, 0, 0, 0x41, 0, 0, 0))).toBe('The document is UTF-32 text.');
    expect(await said(Uint8Array.of(0, 0, 0xfe, 0xff, 0, 0, 0, 0x41))).toBe('The document is UTF-32 text.');
  });

  it('passes over links that lead nowhere and what is no file, and tells', async () => {
    const folder = await folderWith({ 'knowledge/a.md': 'A' });
    const knowledgeFolder = join(folder, 'knowledge');
    await symlink(join(knowledgeFolder, 'gone.md'), join(knowledgeFolder, 'link.md'));
    const socket = createServer().listen(join(knowledgeFolder, 'socket.md'));
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    const { documents, warnings } = await readKnowledge({ folder, knowledgeFolder });
    expect(documents.map(({ id }) => id)).toEqual(['a.md']);
    expect(warnings).toEqual([
      '2 entries in the knowledge folder are not read (link.md, socket.md): links that lead nowhere, pipes, sockets and devices are not.',
    ]);
  });

  it('keeps a warning to one line, whatever a file is called', async () => {
    const { warnings } = await read({ 'knowledge/a.md': 'A', 'knowledge/b\nc.md': '', 'knowledge/d\ne.pdf': '%PDF' });
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) expect(warning).not.toContain('\n');
  });

  it('says which line is UTF-8 and which is not where two encodings are mixed', async () => {
    await expect(read({ 'knowledge/bad.txt': Buffer.concat([Buffer.from('café\n'), latin1]) })).rejects.toThrow(
      'mixes encodings: line 1 is UTF-8, line 2 is not',
    );
  });

  it('follows no link out of the task folder and does not go round in circles', async () => {
    const outside = await folderWith({ 'secret.md': 'secret' });
    const folder = await folderWith({ 'knowledge/a.md': 'A' });
    const knowledgeFolder = join(folder, 'knowledge');
    await symlink(knowledgeFolder, join(knowledgeFolder, 'again'));
    expect((await readKnowledge({ folder, knowledgeFolder })).documents.map(({ id }) => id)).toEqual(['a.md']);
    await symlink(join(outside, 'secret.md'), join(knowledgeFolder, 'linked.md'));
    await expect(readKnowledge({ folder, knowledgeFolder })).rejects.toMatchObject({ code: 'path-outside-task' });
  });
});

describe('the folder', () => {
  const yaml = (more: string) => `instructions: Answer.\noutput: { text: true }\n${more}`;
  const load = async (files: Record<string, string>) => loadTask(await folderWith({ 'examples.jsonl': '', ...files }), { environment: {} });

  it('is knowledge/ where it is there, or the one that the task names', async () => {
    expect((await load({ 'task.yaml': yaml('') })).knowledgeFolder).toBeUndefined();
    expect((await load({ 'task.yaml': yaml(''), 'knowledge/a.md': 'A' })).knowledgeFolder).toMatch(/knowledge$/);
    expect((await load({ 'task.yaml': yaml('knowledge: papers'), 'papers/a.md': 'A' })).knowledgeFolder).toMatch(/papers$/);
  });

  it.each([
    ['is missing', 'knowledge: papers', {}, 'file-missing'],
    ['is a file', 'knowledge: papers.md', { 'papers.md': 'A' }, 'knowledge-not-a-folder'],
    ['lies outside', 'knowledge: ..', {}, 'path-outside-task'],
  ])('is refused with the line of the task where it %s', async (_, line, files, code) => {
    const error = load({ 'task.yaml': yaml(line), ...(files as Record<string, string>) });
    await expect(error).rejects.toMatchObject({ code, place: { line: 3 } });
  });
});

it('tells of examples that name documents which are not there', () => {
  const documents = [{ id: 'a.md', text: 'A' }];
  const tags = ['document:a.md', 'passage:a.md#b/1', 'passage:a.md/1', 'other'];
  expect(unknownDocuments([{ tags }], documents)).toEqual([]);
  expect(unknownDocuments([{ tags: ['document:b.md'] }, { tags: ['passage:b.md#c/2'] }], documents)).toEqual([
    '1 document that examples name is not in the knowledge folder, as "b.md".',
  ]);
});

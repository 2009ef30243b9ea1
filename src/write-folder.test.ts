import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { adapterPlace, importAdapter } from './tune-import.ts';
import { writeFolder } from './write-folder.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rung-folder-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it('a folder is written whole, into one that is absent or empty', async () => {
  await mkdir(join(home, 'empty'));
  for (const name of ['empty', 'a/b']) {
    await writeFolder(join(home, name), { 'x.txt': 'x', 'deep/y.bin': Uint8Array.of(1, 2) });
    expect(await readFile(join(home, name, 'x.txt'), 'utf8')).toBe('x');
    expect((await readFile(join(home, name, 'deep/y.bin'))).length).toBe(2);
  }
  expect((await readdir(home)).sort()).toEqual(['a', 'empty']);
  // as any folder that its user makes, so that another program can read it
  expect((await stat(join(home, 'a/b'))).mode).toBe((await stat(join(home, 'a'))).mode);
});

it('nothing that lies there is written over, be it a file, a full folder or a link', async () => {
  await writeFile(join(home, 'file'), 'precious');
  await mkdir(join(home, 'full'));
  await writeFile(join(home, 'full', 'file'), 'precious');
  await mkdir(join(home, 'aim'));
  await symlink(join(home, 'aim'), join(home, 'link'));
  for (const name of ['file', 'full', 'file/below'])
    await expect(writeFolder(join(home, name), { 'x.txt': 'x' })).rejects.toMatchObject({ code: 'folder-taken', exitCode: 2 });
  await expect(writeFolder(join(home, 'link'), { 'x.txt': 'x' })).rejects.toMatchObject({ exitCode: 2 });
  for (const name of ['file', 'full/file']) expect(await readFile(join(home, name), 'utf8')).toBe('precious');
  expect(await readdir(join(home, 'aim'))).toEqual([]);
  expect((await readdir(home)).sort()).toEqual(['aim', 'file', 'full', 'link']);
});

it('an adapter is not brought out of its task, or over a file of its name', async () => {
  const task = join(home, 'task');
  const outside = join(home, 'outside');
  await mkdir(join(task, 'adapters'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(task, 'adapters', 'mine'), 'precious');
  const from = join(home, 'from');
  await writeFolder(from, { 'adapter_config.json': '{"peft_type":"LORA","r":2}', 'adapter_model.safetensors': wholeWeights() });
  await expect(importAdapter(from, { taskFolder: task, name: 'mine' })).rejects.toMatchObject({ code: 'folder-taken' });
  expect(await readFile(join(task, 'adapters', 'mine'), 'utf8')).toBe('precious');
  await symlink(outside, join(task, 'adapters', 'led'));
  await expect(adapterPlace(task, 'led')).rejects.toMatchObject({ code: 'path-outside-task' });
  await rm(join(task, 'adapters'), { recursive: true });
  await symlink(outside, join(task, 'adapters'));
  await expect(importAdapter(from, { taskFolder: task, name: 'new' })).rejects.toMatchObject({ code: 'path-outside-task' });
  expect(await readdir(outside)).toEqual([]);
});

it('an adapter whose weights are cut short is not brought in', async () => {
  const from = join(home, 'from');
  const weights = wholeWeights();
  await writeFolder(from, {
    'adapter_config.json': '{"peft_type":"LORA","r":2}',
    'adapter_model.safetensors': weights.subarray(0, weights.length - 4),
  });
  await mkdir(join(home, 'task'));
  await expect(importAdapter(from, { taskFolder: join(home, 'task'), name: 'mine' })).rejects.toThrow('not a whole safetensors file');
});

/** One tensor of four numbers (https://huggingface.co/docs/safetensors). */
function wholeWeights(): Uint8Array {
  const header = Buffer.from(JSON.stringify({ a: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(16)]);
}

import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPython, pythonEnvironment } from './python-command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-python-'));
  for (const path of ['first/uv', 'second/python3', 'task/real']) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), '');
    await chmod(join(folder, path), 0o755);
  }
  await symlink('/bin/sh', join(folder, 'task/python'));
});
afterAll(() => rm(folder, { recursive: true }));

const find = (setting: string | undefined, environment: Record<string, string>) =>
  findPython({ setting, entry: 'trainers.peft.python', taskFolder: join(folder, 'task'), environment });
const pathOf = (...folders: string[]) => ({ PATH: folders.map((name) => join(folder, name)).join(':') });

test('the task is asked first, then the variable, then uv, then python3', async () => {
  const both = pathOf('second', 'first');
  expect(await find('./python', { ...both, RUNG_PYTHON: '/bin/sh' })).toEqual({ command: join(folder, 'task/python'), before: [] });
  expect(await find('python3', { ...both, RUNG_PYTHON: '/bin/sh' })).toEqual({ command: join(folder, 'second/python3'), before: [] });
  expect(await find(undefined, { ...both, RUNG_PYTHON: '/bin/sh' })).toEqual({ command: '/bin/sh', before: [] });
  expect(await find(undefined, both)).toEqual({ command: join(folder, 'first/uv'), before: expect.arrayContaining(['run', '--script']) });
  expect(await find(undefined, pathOf('second'))).toEqual({ command: join(folder, 'second/python3'), before: [] });
});

test.each(['./real', '/bin/rm', '../second/python3', './python9', 'python3.99'])(
  'the setting %s is refused with a way out',
  async (setting) => {
    await expect(find(setting, pathOf('second'))).rejects.toMatchObject({ exitCode: 2, hint: expect.stringContaining('uv') });
  },
);

test('of the environment it sees paths, caches and devices, and no key but the hub’s', () => {
  const given = {
    PATH: '/bin',
    HF_TOKEN: 'a',
    CUDA_VISIBLE_DEVICES: '0',
    HTTPS_PROXY: 'b',
    OPENAI_API_KEY: 'c',
    AWS_SECRET_ACCESS_KEY: 'd',
  };
  const keys = Object.keys(pythonEnvironment(given));
  expect(keys.filter((name) => /KEY/.test(name))).toEqual([]);
  expect(pythonEnvironment(given)).toMatchObject({ PATH: '/bin', HF_TOKEN: 'a', CUDA_VISIBLE_DEVICES: '0', HTTPS_PROXY: 'b' });
});

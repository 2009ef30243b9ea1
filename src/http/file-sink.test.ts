import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileSink, type FileSinkOptions, tagFileOf } from './file-sink.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-sink-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const reply = (length: number, etag?: string) => ({ status: 200, headers: { 'content-length': String(length), ...(etag && { etag }) } });

function sinkOf(changes: Partial<FileSinkOptions> = {}) {
  const identity = { name: 'a service', key: undefined, keyVariable: 'KEY' };
  const file = join(folder, 'file');
  return { file, sink: new FileSink({ file, kept: 0, mostBytes: 100, identity, onBytes: () => {}, ...changes }) };
}

it('takes no more than it may, whatever is told', async () => {
  expect(() => sinkOf().sink.begin(reply(101))).toThrow('more than 100 bytes');
  const { sink } = sinkOf();
  sink.begin({ status: 200, headers: {} });
  sink.write(Buffer.alloc(100));
  expect(() => sink.write(Buffer.alloc(1))).toThrow('more than 100 bytes');
  sink.close();
});

it('begins nothing that the disk has no room for', async () => {
  const { sink, file } = sinkOf({ mostBytes: Number.MAX_SAFE_INTEGER });
  expect(() => sink.begin(reply(2 ** 52))).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

it('keeps what came and by what it is known, and says where less came than was told', async () => {
  const { sink, file } = sinkOf();
  sink.begin(reply(5, '"tag"'));
  sink.write(Buffer.from('four'));
  expect(() => sink.end()).toThrow('broke off');
  sink.close();
  expect([await readFile(file, 'utf8'), await readFile(tagFileOf(file), 'utf8')]).toEqual(['four', '"tag"']);
  const again = sinkOf().sink;
  again.begin(reply(0));
  again.end();
  again.close();
  await expect(readFile(tagFileOf(file))).rejects.toThrow('ENOENT');
});

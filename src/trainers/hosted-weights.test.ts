import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainerSite } from '#core/trainer.ts';
import { formatSafetensors } from '#nano/safetensors.ts';
import type { TuningFault, TuningServerOptions } from '#testing/tuning-server.ts';
import { archiveOf, tarHeader } from '#testing/tuning-server-weights.ts';
import { baseOf, type HostedBench, hostedCases, openBench, testKey, testTools } from './hosted.fixture.ts';

const tensors = new Map([
  ['base_model.model.a.lora_A.weight', { shape: [40, 100], data: new Float32Array(4000).map((_, index) => Math.sin(index)) }],
]);
const files = {
  'adapter_config.json': Buffer.from(JSON.stringify({ peft_type: 'LORA', r: 4, base_model_name_or_path: 'tiny' })),
  'adapter_model.safetensors': Buffer.from(formatSafetensors(tensors)),
};
const fault = (on: TuningFault['on'], kind: TuningFault['kind'], times = 1, after = 0): TuningFault => ({ on, kind, times, after });
const giving = hostedCases.filter(({ id }) => id === 'together' || id === 'fireworks');
const together = giving.find(({ id }) => id === 'together')!;
const fireworks = giving.find(({ id }) => id === 'fireworks')!;

let bench: HostedBench | undefined;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-weights-'));
});
afterEach(async () => {
  await bench?.close();
  bench = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A job that has succeeded at a local server, whose weights can be asked for as often as wanted. */
async function tunedAt(hosted: (typeof hostedCases)[number], options: Omit<TuningServerOptions, 'service'> = {}) {
  const opened = await openBench(hosted, { key: testKey, weights: { files }, ...options });
  bench = opened;
  const status = await opened.run();
  expect(status.state, status.error).toBe('succeeded');
  const told: [number, number | undefined][] = [];
  const job = [...opened.server.jobs.keys()][0]!;
  const tools = testTools();
  const download = ({ key = testKey, signal = new AbortController().signal, name = job } = {}) => {
    const site: TrainerSite = {
      ...{ base: baseOf(hosted, opened.server.baseUrl), settings: hosted.settings, environment: { [hosted.keyVariable]: key } },
      ...{ taskFolder: folder, adapterFolder: async (id: string) => id, signal },
    };
    const onBytes = (done: number, total: number | undefined) => void told.push([done, total]);
    return hosted.open(tools).download!({ handle: { trainer: hosted.id, job: name }, method: 'supervised', folder, onBytes }, site);
  };
  return { download, told, server: opened.server, tools };
}

async function expectFiles(from: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) expect(Buffer.compare(await readFile(join(from, name)), content), name).toBe(0);
}

describe.each(giving)('the weights at $id', (hosted) => {
  it('come home as they were tuned, and the key goes to the API alone', async () => {
    const { download, told, server } = await tunedAt(hosted);
    await expectFiles(await download());
    const ofLinks = server.requests.filter(({ action }) => action === 'weights-file');
    expect(ofLinks.length).toBeGreaterThan(0);
    expect(ofLinks.every(({ hasKey }) => !hasKey)).toBe(true);
    expect(server.requests.filter(({ action }) => action === 'weights').every(({ hasKey }) => hasKey)).toBe(true);
    const [done, total] = told.at(-1)!;
    expect(done).toBe(total);
  });

  it.each([
    ['asking is limited', fault('weights', 'rate-limited', 2)],
    ['asking meets server errors', fault('weights', 'server-error', 3)],
    ['fetching meets a server error', fault('weights-file', 'server-error')],
    ['a link is refused, as one that has expired', fault('weights-file', 'unauthorised')],
    ['the connection breaks', fault('weights-file', 'reset')],
  ])('come all the same where %s', async (_name, ...faults) => {
    const { download } = await tunedAt(hosted, { faults });
    await expectFiles(await download());
  });

  it('go on where they were cut off, whoever goes on', async () => {
    // as many times as one call tries, then once more
    const { download, server } = await tunedAt(hosted, { faults: [fault('weights-file', 'cut-reply', 7)] });
    await expect(download()).rejects.toMatchObject({ kind: 'bad-response', hint: expect.stringContaining('goes on where it was') });
    await expectFiles(await download());
    const ranges = server.requests.flatMap(({ action, from }) => (action === 'weights-file' && from !== undefined ? [from] : []));
    expect(ranges.length).toBeGreaterThan(1);
    expect(ranges.every((from) => from > 0)).toBe(true);
  });

  it('are fetched anew where another file lies there now', async () => {
    const { download } = await tunedAt(hosted, { faults: [fault('weights-file', 'cut-reply', 6)] });
    await expect(download()).rejects.toThrow('broke off');
    const fetched = join(folder, 'fetched');
    for (const name of await readdir(fetched)) if (name.endsWith('.etag')) await writeFile(join(fetched, name), '"of-before"');
    await expectFiles(await download());
  });

  it('are asked for with a key that is named where it is refused, and not shown', async () => {
    const { download } = await tunedAt(hosted);
    const refused = await download({ key: 'sk-expired-key' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'unauthorised', hint: expect.stringContaining(hosted.keyVariable) });
    expect(JSON.stringify(refused)).not.toContain('sk-expired-key');
    await expectFiles(await download());
  });

  it('may be gone, with their job or alone', async () => {
    const { download } = await tunedAt(hosted, { faults: [fault('weights', 'gone')] });
    for (const asked of [{}, { name: 'job-of-another' }]) {
      await expect(download(asked)).rejects.toMatchObject({ code: 'weights-gone', hint: expect.stringContaining('rung tune export') });
    }
  });

  it('may be stopped, and come when asked again', async () => {
    const { download, told, tools } = await tunedAt(hosted, { faults: [fault('weights-file', 'stalled')] });
    const stop = new AbortController();
    const stopped = download({ signal: stop.signal });
    await expect.poll(() => told.some(([done]) => done > 0), { timeout: 5000 }).toBe(true);
    stop.abort(new DOMException('Interrupted.', 'AbortError'));
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(tools.waits).toEqual([]);
    await expectFiles(await download());
  });

  it.skipIf(!existsSync('/dev/full'))('say so where the disk is full', async () => {
    const { download } = await tunedAt(hosted);
    await mkdir(join(folder, 'fetched'));
    await symlink('/dev/full', join(folder, 'fetched', hosted.id === 'together' ? 'archive' : 'adapter_model.safetensors'));
    await expect(download()).rejects.toMatchObject({ code: 'disk-full', hint: expect.stringContaining('Free some room') });
  });
});

const links = (type: string) =>
  Buffer.concat([tarHeader('adapter_config.json', { type, target: type < '3' ? '/etc/passwd' : '' }), Buffer.alloc(1024)]);
const broken: Record<string, [archive: Uint8Array, sentence: string]> = {
  'is a page': [Buffer.from('<html>The gateway is being updated.</html>'), 'cannot be unpacked'],
  'is noise': [Buffer.alloc(5000, 7), 'cannot be unpacked'],
  'is cut short': [archiveOf(files).subarray(0, 3000), 'cannot be unpacked'],
  'is cut short inside': [
    zstdCompressSync(Buffer.concat([tarHeader('adapter_config.json', { size: 5000 }), Buffer.alloc(700)])),
    'cannot be unpacked',
  ],
  'is packed twice': [zstdCompressSync(gzipSync(Buffer.alloc(2000))), 'is packed twice'],
  'leads out': [archiveOf({ ...files, '../../adapter_config.json': Buffer.from('{}') }), 'leads out of its folder'],
  'names a place of its own': [archiveOf({ '/etc/adapter_config.json': Buffer.from('{}') }), 'leads out of its folder'],
  'holds a hard link': [links('1'), 'no file (Link)'],
  'holds a symbolic link': [links('2'), 'no file (SymbolicLink)'],
  'holds a device': [links('3'), 'no file (CharacterDevice)'],
  'lies about a size': [
    Buffer.concat([tarHeader('adapter_model.safetensors', { size: 2 ** 32 + 1 }), Buffer.alloc(4096)]),
    'more than is taken',
  ],
  'holds a configuration of no such size': [
    Buffer.concat([tarHeader('adapter_config.json', { size: 2_000_000 }), Buffer.alloc(2_001_920)]),
    'more than is taken',
  ],
  'holds a file twice': [archiveOf({ './adapter_config.json': Buffer.from('{}'), 'adapter_config.json': Buffer.from('{}') }), 'twice'],
  'lacks the weights': [
    archiveOf({ 'adapter_config.json': files['adapter_config.json'] }),
    'holds no adapter_config.json with adapter_model',
  ],
  'holds weights that are cut short': [
    archiveOf({ ...files, 'adapter_model.safetensors': files['adapter_model.safetensors'].subarray(0, 9000) }),
    'not a whole safetensors file',
  ],
  'holds two adapters': [
    archiveOf(Object.fromEntries(['a', 'b'].flatMap((at) => Object.entries(files).map(([name, bytes]) => [`${at}/${name}`, bytes])))),
    'holds 2 adapters',
  ],
};

/** A zstd frame (RFC 8878, 3.1.1) of raw blocks, which unpack to pieces as small as they are here. */
function rawFrame(blocks: readonly Uint8Array[]): Uint8Array {
  const parts = blocks.flatMap((block, index) => {
    const head = Buffer.alloc(3);
    head.writeUIntLE((index === blocks.length - 1 ? 1 : 0) + block.length * 8, 0, 3);
    return [head, block];
  });
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), ...parts]);
}

describe('an archive of weights', () => {
  it.each(Object.entries(broken))('that %s is refused, and is fetched anew the next time', async (_name, [archive, sentence]) => {
    const { download, server } = await tunedAt(together, { weights: { files, archive } });
    const left = () => readdir(folder);
    for (const _ of [1, 2]) {
      await expect(download()).rejects.toMatchObject({ code: 'weights-unreadable', message: expect.stringContaining(sentence) });
      expect(await left()).toEqual([]);
    }
    expect(server.requests.filter(({ action, from }) => action === 'weights-file' && from === undefined)).toHaveLength(2);
    expect(existsSync(join(folder, '..', '..', 'adapter_config.json'))).toBe(false);
  });

  it('that is packed twice is refused, in however small pieces its mark comes', async () => {
    const { unpackAdapter } = await import('./adapter-archive.ts');
    const inner = gzipSync(Buffer.alloc(2000));
    // so many empty blocks that the first byte is unpacked before the second is read from the file
    const nothing = Array.from({ length: 90_000 }, () => Buffer.alloc(0));
    const archive = join(folder, 'archive');
    await writeFile(archive, rawFrame([inner.subarray(0, 1), ...nothing, inner.subarray(1)]));
    const options = { into: folder, service: 'together', signal: new AbortController().signal };
    await expect(unpackAdapter(archive, options)).rejects.toThrow('is packed twice');
  });

  it('that is a bomb is refused before it fills the disk', async () => {
    const { unpackAdapter } = await import('./adapter-archive.ts');
    const archive = join(folder, 'archive');
    await writeFile(archive, archiveOf({ 'other.bin': Buffer.alloc(3_000_000), ...files }));
    const options = { into: folder, service: 'together', signal: new AbortController().signal };
    await expect(unpackAdapter(archive, { ...options, mostBytes: 1_000_000 })).rejects.toThrow('more than is taken');
    await writeFile(
      archive,
      archiveOf(Object.fromEntries(Array.from({ length: 4 }, (_, index) => [`${index}.bin`, Buffer.alloc(900_000)]))),
    );
    await expect(unpackAdapter(archive, { ...options, mostBytes: 1_000_000 })).rejects.toThrow('comes to more than 1000000 bytes');
  });

  it.each([
    ['gzip', (tar: Buffer) => gzipSync(tar)],
    ['no packing', (tar: Buffer) => tar],
    ['several frames', (tar: Buffer) => Buffer.concat([tar.subarray(0, 1000), tar.subarray(1000)].map((part) => zstdCompressSync(part)))],
  ])('may come with %s, in a folder, with other files', async (_name, pack) => {
    const { zstdDecompressSync } = await import('node:zlib');
    const inside = Object.entries(files).map(([name, bytes]) => [`checkpoint-final/${name}`, bytes] as const);
    const tar = zstdDecompressSync(
      archiveOf({ 'README.md': Buffer.from('#'), ...Object.fromEntries(inside), 'b/tokenizer.json': Buffer.alloc(9) }),
    );
    const { download } = await tunedAt(together, { weights: { files, archive: pack(tar) } });
    const from = await download();
    await expectFiles(from);
    expect((await readdir(from)).sort()).toEqual(Object.keys(files).sort());
  });
});

it('a model whose files lack the weights says which there are', async () => {
  const { download } = await tunedAt(fireworks, {
    weights: { files: { 'adapter_config.json': files['adapter_config.json'], 'adapter_model.bin': Buffer.from('x') } },
  });
  await expect(download()).rejects.toMatchObject({ message: expect.stringContaining('adapter_model.bin') });
});

it('a job that has not succeeded at its service has none', async () => {
  const { download, server } = await tunedAt(together);
  for (const job of server.jobs.values()) job.phase = 'paused';
  await expect(download()).rejects.toMatchObject({ code: 'job-not-succeeded' });
});

it.each(hostedCases.filter(({ id }) => id !== 'together' && id !== 'fireworks'))(
  '$id says that it hands out none, and where that is said',
  ({ open }) => {
    const trainer = open(testTools());
    expect(trainer.download).toBeUndefined();
    expect(trainer.withholds).toMatch(/hands out no weights.*\(.+\)\.$/);
  },
);

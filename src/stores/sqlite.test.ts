import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtefacts } from './artefacts.ts';
import { lockRuns } from './run-lock.ts';
import { openSqliteStore } from './sqlite.ts';
import { testStore } from './store-contract.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rung-store-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

testStore('SQLite', (name) => openSqliteStore(join(folder, `${name}.sqlite`)));

describe('a store that cannot be opened', () => {
  it('says that the file is damaged', async () => {
    const file = join(folder, 'damaged.sqlite');
    await writeFile(file, 'this is no database, but it is long enough to be read as one'.repeat(20));
    await expect(openSqliteStore(file)).rejects.toMatchObject({ code: 'store', message: 'The store file is damaged.', place: { file } });
  });

  it('says that the place cannot be written to', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openSqliteStore(join(file, 'store.sqlite'))).rejects.toMatchObject({
      code: 'store',
      place: { file: join(file, 'store.sqlite') },
    });
  });
});

describe('the lock of a run', () => {
  it('is held by one, and free again when released', async () => {
    const home = join(folder, '.rung');
    const lock = await lockRuns(home);
    lock.release();
    (await lockRuns(home)).release();
  });
});

describe('artefacts', () => {
  it('have the same id for the same content, whatever it came from', async () => {
    const artefacts = openArtefacts(join(folder, 'a'));
    const written = await artefacts.write({ 'weights.bin': new Uint8Array([1, 2, 3]), 'notes/x.txt': 'hello' });
    const put = await openArtefacts(join(folder, 'b')).put(await artefacts.path(written));
    expect(put).toBe(written);
  });

  it('are refused when their content was changed, or is missing', async () => {
    const artefacts = openArtefacts(join(folder, 'c'));
    const id = await artefacts.write({ 'x.txt': 'one' });
    const path = join(await artefacts.path(id), 'x.txt');
    await chmod(path, 0o644);
    await writeFile(path, 'two');
    await expect(artefacts.path(id)).rejects.toMatchObject({ code: 'artefact-missing' });
    await expect(artefacts.path('../c')).rejects.toMatchObject({ code: 'artefact-missing' });
  });

  it('never leave their folder', async () => {
    await expect(openArtefacts(join(folder, 'd')).write({ '../out.txt': 'x' })).rejects.toMatchObject({ code: 'artefact-path' });
  });
});

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RungError } from '#core/errors.ts';
import { writeWhole } from '#data/write-whole.ts';
import { turns } from './turns.ts';

/** Records of one kind: one JSON file each, all of them in memory too, since a server asks for them all the time. */
export interface RecordFolder<Item extends { readonly id: string }> {
  /** In the order of their making. */
  list(): readonly Item[];
  read(id: string): Item | undefined;
  /** On disk when it returns; writes of one record follow one another. */
  write(item: Item): Promise<void>;
  remove(id: string): Promise<void>;
}

const safeId = /^[A-Za-z]+[-_][A-Za-z0-9]+$/;

/** Opens a folder of records; makes it where there is none. Throws where a record in it cannot be read. */
export async function openRecordFolder<Item extends { readonly id: string }>(
  folder: string,
  read: (value: unknown) => Item,
  compare: (one: Item, other: Item) => number,
): Promise<RecordFolder<Item>> {
  await mkdir(folder, { recursive: true });
  const items = new Map<string, Item>();
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const loaded = await Promise.all(names.map((name) => readRecord(join(folder, name), read)));
  for (const item of loaded.sort(compare)) items.set(item.id, item);
  const inTurn = turns();
  const fileOf = (id: string) => {
    if (!safeId.test(id)) throw new RungError({ code: 'record-id', message: `${JSON.stringify(id)} cannot be the name of a record.` });
    return join(folder, `${id}.json`);
  };
  return {
    list: () => [...items.values()],
    read: (id) => items.get(id),
    async write(item) {
      const file = fileOf(item.id);
      const isNew = !items.has(item.id);
      items.set(item.id, item);
      try {
        // what is newest by then, so that no older state is written over it
        await inTurn(() => {
          const newest = items.get(item.id);
          return newest === undefined ? Promise.resolve() : writeWhole(file, JSON.stringify(newest));
        });
      } catch (error) {
        // whoever made it is told that there is none; a change stays, since what it tells of has happened
        if (isNew) items.delete(item.id);
        throw error;
      }
    },
    async remove(id) {
      items.delete(id);
      await inTurn(() => rm(fileOf(id), { force: true }));
    },
  };
}

async function readRecord<Item>(file: string, read: (value: unknown) => Item): Promise<Item> {
  try {
    return read(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new RungError({
      code: 'record-unreadable',
      message: 'A record of the server cannot be read.',
      hint: 'Take the file away, or start with another --state.',
      place: { file },
      cause,
    });
  }
}

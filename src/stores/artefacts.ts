import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { ArtefactStore } from '#core/approach.ts';
import { RungError } from '#core/errors.ts';
import { contentHash, sha256 } from '#core/json.ts';

/** Keeps folders under `<folder>/artefacts/<hash>`, where the hash is over the names and contents of their files. */
export function openArtefacts(folder: string): ArtefactStore {
  const home = join(folder, 'artefacts');

  const adopt = async (temporary: string): Promise<string> => {
    const id = await hashFolder(temporary);
    const target = join(home, id);
    try {
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      if (!(await exists(target))) throw error;
    }
    return id;
  };
  const temporaryFolder = async (): Promise<string> => {
    await mkdir(home, { recursive: true });
    return mkdtemp(join(home, '.new-'));
  };

  return {
    async put(path) {
      const temporary = await temporaryFolder();
      const info = await stat(path);
      await cp(path, info.isDirectory() ? temporary : join(temporary, basename(path)), { recursive: true });
      return adopt(temporary);
    },
    async write(files) {
      const temporary = await temporaryFolder();
      for (const [name, content] of Object.entries(files)) {
        const target = resolve(temporary, name);
        if (!target.startsWith(temporary + sep))
          throw new RungError({ code: 'artefact-path', message: `The artefact name ${name} leaves its folder.` });
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, content);
      }
      return adopt(temporary);
    },
    async path(id) {
      const target = join(home, id);
      const whole = /^[0-9a-f]{64}$/.test(id) && (await exists(target)) && (await hashFolder(target)) === id;
      if (whole) return target;
      throw new RungError({
        code: 'artefact-missing',
        message: `The artefact ${id.slice(0, 12)} is missing or was changed.`,
        hint: 'Run the climb again: it is made anew from the recorded answers.',
        place: { file: target },
      });
    },
    async scratch(key) {
      const target = join(folder, 'scratch', sha256(key).slice(0, 16));
      await mkdir(target, { recursive: true });
      return target;
    },
  };
}

async function hashFolder(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hashes: Record<string, string> = {};
  for (const name of names)
    hashes[
      name
        .slice(folder.length + 1)
        .split(sep)
        .join('/')
    ] = sha256(await readFile(name));
  return contentHash(hashes);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { archiveOf } from '#testing/tuning-server-weights.ts';
import { unpackAdapter } from './adapter-archive.ts';

const part = fc.constantFrom('..', '.', '', 'a', 'b', 'adapter_config.json', 'adapter_model.safetensors', 'C:', '\\', '..\\a', '~');
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));

it('an archive of any paths writes nothing outside its folder, and a whole adapter or an error comes of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 5 }), fc.boolean(), async (paths, isWhole) => {
      const folder = await mkdtemp(join(tmpdir(), 'rung-archive-'));
      try {
        const into = join(folder, 'deep', 'into');
        await mkdir(into, { recursive: true });
        const archive = join(folder, 'archive');
        const whole = isWhole ? ['top/adapter_config.json', 'top/adapter_model.safetensors'] : [];
        await writeFile(archive, archiveOf(Object.fromEntries([...paths, ...whole].map((name) => [name, Buffer.from(name)]))));
        const signal = new AbortController().signal;
        const found = await unpackAdapter(archive, { into, service: 'a service', signal }).catch((error: unknown) => error);
        if (typeof found === 'string') {
          expect(found.startsWith(into + sep)).toBe(true);
          expect((await readdir(found)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
        } else expect(found).toMatchObject({ code: 'weights-unreadable' });
        expect((await readdir(folder)).sort()).toEqual(['archive', 'deep']);
        expect(await readdir(join(folder, 'deep'))).toEqual(['into']);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
    // a file whose writing has begun when the archive is refused
    { numRuns: 80, examples: Array.from({ length: 10 }, () => [['a/adapter_model.safetensors', '../C:'], true]) },
  );
});

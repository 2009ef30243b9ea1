import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

/** Runs the linter as `npm run check` does; gives what it says. */
async function lint(file: string): Promise<string> {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  try {
    await run(process.execPath, [biome, 'lint', '--colors=off', file], { cwd: root });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

describe('a violation planted in a room', () => {
  const folders: string[] = [];
  const plant = async (room: string, files: Record<string, string>) => {
    const folder = await mkdtemp(join(root, 'src', room, 'planted-'));
    folders.push(folder);
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return folder;
  };
  let upward: string;
  let sideways: string;
  let cycle: string;
  let long: string;

  beforeAll(async () => {
    upward = await plant('statistics', { 'planted.ts': "import { climb } from '#engine/climb.ts';\nexport const planted = climb;\n" });
    sideways = await plant('providers', { 'planted.ts': "import type { Row } from '#stores/sqlite.ts';\nexport type Planted = Row;\n" });
    cycle = await plant('core', {
      'one.ts': "import type { Two } from './two.ts';\nexport interface One { two: Two }\n",
      'two.ts': "import type { One } from './one.ts';\nexport interface Two { one: One }\n",
    });
    long = await plant('core', { 'long.ts': 'export {};\n'.repeat(301) });
  });
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('is seen when it imports a room above its own', async () => {
    expect(await lint(join(upward, 'planted.ts'))).toContain('noRestrictedImports');
  });

  it('is seen when one plug-in room imports another, even for a type', async () => {
    expect(await lint(join(sideways, 'planted.ts'))).toContain('noRestrictedImports');
  });

  it('is seen when two files import each other, even for types', async () => {
    expect(await lint(join(cycle, 'one.ts'))).toContain('noImportCycles');
  });

  it('is seen when a file grows over 300 lines', async () => {
    expect(await lint(join(long, 'long.ts'))).toContain('noExcessiveLinesPerFile');
  });
});

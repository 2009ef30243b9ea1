import { mkdtemp, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { rung } from '../../test/command-line.fixture.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

it('runs every command of the page', async () => {
  const page = await readFile(join(repository, 'docs/data-check.md'), 'utf8');
  const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap((match) => match[1]!.trim().split('\n'));
  expect(commands.length).toBeGreaterThan(5);
  const workingFolder = await mkdtemp(join(tmpdir(), 'rung-docs-'));
  await symlink(join(repository, 'examples'), join(workingFolder, 'examples'));
  for (const command of commands) {
    const { code, stderr } = await rung(command.split(' ').slice(1), { workingFolder });
    expect([command, code, stderr]).toEqual([command, 0, '']);
  }
  const [original, restored] = await Promise.all([
    readFile(join(repository, 'examples/undecided/examples.jsonl')),
    readFile(join(workingFolder, 'as-it-was.jsonl')),
  ]);
  expect(restored.equals(original)).toBe(true);
});

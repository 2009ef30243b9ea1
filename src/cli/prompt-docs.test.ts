import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

it('docs/prompts.md: its files are read and its commands run', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'prompts.md'), 'utf8');
  const rows = ['billing', 'shipping'].flatMap((expected) =>
    Array.from({ length: 10 }, (_, index) => ({
      id: `${expected.charAt(0) === 'b' ? 'm' : 's'}${index}`,
      input: `${expected} ${index}`,
      expected,
    })),
  );
  const folder = await taskFolder({ 'examples.jsonl': jsonLines(rows) });
  const files = Array.from(page.matchAll(/```\w+\n(?:<!-- (\S+) -->|# (task\.yaml))\n([^`]*)```/g));
  expect(files.map(([, markdown, yaml]) => markdown ?? yaml)).toEqual(['prompts/v1.md', 'task.yaml', 'overlays/december.md']);
  for (const [, markdown, yaml, content = ''] of files) {
    const file = join(folder, markdown ?? yaml ?? '');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const commands = /```sh\n([^`]*)```/.exec(page)?.[1]?.trim().split('\n') ?? [];
  for (const command of commands) {
    const { code, stdout, stderr } = await rung(command.split(' ').slice(1), { workingFolder: folder });
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    expect(stdout).not.toBe('');
  }
  expect(commands).toHaveLength(5);
  const version = await readFile(join(folder, 'prompts', 'v2.md'), 'utf8');
  expect(version).toContain(
    '- A message that asks for money back is billing, whatever else it says.\n- A parcel that is to arrive before the 24th',
  );
});

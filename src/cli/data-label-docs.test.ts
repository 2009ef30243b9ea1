import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rung } from '../../test/command-line.fixture.ts';
import { taskFolder } from '../../test/task-folder.fixture.ts';

it('docs/data-label.md: its file is read and its commands run', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'data-label.md'), 'utf8');
  const [, name = '', content = ''] = /```jsonl\n<!-- (\S+) -->\n([^`]*)```/.exec(page) ?? [];
  const folder = await taskFolder({ [name]: content });
  const commands = Array.from(page.matchAll(/```sh\n([^`]*)```/g), ([, lines = '']) => lines.trim().split('\n')).flat();
  expect(commands).toHaveLength(3);
  for (const command of commands) {
    const { code, stdout, stderr } = await rung(command.split(' ').slice(1), { workingFolder: folder });
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    expect(stdout).toContain(command.includes('--json') ? '"rows":4' : '0 of 4 rows have an answer');
  }
});

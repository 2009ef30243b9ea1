import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/json.ts';
import { rung } from '../../test/command-line.fixture.ts';
import { jsonLines, taskFolder } from '../../test/task-folder.fixture.ts';

const rows = (kind: string, count: number, expected = 'An answer.') =>
  // digits of a hash: no two of them are alike
  Array.from({ length: count }, (_, index) => ({ id: `${kind}${index}`, input: sha256(`${kind} ${index}`).slice(0, 40), expected }));

async function folder(): Promise<string> {
  return taskFolder({
    'own.jsonl': jsonLines(rows('own', 87)),
    'general.jsonl': jsonLines(rows('general', 50)),
    'safety.jsonl': jsonLines(rows('safety', 20, "I'm sorry, but I can't help with that.")),
  });
}

describe('rung data mix', () => {
  it('adds a tenth of general and three in a hundred of safety rows, and says so', async () => {
    const workingFolder = await folder();
    const args = ['data', 'mix', 'own.jsonl', '--general', 'general.jsonl', '--safety', 'safety.jsonl', '-o', 'mix.jsonl'];
    const { code, stdout } = await rung([...args, '--json'], { workingFolder });
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ read: 157, written: 100, droppedRows: 0, lost: [], training: { before: 87, after: 100 } });
    expect(document.parts).toMatchObject([
      { part: 'own', taken: 87, share: 0.87, shareBefore: 1 },
      { part: 'general', taken: 10, share: 0.1, wantedShare: 0.1 },
      { part: 'safety', taken: 3, share: 0.03, refusals: 3 },
    ]);
    expect(document.refusals).toMatchObject({ before: 0, after: 0.03 });
    expect(document.warnings).toEqual([expect.stringContaining('All 3 safety rows refuse')]);
    const written = (await readFile(join(workingFolder, 'mix.jsonl'), 'utf8')).trim().split('\n');
    expect(written).toHaveLength(100);
    expect(written.filter((line) => line.includes('"safety"'))).toHaveLength(3);
    const shown = await rung([...args, '--dry-run'], { workingFolder });
    expect(shown.stdout).toMatch(/general +50 +10 +0\.0 % +10\.0 %/);
    expect(shown.stdout).toContain('Nothing was written.');
  });

  it('warns of refusing what is harmless, and of parts that are too small', async () => {
    const workingFolder = await folder();
    const { stdout } = await rung(
      ['data', 'mix', 'own.jsonl', '--safety', 'safety.jsonl', '--safety-share', '0.3', '-o', 'mix.jsonl', '--json'],
      { workingFolder },
    );
    const { warnings } = JSON.parse(stdout);
    expect(warnings).toContainEqual(expect.stringContaining('More than 3 % of safety rows'));
    expect(warnings).toContainEqual(
      expect.stringContaining('20 of the 20 safety rows can be taken: they are 18.7 % of the mix, not 30 %.'),
    );
  });

  it('explains flags that do not fit', async () => {
    const workingFolder = await folder();
    for (const args of [
      ['own.jsonl', '-o', 'mix.jsonl'],
      ['own.jsonl', '--general', 'general.jsonl', '--general-share', '1', '-o', 'mix.jsonl'],
      ['own.jsonl', '--general', 'general.jsonl', '-o', 'general.jsonl'],
      ['own.jsonl', '--general', 'missing.jsonl', '-o', 'mix.jsonl'],
    ]) {
      expect((await rung(['data', 'mix', ...args], { workingFolder })).code).toBe(2);
    }
  });
});

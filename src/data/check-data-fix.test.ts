import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataFix } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { fixLines } from './check-data-fix.ts';
import { undoChanges } from './check-data-undo.ts';
import { readDataFile } from './read-data-file.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'rung-fix-'));

/** Takes rows with a "drop" in their answer out, and puts "new" for "old". */
function mend(row: DataRow): DataFix[] {
  const answer = String(row.turns.at(-1)?.content ?? '');
  if (answer.includes('drop')) return [{ rule: 'drop', line: row.line, what: 'taken out' }];
  if (!answer.includes('old')) return [];
  const turns = row.turns.map((turn) => (turn.role === 'assistant' ? { ...turn, content: answer.replaceAll('old', 'new') } : turn));
  return [{ rule: 'new', line: row.line, what: 'renewed', row: { ...row, turns } }];
}

const line = (answer: string) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: 'Which é?' },
      { role: 'assistant', content: answer },
    ],
  });

async function fix(folder: string, bytes: string | Buffer, target = 'out.jsonl') {
  const source = join(folder, 'in.jsonl');
  await writeFile(source, bytes);
  const { rows, format } = await readDataFile(source, { format: 'openai-chat', maximumRowBytes: 2 ** 20 });
  const out = join(folder, target);
  const changesFile = `${out}.changes.jsonl`;
  const done = await fixLines({ source, target: out, changesFile, rows, format, mend });
  return { source, out, changesFile, done };
}

describe('mending lines', () => {
  it('changes what it says, leaves the rest to the byte, and takes it all back', async () => {
    const folder = await newFolder();
    const bytes = `\uFEFF${line('old')}\r\n\n  ${line('stays')}  \n${line('drop')}\r\n{broken\n${line('very old')}`;
    const { source, out, changesFile, done } = await fix(folder, bytes);
    expect(await readFile(out, 'utf8')).toBe(`\uFEFF${line('new')}\r\n\n  ${line('stays')}  \n{broken\n${line('very new')}`);
    expect(await readFile(source, 'utf8')).toBe(bytes);
    expect(done.changes).toBe(3);
    const listed = (await readFile(changesFile, 'utf8'))
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(listed.map(({ line: at, rules }) => [at, rules])).toEqual([
      [1, ['new']],
      [4, ['drop']],
      [6, ['new']],
      [undefined, undefined],
    ]);
    await undoChanges({ source: out, target: join(folder, 'back.jsonl'), changesFile });
    expect(await readFile(join(folder, 'back.jsonl'), 'utf8')).toBe(bytes);
  });

  it('gives back every file of lines, whatever ends them and whatever went', async () => {
    const folder = await newFolder();
    const rows = fc.array(fc.tuple(fc.constantFrom('old', 'stays', 'drop', 'old and drop', ''), fc.constantFrom('\n', '\r\n')), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (drawn, ended) => {
        const text = `${line('first')}\n${drawn.map(([answer, end]) => `${answer === '' ? '' : line(answer)}${end}`).join('')}`;
        const bytes = ended ? text : text.replace(/\r?\n$/, '');
        const { out, changesFile, source } = await fix(folder, bytes);
        expect(await readFile(out, 'utf8')).not.toMatch(/old|drop/);
        await undoChanges({ source: out, target: out, changesFile });
        expect((await readFile(out)).equals(await readFile(source))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('replaces the file itself where that is asked', async () => {
    const folder = await newFolder();
    const { out, changesFile } = await fix(folder, `${line('old')}\n`, 'in.jsonl');
    expect(await readFile(out, 'utf8')).toBe(`${line('new')}\n`);
    await undoChanges({ source: out, target: out, changesFile });
    expect(await readFile(out, 'utf8')).toBe(`${line('old')}\n`);
    expect((await readdir(folder)).sort()).toEqual(['in.jsonl', 'in.jsonl.changes.jsonl']);
  });

  it('copies lines that are too long to be read as they are', async () => {
    const folder = await newFolder();
    const long = `{"x":"${'a'.repeat(3_000_000)}`;
    const { out, done } = await fix(folder, `${line('old')}\n${long}\n${line('stays')}\n`);
    expect(done.changes).toBe(1);
    expect((await readFile(out)).equals(Buffer.from(`${line('new')}\n${long}\n${line('stays')}\n`))).toBe(true);
  });
});

describe('what goes wrong', () => {
  it.skipIf(!existsSync('/dev/full')).each(['out.jsonl', 'in.jsonl'])(
    'leaves everything as it was when the disk fills up while %s is written',
    async (target) => {
      const folder = await newFolder();
      await symlink('/dev/full', join(folder, `${target}.${process.pid}.tmp`));
      const bytes = `${line('old')}\n`.repeat(2000);
      await expect(fix(folder, bytes, target)).rejects.toMatchObject({ code: 'disk-full' });
      expect(await readFile(join(folder, 'in.jsonl'), 'utf8')).toBe(bytes);
      expect(await readdir(folder)).toEqual(['in.jsonl']);
    },
  );

  it.skipIf(!existsSync('/dev/full'))('nor when the list of changes does not fit', async () => {
    const folder = await newFolder();
    await symlink('/dev/full', join(folder, `out.jsonl.changes.jsonl.${process.pid}.tmp`));
    await expect(fix(folder, `${line('old')}\n`.repeat(2000))).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readdir(folder)).toEqual(['in.jsonl']);
  });

  it('refuses to take changes back from a file that was changed since, and writes nothing', async () => {
    const folder = await newFolder();
    const { out, changesFile } = await fix(folder, `${line('old')}\n${line('stays')}\n`);
    await writeFile(out, `${line('new')}\n${line('edited')}\n`);
    await expect(undoChanges({ source: out, target: join(folder, 'back.jsonl'), changesFile })).rejects.toMatchObject({
      code: 'changes-unfit',
      exitCode: 2,
    });
    expect(await readdir(folder)).not.toContain('back.jsonl');
  });

  it.each(['{"line":1}\n', 'nothing\n', ''])('says where a list of changes is none: %j', async (list) => {
    const folder = await newFolder();
    const { out, changesFile } = await fix(folder, `${line('old')}\n`);
    await writeFile(changesFile, list);
    await expect(undoChanges({ source: out, target: join(folder, 'back.jsonl'), changesFile })).rejects.toMatchObject({ exitCode: 2 });
    expect(await readdir(folder)).not.toContain('back.jsonl');
  });
});

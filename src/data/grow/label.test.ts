import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataRow } from '#core/data-row.ts';
import { labelCoverage } from './label-coverage.ts';
import { type LabelEvent, parseEvent } from './label-event.ts';
import { openJournal } from './label-journal.ts';
import { finalLabel, isDrawnTwice, labelLedger } from './label-ledger.ts';
import { mostInformative } from './label-order.ts';
import { labelRows, withAnswer } from './label-row.ts';

const asking = (line: number, content: string, more: Partial<DataRow> = {}): DataRow => ({
  line,
  turns: [{ role: 'user', content }],
  ...more,
});
const folder = () => mkdtemp(join(tmpdir(), 'rung-label-'));

describe('rows to label', () => {
  it('have keys that do not hang on where they stand', () => {
    const rows = [asking(1, 'one'), asking(2, 'two', { id: 'b' }), asking(3, 'one')];
    const keys = labelRows(rows).map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe(`${keys[0]}-2`);
    const moved = labelRows([asking(1, 'new'), asking(2, 'two', { id: 'b' }), asking(3, 'one')]).map(({ key }) => key);
    expect(moved.slice(1)).toEqual([keys[1], keys[0]]);
  });

  it('pass over rows that ask nothing or hold two answers, and know the answer that is there', () => {
    const answered: DataRow = {
      line: 1,
      turns: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
      ],
    };
    const lone: DataRow = { line: 2, turns: [{ role: 'assistant', content: 'a' }] };
    const two: DataRow = { ...asking(3, 'q'), preference: { chosen: [], rejected: [] } };
    expect(labelRows([answered, lone, two]).map(({ answer, text }) => ({ answer, text }))).toEqual([{ answer: 'a', text: 'q' }]);
  });

  it('keep their id and say where an answer came from', () => {
    const [row] = labelRows([asking(1, 'q', { id: 'x', tags: ['t', 'draft-accepted'], extra: { shop: 3 } })]);
    expect(withAnswer(row!, 'a', 'chosen')).toMatchObject({ id: 'x', extra: { shop: 3 }, source: 'human', tags: ['t'] });
    expect(withAnswer(row!, 'a', 'edited')).toMatchObject({ source: 'edited', tags: ['t'] });
    expect(withAnswer(row!, 'a', 'accepted')).toMatchObject({ source: 'synthetic', tags: ['t', 'draft-accepted'] });
    expect(withAnswer(row!, 'a', 'chosen').turns.at(-1)).toEqual({ role: 'assistant', content: 'a' });
  });
});

const eventOf = fc.record({
  what: fc.constantFrom('label', 'skip', 'decide', 'undo'),
  by: fc.constantFrom('ana', 'ben'),
  row: fc.constantFrom('r1', 'r2', 'r3'),
  label: fc.constantFrom('x', 'y'),
});
const made = ({ what, by, row, label }: { what: string; by: string; row: string; label: string }, at: number): LabelEvent =>
  what === 'undo'
    ? { do: 'undo', at, by }
    : what === 'skip'
      ? { do: 'skip', at, by, row }
      : { do: what as 'label' | 'decide', at, by, row, label };

describe('the ledger', () => {
  it('undoes any number of acts of one person, and of nobody else', () => {
    fc.assert(
      fc.property(fc.array(eventOf, { maxLength: 30 }), (drawn) => {
        const events = drawn.map(made);
        const ledger = labelLedger(events);
        const bens = ledger.acts.filter(({ by }) => by === 'ben');
        for (let at = ledger.acts.length; at > 0; at--) ledger.apply({ do: 'undo', at, by: 'ana' });
        expect(ledger.acts).toEqual(bens);
        const alone = labelLedger(bens);
        for (const row of ['r1', 'r2', 'r3']) expect(ledger.of(row)).toEqual(alone.of(row));
      }),
    );
  });

  it('has a last word, a common word, or a disagreement', () => {
    const ledger = labelLedger([
      { do: 'label', at: 1, by: 'ana', row: 'r', label: 'x' },
      { do: 'label', at: 2, by: 'ben', row: 'r', label: 'y' },
    ]);
    expect(finalLabel(ledger.of('r'))).toBe('disagreement');
    ledger.apply({ do: 'decide', at: 3, by: 'cyn', row: 'r', label: 'y' });
    expect(finalLabel(ledger.of('r'))).toMatchObject({ label: 'y', act: { by: 'cyn' } });
    ledger.apply({ do: 'undo', at: 4, by: 'cyn' });
    ledger.apply({ do: 'label', at: 5, by: 'ben', row: 'r', label: 'x' });
    expect(finalLabel(ledger.of('r'))).toMatchObject({ label: 'x', act: { by: 'ana' } });
    expect(finalLabel(ledger.of('other'))).toBeUndefined();
  });

  it('draws about the share that was asked for twice, the same for everybody', () => {
    const drawn = Array.from({ length: 2000 }, (_, index) => isDrawnTwice(`row ${index}`, 0.1, 1)).filter(Boolean).length;
    expect(drawn).toBeGreaterThan(150);
    expect(drawn).toBeLessThan(250);
    expect(isDrawnTwice('any', 0, 1)).toBe(false);
    expect(isDrawnTwice('any', 1, 1)).toBe(true);
  });
});

describe('the journal', () => {
  const first: LabelEvent = { do: 'label', at: 1, by: 'ana', row: 'r', label: 'zwölf\n"x"', draft: 'y' };
  const second: LabelEvent = { do: 'undo', at: 2, by: 'ana' };

  it('gives back what was added', async () => {
    const file = join(await folder(), 'rows.labels.jsonl');
    const journal = openJournal(file);
    for (const event of [first, second]) journal.append(event);
    journal.close();
    const again = openJournal(file);
    again.close();
    expect(again).toMatchObject({ events: [first, second], unreadable: 0 });
  });

  it('loses nothing that was added when the process is killed, and goes on after a torn line', async () => {
    const file = join(await folder(), 'rows.labels.jsonl');
    const door = pathToFileURL(join(import.meta.dirname, 'label-journal.ts')).href;
    const script = `import { openJournal } from ${JSON.stringify(door)};
      const journal = openJournal(${JSON.stringify(file)});
      journal.append(${JSON.stringify(first)});
      process.kill(process.pid, 'SIGKILL');
      setInterval(() => {}, 1000);`;
    const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
    await appendFile(file, '{"do":"label","at":3,"by":"an');
    const journal = openJournal(file);
    expect(journal).toMatchObject({ events: [first], unreadable: 1 });
    journal.append(second);
    journal.close();
    const again = openJournal(file);
    again.close();
    expect(again).toMatchObject({ events: [first, second], unreadable: 1 });
    expect((await readFile(file, 'utf8')).endsWith('\n')).toBe(true);
  });

  it('passes over lines that are no act', () => {
    for (const line of [
      '',
      'null',
      '[]',
      '{"do":"label"}',
      '{"do":"undo","at":1e999,"by":"a"}',
      '{"do":"burn","at":1,"by":"a","row":"r","label":"x"}',
    ]) {
      expect(parseEvent(line)).toBeUndefined();
    }
  });

  it('says where it cannot be written', async () => {
    const inFile = join(await folder(), 'file');
    await writeFile(inFile, '');
    expect(() => openJournal(join(inFile, 'rows.labels.jsonl'))).toThrow(expect.objectContaining({ code: 'folder-missing' }));
  });
});

describe('the order', () => {
  const vector = (...columns: number[]) => ({
    columns: Uint32Array.from(columns),
    values: new Float32Array(columns.length).fill(1 / Math.sqrt(columns.length)),
  });
  const texts = [vector(0, 1), vector(0, 1), vector(0, 2), vector(5, 6)];

  it('knows how near texts are to what is labelled, and how usual they are', () => {
    const coverage = labelCoverage(texts, 8, [0, 1, 2, 3]);
    expect([...coverage.nearest]).toEqual([0, 0, 0, 0]);
    expect(coverage.typical[0]).toBeCloseTo(2.5 / 4);
    expect(coverage.typical[3]).toBeCloseTo(1 / 4);
    coverage.cover(texts[0]!);
    expect(Array.from(coverage.nearest, (value) => Number(value.toFixed(6)))).toEqual([1, 1, 0.5, 0]);
    coverage.cover(texts[3]!);
    expect(coverage.nearest[3]).toBeCloseTo(1);
    expect(coverage.nearest[2]).toBeCloseTo(0.5);
  });

  it('takes the usual and far first, then what the classifier is unsure of, no copies of what is labelled', () => {
    const coverage = labelCoverage(texts, 8, [0, 1, 2, 3]);
    expect(mostInformative({ open: [0, 1, 2, 3], coverage, margins: undefined })).toBe(0);
    coverage.cover(texts[0]!);
    expect(mostInformative({ open: [1, 2, 3], coverage, margins: undefined })).not.toBe(1);
    expect(mostInformative({ open: [1, 2, 3], coverage, margins: Float32Array.of(0, 0, 0.9, 0.2) })).toBe(3);
    expect(mostInformative({ open: [], coverage, margins: undefined })).toBeUndefined();
  });
});

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJournal } from '#data/grow/label-journal.ts';
import { labelRows } from '#data/grow/label-row.ts';
import { type LabellingOptions, openLabelling } from '../growth/label-data.ts';
import { editText, startEdit } from './data-label-editor.ts';
import { labelKeys, searchLabels } from './data-label-keys.ts';
import { type LabelKeyboard, labelInTerminal } from './data-label-terminal.ts';

/** Presses keys one after another, gives what was on the screen and what was kept. */
async function pressed(keys: readonly string[], more: Partial<LabellingOptions> = {}, texts: readonly string[] = ['one', 'two', 'three']) {
  const journal = openJournal(join(await mkdtemp(join(tmpdir(), 'rung-label-')), 'rows.labels.jsonl'));
  const rows = labelRows(texts.map((content, index) => ({ line: index + 1, turns: [{ role: 'user', content }] })));
  const options = { rows, labels: ['left', 'right'], by: 'ana', journal, order: 'file', seed: 1, double: 0, ...more } as const;
  const labelling = openLabelling({ ...options, minimumGain: 0.03, confidence: 0.95, now: () => 1 });
  const raw: boolean[] = [];
  const stdin = new PassThrough();
  const keyboard = Object.assign(stdin, {
    isTTY: true,
    setRawMode(on: boolean) {
      raw.push(on);
      return keyboard;
    },
  }) as unknown as LabelKeyboard;
  const drawn: string[] = [];
  const stream = { columns: 80, rows: 24, write: (text: string) => drawn.push(text) };
  const { labels } = options;
  const ended = labelInTerminal({
    ...{ labelling, title: 'rows', drafts: more.draft !== undefined, keyboard, stream, color: false },
    ...{ labels: 'labels' in more ? more.labels : labels, stopping: new AbortController().signal },
  });
  for (const key of keys) {
    await new Promise((resolve) => setImmediate(resolve));
    stdin.write(key);
  }
  await ended;
  const said = rows.map((row) => labelling.answerOf(row)?.label);
  await labelling.close();
  return { said, screen: drawn.join(''), last: drawn.filter((text) => text.includes('rows')).at(-1) ?? '', raw };
}

const enter = '\r';
const paste = (text: string) => `\u001b[200~${text}\u001b[201~`;

describe('labelling in the terminal', () => {
  it('labels by keys, undoes, goes on and back, and gives the keyboard back', async () => {
    expect(await pressed(['1', '2', 'u', '1', 'j', 'k', '2', 'q'])).toMatchObject({
      said: ['left', 'right', undefined],
      raw: [true, false],
    });
  });

  it('ends at Ctrl-C and where the keyboard ends, and keeps what was said', async () => {
    expect((await pressed(['2', '\u0003'])).said).toEqual(['right', undefined, undefined]);
  });

  it('finds a label by its name', async () => {
    expect((await pressed(['/', 'r', 'i', enter, '/', '\u001b[B', enter, 'q'])).said).toEqual(['right', 'right', undefined]);
  });

  it('does not take pasted text for keys', async () => {
    expect((await pressed([paste('1221'), 'q'])).said).toEqual([undefined, undefined, undefined]);
  });

  it('writes free answers, with pasted line breaks', async () => {
    const { said } = await pressed(['e', 'a', 'c', '\u001b[D', 'b', enter, enter, paste('two\rlines'), enter, 'q'], { labels: undefined });
    expect(said).toEqual(['abc', 'two\nlines', undefined]);
  });

  it('takes a draft as it is, or changed', async () => {
    const draft = async () => 'a draft';
    const { said, screen } = await pressed([enter, ' ', 'e', '!', enter, 'q'], { labels: undefined, draft });
    expect(screen).toContain('draft: a draft');
    expect(said).toEqual(['a draft', 'a draft!', undefined]);
  });

  it('shows help and what is hidden in a row, and says why a key did nothing', async () => {
    expect((await pressed(['?', 'q', 'q'])).screen).toContain('find a label by its name');
    const { screen } = await pressed(['u', 'q'], {}, ['\u001b[2Jevil\u202e']);
    expect(screen).toContain('␛[2Jevil⟦U+202E⟧');
    expect(screen).toContain('There is nothing to take back.');
  });

  it('keeps to the screen with long rows, and goes on in them', async () => {
    const long = Array.from({ length: 60 }, (_, index) => `line ${index}`).join('\n');
    const { screen, last } = await pressed([' ', 'q'], {}, [long]);
    expect(screen).toContain('more lines, space goes on');
    expect(last).toContain('line 10');
    expect(last).not.toContain('line 9\u001b');
    expect(last.split('\n').length).toBeLessThanOrEqual(23);
  });
});

describe('keys and search', () => {
  it('gives each label a key of its own that does nothing else', () => {
    const labels = Array.from({ length: 40 }, (_, index) => `label ${index}`);
    const keys = labelKeys(labels);
    expect(keys.size).toBe(29);
    for (const reserved of ['j', 'k', 'u', 's', 'e', 'q', '?', '/']) expect(keys.has(reserved)).toBe(false);
    expect(searchLabels(labels, 'EL 3', 3)).toEqual(['label 3', 'label 30', 'label 31']);
    expect(searchLabels(['no b', 'b first'], 'b', 9)).toEqual(['b first', 'no b']);
  });

  it('edits text without leaving it', () => {
    const names = ['left', 'right', 'home', 'end', 'backspace', 'delete'];
    const key = fc.oneof(
      fc.constantFrom(...names).map((name) => ({ name })),
      fc.constantFrom('a', 'e', 'u', 'k', 'z').map((name) => ({ name, ctrl: true })),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }).map((sequence) => ({ sequence })),
      fc.constant({ name: 'return' }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(key, { maxLength: 30 }), (text, keys) => {
        const { text: edited, at } = keys.reduce(editText, startEdit(text));
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(edited.length);
        expect(edited.isWellFormed()).toBe(text.isWellFormed() || edited.isWellFormed());
      }),
    );
    expect(editText(editText(startEdit('👩‍🚀x'), { name: 'left' }), { name: 'backspace' })).toEqual({ text: 'x', at: 0 });
  });
});

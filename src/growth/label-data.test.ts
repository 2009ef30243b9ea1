import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '#core/estimate.ts';
import { openJournal } from '#data/grow/label-journal.ts';
import { type LabelRow, labelRows } from '#data/grow/label-row.ts';
import { type Labelling, type LabellingOptions, openLabelling } from './label-data.ts';
import { simulatedRows } from './label-simulation.fixture.ts';
import { labelStopping } from './label-stopping.ts';

const journalFile = async () => join(await mkdtemp(join(tmpdir(), 'rung-label-')), 'rows.labels.jsonl');
const rowsOf = (texts: readonly string[], answers: readonly (string | undefined)[] = []): LabelRow[] =>
  labelRows(
    texts.map((content, index) => {
      const answer = answers[index];
      const said = answer === undefined ? [] : [{ role: 'assistant' as const, content: answer }];
      return { line: index + 1, id: `r${index + 1}`, turns: [{ role: 'user', content }, ...said] };
    }),
  );
const five = rowsOf(['one apple', 'two pears', 'three plums', 'four figs', 'five dates']);

function open(file: string, more: Partial<LabellingOptions> = {}): Labelling {
  let now = 0;
  return openLabelling({
    rows: five,
    labels: ['x', 'y'],
    by: 'ana',
    journal: openJournal(file),
    order: 'file',
    seed: 1,
    double: 0,
    minimumGain: 0.03,
    confidence: 0.95,
    now: () => (now += 2000),
    ...more,
  });
}

const shownId = (labelling: Labelling) => labelling.view().shown?.row.row.id;
const label = (labelling: Labelling, text: string) => labelling.act({ do: 'label', row: labelling.view().shown!.row.key, label: text });

describe('labelling', () => {
  it('goes on where it stopped, and undoes what an earlier session did', async () => {
    const file = await journalFile();
    const first = open(file);
    label(first, 'x');
    label(first, 'y');
    await first.close();
    const second = open(file);
    expect(shownId(second)).toBe('r3');
    expect(second.view()).toMatchObject({ left: 3, canUndo: true, progress: { labelled: 2, people: { ana: 2 } } });
    second.act({ do: 'undo' });
    expect([shownId(second), second.view().left]).toEqual(['r2', 4]);
    second.act({ do: 'undo' });
    expect(shownId(second)).toBe('r1');
    expect(() => second.act({ do: 'undo' })).toThrow(expect.objectContaining({ code: 'nothing-to-undo' }));
    label(second, 'y');
    expect(second.answerOf(five[0]!)?.label).toBe('y');
    await second.close();
  });

  it('goes on and back without a label, skips for good, and ends when nothing is left', async () => {
    const labelling = open(await journalFile());
    labelling.act({ do: 'next' });
    labelling.act({ do: 'next' });
    expect(shownId(labelling)).toBe('r3');
    labelling.act({ do: 'back' });
    labelling.act({ do: 'skip', row: labelling.view().shown!.row.key });
    expect(shownId(labelling)).toBe('r3');
    for (const text of ['x', 'y', 'x']) label(labelling, text);
    expect(shownId(labelling)).toBe('r1');
    label(labelling, 'x');
    expect(labelling.view()).toMatchObject({ shown: undefined, left: 0, progress: { labelled: 4, skipped: 1 } });
    labelling.act({ do: 'back' });
    label(labelling, 'y');
    expect(labelling.figures().progress.balance).toEqual([
      { label: 'x', rows: 2 },
      { label: 'y', rows: 2 },
    ]);
    await labelling.close();
  });

  it('refuses labels and rows that there are none of', async () => {
    const labelling = open(await journalFile());
    const { key } = labelling.view().shown!.row;
    expect(() => labelling.act({ do: 'label', row: key, label: 'z' })).toThrow(expect.objectContaining({ code: 'unknown-label' }));
    expect(() => labelling.act({ do: 'label', row: key, label: ' ' })).toThrow(expect.objectContaining({ code: 'empty-label' }));
    expect(() => labelling.act({ do: 'skip', row: 'nowhere' })).toThrow(expect.objectContaining({ code: 'unknown-row' }));
    expect(labelling.view().progress.labelled).toBe(0);
    await labelling.close();
  });

  it('asks nothing of rows that the file answers, and each row once in every order', async () => {
    const rows = rowsOf(['a', 'b', 'c', 'd'], ['x', undefined, 'y', undefined]);
    for (const order of ['file', 'random', 'informative'] as const) {
      const labelling = open(await journalFile(), { rows, order });
      const ids = [shownId(labelling)];
      label(labelling, 'x');
      ids.push(shownId(labelling));
      label(labelling, 'x');
      expect(ids.sort()).toEqual(['r2', 'r4']);
      expect(labelling.view()).toMatchObject({ shown: undefined, progress: { labelled: 4 } });
      await labelling.close();
    }
  });

  it('says how long it takes, with an interval', async () => {
    const rows = rowsOf(Array.from({ length: 20 }, (_, index) => `text ${index}`));
    const labelling = open(await journalFile(), { rows });
    for (let index = 0; index < 5; index++) label(labelling, 'x');
    expect(labelling.view().pace).toBeUndefined();
    label(labelling, 'x');
    expect(labelling.view().pace).toMatchObject({ each: { value: 2000, n: 5 }, left: { value: 28_000 } });
    await labelling.close();
  });
});

describe('two people', () => {
  it('label the drawn rows apart; their agreement and disagreements are told, and settled', async () => {
    const file = await journalFile();
    const rows = rowsOf(Array.from({ length: 12 }, (_, index) => `text ${index}`));
    const anas = open(file, { rows, double: 1 });
    for (let index = 0; index < 12; index++) label(anas, index % 2 === 0 ? 'x' : 'y');
    expect(anas.view().left).toBe(0);
    await anas.close();
    const bens = open(file, { rows, double: 1, by: 'ben' });
    expect(bens.view().shown).toMatchObject({ row: { row: { id: 'r1' } } });
    expect(bens.view().shown).not.toHaveProperty('others');
    for (let index = 0; index < 12; index++) label(bens, index % 2 === 0 || index === 11 ? 'x' : 'y');
    const { agreements, disagreements } = bens.figures();
    // by hand: 11 of 12 alike, chance 6/12 · 7/12 + 6/12 · 5/12 = 1/2, kappa (11/12 − 1/2) / (1/2)
    expect(agreements).toMatchObject([{ people: ['ana', 'ben'], agreed: { value: 11 / 12, n: 12 }, kappa: { n: 12 } }]);
    expect(agreements[0]!.kappa!.value).toBeCloseTo(5 / 6);
    expect(disagreements).toEqual([
      {
        line: 12,
        id: 'r12',
        labels: [
          { by: 'ana', label: 'y' },
          { by: 'ben', label: 'x' },
        ],
      },
    ]);
    expect(bens.answerOf(rows[11]!)).toBeUndefined();
    await bens.close();
    const settled = open(file, { rows, double: 1, by: 'cyn', adjudicate: true });
    expect(settled.view()).toMatchObject({ left: 1, shown: { row: { row: { id: 'r12' } }, others: [{ by: 'ana' }, { by: 'ben' }] } });
    label(settled, 'x');
    expect(settled.view()).toMatchObject({ shown: undefined, progress: { labelled: 12, disagreements: 0 } });
    expect(settled.figures().disagreements[0]).toMatchObject({ decided: { by: 'cyn', label: 'x' } });
    await settled.close();
  });
});

describe('drafts', () => {
  it('are asked for once, shown when they came, and kept with what became of them', async () => {
    const asked: string[] = [];
    const draft = async ({ text }: LabelRow) => {
      asked.push(text);
      if (text === 'two pears') throw new Error('the model is away');
      return `a fine ${text}`;
    };
    const file = await journalFile();
    const labelling = openLabelling({
      rows: five,
      by: 'ana',
      journal: openJournal(file),
      order: 'file',
      seed: 1,
      double: 0,
      minimumGain: 0.03,
      confidence: 0.95,
      draft,
      now: () => 1,
    });
    const came = new Promise<void>((resolve) => labelling.onChange(resolve));
    expect(labelling.view().shown?.draft).toEqual({ state: 'coming' });
    await came;
    expect(labelling.view().shown?.draft).toEqual({ state: 'ready', text: 'a fine one apple' });
    label(labelling, 'a fine one apple');
    labelling.view();
    await new Promise((resolve) => setImmediate(resolve));
    expect(labelling.view().shown?.draft).toEqual({ state: 'failed', why: 'the model is away' });
    label(labelling, 'my own words');
    expect(asked).toEqual(['one apple', 'two pears']);
    await labelling.close();
    const { events } = openJournal(file);
    expect(events).toMatchObject([{ draft: 'a fine one apple' }, { label: 'my own words' }]);
    expect(events[1]).not.toHaveProperty('draft');
  });
});

describe('learning behind the keys', () => {
  it('trains as labels come, and says of successive models whether they still change', async () => {
    const simulated = simulatedRows(450, 3)
      .filter(({ label: intent }) => ['balance', 'transfer', 'pin'].includes(intent))
      .slice(0, 220);
    const names = [...new Set(simulated.map((row) => row.label))];
    const rows = rowsOf(simulated.map(({ text }) => text));
    const labelling = open(await journalFile(), { rows, labels: names, order: 'informative' });
    for (const wanted of [20, 30, 40, 80]) {
      while (labelling.view().progress.labelled < wanted) label(labelling, simulated[labelling.view().shown!.row.row.line - 1]!.label);
      await labelling.catchUp();
    }
    const { stopping } = labelling.figures();
    expect(stopping?.agreement.latest).toHaveLength(3);
    expect(stopping?.agreement.latest[2]).toMatchObject({ n: rows.length - 80, method: expect.stringContaining('cohen kappa') });
    expect(stopping?.gain.text).toMatch(/^From 64 to 128 training rows|^What more labels would bring cannot be forecast: /);
    await labelling.close();
  });
});

describe('when more labels stop paying', () => {
  const kappa = (value: number, n = 500): Estimate => ({
    value,
    low: value - 0.01,
    high: Math.min(1, value + 0.01),
    n,
    method: 'cohen kappa',
  });
  const curve = (value: number, low: number, high: number) => ({
    points: [],
    rows: 100,
    why: 'a power law fits best',
    gain: { value, low, high, n: 25, method: 'power law' },
  });

  it('is said with figures, and not before it can be told', () => {
    expect(labelStopping({ curve: undefined, agreements: [], learntFrom: 80 }, 0.03)).toMatchObject({
      enough: false,
      gain: { seen: null },
      agreement: { seen: null },
    });
    expect(labelStopping({ curve: undefined, agreements: [], learntFrom: 20 }, 0.03).gain.text).toContain('80 are needed');
    expect(labelStopping({ curve: undefined, agreements: [], learntFrom: 90 }, 0.03).gain.text).toContain('being worked out');
    const seen = labelStopping(
      { curve: curve(0.01, 0, 0.02), agreements: [kappa(0.99), kappa(0.985), kappa(0.997)], learntFrom: 80 },
      0.03,
    );
    expect(seen).toMatchObject({ enough: true, gain: { seen: true }, agreement: { seen: true } });
    expect(seen.gain.text).toBe(
      'From 100 to 200 training rows the small classifier is forecast to gain 1 points of accuracy (95 % band 0 to 2, n 25, power law): surely less than the 3 points that matter.',
    );
    expect(seen.agreement.text).toContain('kappa 0.991, mean of the last 3');
  });

  it('is not said where the band still holds what matters, or models still change', () => {
    const unsure = labelStopping(
      { curve: curve(0.01, -0.01, 0.05), agreements: [kappa(0.99), kappa(0.9), kappa(1)], learntFrom: 80 },
      0.03,
    );
    expect(unsure).toMatchObject({ enough: false, gain: { seen: false }, agreement: { seen: false } });
    expect(unsure.gain.text).toContain('95 % band −1 to 5');
    expect(unsure.gain.text).toContain('probably less than the 3 points that matter, not surely');
    expect(labelStopping({ curve: curve(0.05, 0.02, 0.09), agreements: [], learntFrom: 80 }, 0.03).gain.text).toContain('probably more');
    expect(labelStopping({ curve: curve(0.05, 0.04, 0.09), agreements: [], learntFrom: 80 }, 0.03).gain.text).toContain('surely more');
    expect(
      labelStopping({ curve: undefined, agreements: [kappa(1, 99), kappa(1, 99), kappa(1, 99)], learntFrom: 80 }, 0.03).agreement.seen,
    ).toBeNull();
  });
});

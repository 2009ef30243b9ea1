import { expect, it } from 'vitest';
import { chat, checkRows, cleanRows } from '#data/checks/clean-corpus.fixture.ts';
import { renderDataReport } from './data-report.ts';
import { brokenIds, tagsOf } from './markup.fixture.ts';

const price = { model: 'openai/gpt-4o', tokens: 3000, epochs: 3, source: 'a page', asOf: '2026-11-21', secondHand: true };

it('is a page of its own, with findings, scores, plots and prices', async () => {
  const rows = cleanRows(60, 1, 'labels');
  rows[3] = chat('Empty?', '', 4);
  const page = renderDataReport(await checkRows(rows), [
    { ...price, dollars: 0.08 },
    { ...price, model: 'other/one' },
  ]);
  expect(() => tagsOf(page)).not.toThrow();
  expect(brokenIds(page)).toEqual([]);
  expect([...page.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])).toEqual(
    expect.arrayContaining(['scores', 'findings', 'lengths', 'counts', 'tokens']),
  );
  expect(page).toContain('1 error to repair before training');
  expect(page).toContain('<td class="none">not measured</td>');
  expect(page).toContain('$0.08');
  expect(page).toContain('unknown');
  expect(page).not.toContain('Time of training');
  expect(/https?:\/\/[^<]*\.(?:js|css|woff)|<script|NaN|Infinity/.exec(page)).toBeNull();
});

it('shows a time where a speed was measured, and where', async () => {
  const time = {
    model: 'nano',
    workers: 2,
    seconds: 75,
    tokensPerSecond: 12_217,
    measuredOn: 'another <machine>',
    measuredAt: '2026-11-21',
    measuredWith: 'a command',
  };
  const page = renderDataReport(await checkRows(cleanRows(60, 1, 'labels')), [price], [time]);
  expect(() => tagsOf(page)).not.toThrow();
  expect(page).toContain('about 1 min 15 s');
  expect(page).toContain('another &lt;machine&gt;, 2026-11-21');
  expect(page).toContain('with services no source says');
});

it('shows what rows say as text and never as markup', async () => {
  const hostile = '<img src=x onerror=alert(1)>\u202E"\'`&';
  const rows = [...cleanRows(30, 1, 'sentences'), { ...chat(hostile, `${hostile}\u0007`), line: 31 }];
  const page = renderDataReport({ ...(await checkRows(rows)), file: `${hostile}.jsonl` }, []);
  expect(() => tagsOf(page)).not.toThrow();
  expect(page).not.toContain('<img');
  expect(page).not.toContain('\u202E');
});

it('is whole where there is no row', async () => {
  const page = renderDataReport(await checkRows([], { checks: [] }), []);
  expect(() => tagsOf(page)).not.toThrow();
  expect(page).toContain('Nothing was found.');
  expect(/NaN|Infinity|undefined/.exec(page)).toBeNull();
});

it('draws the rows of clusters where a check gives their place', async () => {
  const document = await checkRows(cleanRows(30, 1, 'sentences'));
  const clusters = [
    { rows: 20, words: ['lamp', 'oil'] },
    { rows: 10, words: ['<b>tent</b>'] },
  ];
  const map = [
    { row: 1, x: 0, y: 0, cluster: 0 },
    { row: 2, x: 1, y: -1, cluster: 1 },
    { row: 3, x: Number.NaN, y: 0, cluster: 1 },
    { row: 4, x: 0, y: 0, cluster: 7 },
  ];
  const page = renderDataReport({ ...document, figures: { diverse: { clusters, map } } }, []);
  expect(page.match(/<circle /g)).toHaveLength(2);
  expect(page).toContain('lamp, oil');
  expect(page).toContain('&lt;b&gt;tent');
  expect(() => tagsOf(page)).not.toThrow();
  expect(brokenIds(page)).toEqual([]);
  expect(/NaN/.exec(page)).toBeNull();
});

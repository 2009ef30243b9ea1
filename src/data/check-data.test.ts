import { describe, expect, it } from 'vitest';
import { defineDataCheck } from '#core/data-check.ts';
import { ruleRows } from './check-data-finding.ts';
import { powerBins, quantile, rowNumbers } from './check-data-numbers.ts';
import { chat, checkRows, cleanRows, findingOf } from './checks/clean-corpus.fixture.ts';

/** A check that finds rows by their line. */
const lines = (id: string, severity: 'error' | 'warning' | 'info', hit: (line: number) => boolean, family: 'clean' | 'form' = 'clean') =>
  defineDataCheck({
    id,
    family,
    summary: 'lines',
    source: 'none',
    begin() {
      const rows = ruleRows();
      return {
        row: ({ line }) => (hit(line) ? rows.add(line, () => `line ${line}`) : undefined),
        end: () => [rows.finding({ rule: `${id}-rule`, family, severity, message: 'Found.', fix: 'Mend.' }) ?? []].flat(),
      };
    },
  });

const hundred = cleanRows(100, 1, 'sentences');

describe('the document', () => {
  it('puts errors first and then what touches most rows', async () => {
    const checks = [
      lines('a', 'info', () => true),
      lines('b', 'warning', (line) => line < 5),
      lines('c', 'warning', (line) => line < 9),
      lines('d', 'error', (line) => line === 3),
    ];
    const { findings, ok } = await checkRows(hundred, { checks });
    expect([findings.map(({ rule }) => rule), ok]).toEqual([['d-rule', 'c-rule', 'b-rule', 'a-rule'], false]);
  });

  it('scores clean by the share of rows that nothing was found in, remarks aside', async () => {
    const checks = [
      lines('a', 'info', () => true),
      lines('b', 'warning', (line) => line <= 10),
      lines('c', 'error', (line) => line >= 6 && line <= 20),
    ];
    const { scores, measures } = await checkRows(hundred, { checks });
    expect(scores).toEqual({ clean: 0.8 });
    expect(measures.clean).toEqual([{ value: 0.8, n: 100, method: 'share of rows without an error or warning of this family' }]);
  });

  it('says that a score is a bound where not all rows of a finding are listed', async () => {
    const rows = cleanRows(1600, 1, 'labels');
    const checks = [lines('a', 'warning', (line) => line <= 1200), lines('b', 'warning', (line) => line <= 1200)];
    const { scores, measures, findings } = await checkRows(rows, { checks });
    expect(findings.map((finding) => [finding.rows.length, finding.count])).toEqual([
      [1000, 1200],
      [1000, 1200],
    ]);
    expect(scores.clean).toBe(200 / 1600);
    expect(measures.clean?.[0]?.method).toContain('at least');
  });

  it('leaves out what was not measured, and never says 0 for it', async () => {
    const { scores, tokens, leaks } = await checkRows([], { checks: [] });
    expect([scores, tokens, leaks]).toEqual([{}, {}, {}]);
  });

  it('counts the time of every stage', async () => {
    const { seconds } = await checkRows(hundred, { checks: [lines('a', 'info', () => false)] });
    expect(Object.keys(seconds.checks)).toEqual(['a']);
    expect(seconds.total).toBeGreaterThan(0);
  });

  it('hides keys in what it shows', async () => {
    const { findings } = await checkRows([chat('What is it?', 'sk-proj-Ab3dE5gH7jK9mN1pQ3sT5vW7xY9zA1bC3dE5fG7hJ9kL \u0001')]);
    const shown = JSON.stringify(findings);
    expect(shown).toContain('control-character');
    expect(shown).not.toContain('Ab3dE5gH7jK9');
  });
});

describe('settings', () => {
  const checks = [lines('a', 'warning', (line) => line === 1), lines('b', 'info', (line) => line === 2)];
  it('turns rules off, up and down, and checks off', async () => {
    const rules = new Map([
      ['a-rule', 'error'],
      ['b', 'off'],
    ] as const);
    const { findings, ok, seconds } = await checkRows(hundred, { checks, rules });
    expect([findings.map(({ rule, severity }) => [rule, severity]), ok]).toEqual([[['a-rule', 'error']], false]);
    expect(Object.keys(seconds.checks)).toEqual(['a']);
  });

  it('reads a sample that is the same for a seed and as large as asked', async () => {
    const rows = cleanRows(2000, 1, 'labels');
    const sample = await checkRows(rows, { checks: [lines('a', 'warning', (line) => line % 2 === 0)], sample: 0.3, seed: 4 });
    const again = await checkRows(rows, { checks: [lines('a', 'warning', (line) => line % 2 === 0)], sample: 0.3, seed: 4 });
    const other = await checkRows(rows, { checks: [lines('a', 'warning', (line) => line % 2 === 0)], sample: 0.3, seed: 5 });
    expect(sample.findings).toEqual(again.findings);
    expect(sample.findings).not.toEqual(other.findings);
    // 600 of 2,000 with a standard error of 20
    expect(Math.abs(sample.rows - 600)).toBeLessThan(80);
    const [score] = sample.measures.clean!;
    expect(score!.low!).toBeLessThan(0.5);
    expect(score!.high!).toBeGreaterThan(0.5);
    expect(score!.method).toContain('Wilson');
  });

  it('tells how far it has come', async () => {
    const stages: string[] = [];
    let clock = 0;
    await checkRows(cleanRows(600, 1, 'labels'), {
      checks,
      now: () => (clock += 200),
      progress: ({ stage, rows }) => stages.push(`${stage} ${rows}`),
    });
    expect(stages).toEqual(['read 256', 'read 512', 'read 600', 'a 600', 'b 600']);
  });
});

describe('numbers of rows', () => {
  it('holds more than it began with', () => {
    const numbers = rowNumbers();
    for (let index = 0; index < 3000; index += 1) numbers.push(index);
    expect([numbers.length, numbers.values()[2999]]).toEqual([3000, 2999]);
  });

  it('gives quantiles as R does by default, and bins by powers of two', () => {
    // R: quantile(c(1, 2, 4, 8, 16), c(.25, .5, .9))
    const values = Float64Array.of(1, 2, 4, 8, 16);
    expect([quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.9)]).toEqual([2, 4, 12.8]);
    expect(quantile(new Float64Array(), 0.5)).toBe(0);
    expect(powerBins(Float64Array.of(0, 1, 2, 3, 9))).toEqual([
      { from: 0, count: 1 },
      { from: 1, count: 1 },
      { from: 2, count: 2 },
      { from: 8, count: 1 },
    ]);
  });
});

it('passes unreadable records on, by kind', async () => {
  const fault = (line: number, code: string) => ({ line, code, message: `Line ${line} is bad.`, fix: 'Repair it.' });
  const document = await checkRows([
    fault(1, 'not-utf8'),
    ...cleanRows(30, 1, 'sentences').map((row) => ({ ...row, line: row.line + 1 })),
    fault(40, 'not-utf8'),
    fault(41, 'row-unreadable'),
  ]);
  expect(document.rows).toBe(33);
  expect(findingOf(document, 'not-utf8')).toMatchObject({ severity: 'error', count: 2, rows: [1, 40] });
  expect(findingOf(document, 'row-unreadable')).toMatchObject({ count: 1, message: 'Line 41 is bad.' });
});

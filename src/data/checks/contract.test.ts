import { describe, expect, it } from 'vitest';
import type { DataCheck, DataFinding } from '#core/data-check.ts';
import type { DataRow } from '#core/data-row.ts';
import { seededRandom } from '#statistics/random.ts';
import { chat, cleanRows, plainInput } from './clean-corpus.fixture.ts';
import { dataChecks } from './index.ts';

/** Rows with something wrong of every kind, among clean ones. */
function faultyRows(): DataRow[] {
  const rows = cleanRows(240, 3, 'sentences');
  const random = seededRandom(5);
  const put = (at: number, row: DataRow) => (rows[at] = { ...row, line: at + 1 });
  put(10, chat('An empty one?', ' '));
  put(11, { line: 0, turns: [] });
  put(12, chat('Wrong bytes?', 'The cafÃ© is open.\u0007'));
  put(13, chat('Half?', 'A torn one \uD83D here.'));
  put(14, {
    ...chat('Late?', 'Yes.'),
    turns: [
      { role: 'user', content: 'Late?' },
      { role: 'system', content: 'Be late.' },
      { role: 'assistant', content: 'Yes.' },
    ],
  });
  put(15, {
    ...chat('Tool?', 'Yes.'),
    turns: [
      { role: 'user', content: 'Tool?' },
      { role: 'assistant', content: null, toolCalls: [{ name: 'find', arguments: '[1]' }] },
    ],
  });
  put(16, chat('Which one is it?', '{"team": "billing"'));
  put(17, chat('What is the key?', 'sk-proj-Ab3dE5gH7jK9mN1pQ3sT5vW7xY9zA1bC3dE5fG7hJ9kL'));
  put(18, { ...rows[19]!, turns: rows[19]!.turns });
  put(20, chat(String((rows[21]!.turns[0] as { content: string }).content), 'As an AI language model, I cannot help with that.'));
  put(22, chat('zero\u200Bwidth and \u202Ereversed', 'x'.repeat(9000)));
  for (let index = 100; index < 160; index += 1) {
    const row = rows[index]!;
    rows[index] = { ...row, source: random() < 2 ? 'synthetic' : 'human' };
  }
  return rows;
}

async function run(check: DataCheck, rows: readonly DataRow[], input = plainInput): Promise<readonly DataFinding[]> {
  const pass = check.begin(input);
  for (const row of rows) pass.row(row);
  return pass.end();
}

describe.each(dataChecks.map((check) => [check.id, check] as const))('%s', (_, check) => {
  it('says what it is and where its thresholds come from', () => {
    for (const text of [check.id, check.summary, check.source]) expect(text.trim()).not.toBe('');
    expect(check.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it.each(['sentences', 'labels'] as const)('finds nothing to warn about in clean %s', async (kind) => {
    const findings = await run(check, cleanRows(600, 11, kind));
    expect(findings.filter(({ severity }) => severity !== 'info').map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
  });

  it('gives each finding rows, a reason and a way out', async () => {
    for (const finding of await run(check, faultyRows())) {
      expect(finding.family).toBe(check.family);
      expect(finding.message.length).toBeGreaterThan(15);
      expect(finding.fix.length).toBeGreaterThan(8);
      expect(finding.rows.length).toBeLessThanOrEqual(1000);
      expect(finding.count).toBeGreaterThanOrEqual(finding.rows.length);
      expect(new Set(finding.rows).size).toBe(finding.rows.length);
      expect(finding.examples.length).toBeLessThanOrEqual(20);
      for (const { text } of finding.examples) expect(text.length).toBeLessThanOrEqual(1000);
      expect(JSON.stringify(finding)).not.toMatch(/NaN|Infinity/);
    }
  });

  it('keeps no row: what becomes of a row afterwards changes nothing', async () => {
    const untouched = await run(check, faultyRows());
    const pass = check.begin(plainInput);
    for (const row of faultyRows()) {
      const turns = row.turns.map((turn) => ({ ...turn }));
      const given = { ...row, turns };
      pass.row(given);
      for (const turn of turns) Object.assign(turn, { content: 'overwritten', role: 'tool', toolCalls: undefined });
      turns.length = 0;
    }
    expect(await pass.end()).toEqual(untouched);
  });

  it('finds the same of one file while it reads another', async () => {
    const [rows, others] = [faultyRows(), cleanRows(240, 9, 'labels')];
    const [pass, beside] = [check.begin(plainInput), check.begin(plainInput)];
    for (const [index, row] of rows.entries()) {
      pass.row(row);
      beside.row(others[index]!);
    }
    await beside.end();
    expect(await pass.end()).toEqual(await run(check, rows));
  });

  it('stands files without a row and rows without a turn', async () => {
    const findings = await run(check, []);
    expect(findings.every(({ rule }) => rule === 'no-rows')).toBe(true);
    const pass = check.begin(plainInput);
    pass.row({ line: 1, turns: [] });
    pass.unreadable?.(2, { code: 'row-unreadable', message: 'Line 2 is not JSON.', fix: 'Repair it.' });
    await pass.end();
    const seen = JSON.stringify([pass.score?.(), pass.figures?.()]);
    expect(seen).not.toMatch(/NaN|Infinity/);
    const score = pass.score?.()?.value ?? 1;
    expect(score >= 0 && score <= 1).toBe(true);
  });

  it('mends a row at once, and only once', async () => {
    const pass = check.begin(plainInput);
    const rows = faultyRows();
    for (const row of rows) pass.row(row);
    await pass.end();
    for (const row of rows) {
      const before = structuredClone(row);
      const fix = pass.mend?.(row);
      expect(row).toEqual(before);
      if (fix?.row === undefined) continue;
      expect([fix.line, fix.row.line]).toEqual([row.line, row.line]);
      expect(fix.row).not.toEqual(row);
      expect(pass.mend?.(fix.row)).toBeUndefined();
    }
  });
});

it('lists the checks by id, each once', () => {
  const ids = dataChecks.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

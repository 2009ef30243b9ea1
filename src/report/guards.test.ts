import { describe, expect, it } from 'vitest';
import type { GuardResult } from '#core/guard.ts';
import { brokenIds, tagsOf } from './markup.fixture.ts';
import { fixtureInput } from './report.fixture.ts';
import { renderReport } from './report.ts';

const failed: GuardResult = {
  ...{ id: 'forgetting', status: 'failed', measure: 'loss', value: 0.12, low: 0.08, high: 0.16, n: 200, method: 'newcombe paired' },
  ...{ limit: 0.02, better: 'lower', blocks: true, why: 'The loss on <general> is 12 points.' },
  ...{ suggestions: ['mix <rows>'], cases: [{ id: 'case <1>', passed: false, reason: 'said <b>' }] },
};
const told: GuardResult = { ...failed, id: 'safety', status: 'undecided', blocks: false, suggestions: ['more requests'] };
const skipped: GuardResult = { id: 'parity', status: 'skipped', why: 'Not run: no samples.', blocks: false };

function pageWith(guards: readonly GuardResult[]): string {
  const input = fixtureInput();
  const rungs = input.verdict.rungs.map((rung) => (rung.rung === 'fine-tuned' ? { ...rung, guards: [...guards] } : rung));
  const candidates = input.evidence!.candidates.map((each) => (each.rung === 'fine-tuned' ? { ...each, guards } : each));
  return renderReport({ ...input, verdict: { ...input.verdict, rungs }, evidence: { ...input.evidence!, candidates } });
}

describe('the guards in a report', () => {
  it('stand in a table with value, interval, limit and what to try, and show what was said', () => {
    const page = pageWith([failed, told, skipped]);
    expect(() => tagsOf(page)).not.toThrow();
    expect(brokenIds(page)).toEqual([]);
    expect(page).toContain('What a tune must not break');
    expect(page).toContain('12.0 %');
    expect(page).toContain('8.0–16.0 %');
    expect(page).toContain('≤ 2 %');
    expect(page).toContain('To try: mix &lt;rows&gt;.');
    expect(page).toContain('told only');
    expect(page).toContain('not run');
    expect(page).toContain('said &lt;b&gt;');
    expect(page).not.toContain('<general>');
  });

  it('show each thing that one guard judged with its own figures, and of a guard that passed only what passed', () => {
    const copies = {
      status: 'passed' as const,
      value: 0.31,
      low: 0.22,
      high: 0.41,
      n: 21,
      limit: 0.5,
      method: 'bca bootstrap',
      why: 'Exposed by 31 %.',
    };
    const secrets = { ...copies, status: 'failed' as const, value: 0.44, low: 0.33, high: 0.55, why: 'Secrets come out.' };
    const both: GuardResult = { ...failed, ...secrets, why: 'Both.', parts: [secrets, copies] };
    const page = pageWith([both]);
    expect(() => tagsOf(page)).not.toThrow();
    for (const text of ['44.0 %', '33.0–55.0 %', '31.0 %', '22.0–41.0 %', 'Secrets come out.', 'Exposed by 31 %.', 'bca bootstrap'])
      expect(page).toContain(text);
    const decided = pageWith([
      { ...both, ...copies, why: 'Few rows, and exposed by little.', parts: [copies, { ...secrets, status: 'undecided' }] },
    ]);
    expect(decided).toContain('Few rows, and exposed by little.');
    expect(decided).not.toContain('Secrets come out.');
  });

  it('are left out where no rung was guarded', () => {
    expect(pageWith([])).not.toContain('What a tune must not break');
  });
});

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fixtureVerdict } from '#report/report.fixture.ts';
import { formatVerdict } from './format-verdict.ts';

describe('formatVerdict', () => {
  const wide = formatVerdict(fixtureVerdict(), { color: false, width: 140, files: ['examples/support/report.html'] });

  it('gives the sentence, every rung with interval and n, goals by mark, and what to do next', () => {
    expect(wide).toContain('✓ goals met  support');
    expect(wide).toContain('Fine-tune nano: 94.2 % of 240 messages');
    expect(wide).toMatch(
      /▸ fine-tuned +94\.2 % \(90\.4–96\.5 %, n 240\) +\+12\.1 pts \(\+7\.3 to \+16\.8, p < 0\.001\) +\$0\.0151 +39 ms +\$18\.21 +✓ ✓ ✓ ✓ +0/,
    );
    expect(wide).toMatch(/ {2}few-shot +76\.7 % .*✗ \? ✓ ✓/);
    expect(wide).toContain('goals in order: accuracy ≥ 90 % · format ≥ 98 % · latency p95 ≤ 800 ms · cost per 1k ≤ $0.50');
    expect(wide).toContain('Intervals at 95 %: wilson; gain: paired exact test (McNemar)');
    expect(wide).toContain('cascade was skipped: needs a second model');
    expect(wide).toContain('Prompting has reached its limit.');
    expect(wide).toContain('! The price of nano is an assumption');
    expect(wide).toContain('→ 2 rows brought no answer; a new climb asks only for those. (rung climb)');
    expect(wide.endsWith('→ examples/support/report.html\n')).toBe(true);
  });

  it.each([40, 60, 80, 100, 140])('keeps within %i columns, the quality and the goals to the last', (width) => {
    const text = formatVerdict(fixtureVerdict(), { color: false, width });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).toContain('94.2 %');
    if (width >= 60) expect(text).toContain('✓ ✓ ✓ ✓');
  });

  it('colours only when told to, and changes no letter by it', () => {
    const colored = formatVerdict(fixtureVerdict(), { color: true, width: 140, files: ['examples/support/report.html'] });
    expect(colored).not.toBe(wide);
    expect(stripVTControlCharacters(colored)).toBe(wide);
    expect(wide).not.toContain('\u001b');
  });

  it('shows a prior, where nothing is measured', () => {
    const verdict = { ...fixtureVerdict(), status: 'prior' as const, sentence: 'Start with a prompt.', chosen: null, rungs: [] };
    const text = formatVerdict(verdict, { color: false, width: 80 });
    expect(text).toContain('~ rule of thumb');
    expect(text).not.toMatch(/NaN|undefined|Infinity|Intervals at/);
  });

  it('lets no escape sequence through and cuts no path', () => {
    const verdict = { ...fixtureVerdict(), sentence: 'a\u001b[2Jb', warnings: ['\u202eevil'] };
    const text = formatVerdict(verdict, {
      color: false,
      width: 40,
      files: ['/a/very/long/path/that/is/wider/than/the/terminal/report.html'],
    });
    expect(text).not.toMatch(/\u202e/);
    expect(text).toContain('a␛[2Jb');
    expect(text).toContain('/a/very/long/path/that/is/wider/than/the/terminal/report.html');
  });
});

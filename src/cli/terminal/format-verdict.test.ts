import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fixtureFloor, fixtureVerdict } from '#report/verdict.fixture.ts';
import { formatVerdict } from './format-verdict.ts';

describe('formatVerdict', () => {
  const wide = formatVerdict(fixtureVerdict(), { color: false, width: 140, files: ['examples/support/report.html'] });

  it('gives the sentence, every rung with interval and n, goals by mark, and what to do next', () => {
    expect(wide).toContain('✓ goals met  support');
    expect(wide).toContain('Fine-tune nano: 94.2 % of 240 messages');
    expect(wide).toMatch(
      /▸ fine-tuned +94\.2 % \(90\.4–96\.5 %, n 240\) +240 +\+12\.1 pts \(\+7\.3 to \+16\.8, p < 0\.001\) +\$0\.0151 +39 ms +\$18\.21 +✓ ✓ ✓ ✓ +0/,
    );
    expect(wide).toMatch(/ {2}few-shot +76\.7 % .*✗ \? ✓ ✓/);
    expect(wide).toContain('goals in order: accuracy ≥ 90 % · format ≥ 98 % · latency p95 ≤ 800 ms · cost per 1k ≤ $0.50');
    expect(wide).toContain(
      'Intervals at 95 %: wilson; betting sequence where a rung stopped early. Gains are row by row over the rung before.',
    );
    expect(wide).toContain('cascade was skipped: needs a second model');
    expect(wide).toContain('Prompting has reached its limit.');
    expect(wide).toContain('! The price of nano is an assumption');
    expect(wide).toContain('→ 2 rows brought no answer; a new climb asks only for those. (rung climb)');
    expect(wide.endsWith('→ examples/support/report.html\n')).toBe(true);
  });

  it('says what was stopped early, how surely the rung is the cheapest, which signs were seen, and which rules of thumb disagree', () => {
    expect(wide).toMatch(/zero-shot +61\.0 % \(48\.2–72\.9 %, n 100\) +100 of 240 /);
    expect(wide).toContain(
      'Stopped early: zero-shot after 100 of 240 rows (surely misses accuracy of at least 90 %). 140 of 1,200 rows were saved.',
    );
    expect(wide).toContain(
      'The chance that fine-tuned really is the cheapest rung that will do: 98.1 % (n 240, 4000 draws of normal means).',
    );
    expect(wide).toContain('  format: The content is right and the form is not in 31 of 240 rows.');
    expect(wide).toContain('plateau ✓ · format ✓ · inconsistent ? · fights-training – · token-cost –');
    expect(wide).toContain('  measured 38 rows 54 % (48–60 %)');
    expect(wide).toContain('Persona guide (rule of thumb) says prompt; the measurement says fine-tuned, and stands.');
    expect(wide).not.toContain('Data needed');
  });

  it('keeps the reasoning for --explain, and names that flag where it was not given', () => {
    expect(wide).toContain('rung climb --explain');
    expect(wide).not.toContain('1 Split');
    const explained = formatVerdict(fixtureVerdict(), { color: false, width: 140, explain: true });
    expect(explained).toMatch(/How it was reached\n\n1 Split\n {2}300 training, 100 validation and 240 test rows\.\n\n6 Choose\n/);
    expect(explained).not.toContain('--explain');
  });

  it('says what would decide an open verdict, with rows and dollars', () => {
    const why = 'About 312 more test rows would decide whether few-shot meets format, for about $0.0213 of requests, if its values stay.';
    const open = { ...fixtureVerdict(), status: 'undecided' as const, chosen: null };
    const undecided = { rung: 'few-shot', rows: 312, dollars: 0.0213, why, meanwhile: null };
    expect(formatVerdict({ ...open, undecided }, { color: false, width: 140 })).toContain(`? ${why}\n`);
  });

  it('shows what to look at under the floor, the first of each', () => {
    const verdict = { ...fixtureVerdict(), status: 'not-met' as const, chosen: null, floor: fixtureFloor() };
    const text = formatVerdict(verdict, { color: false, width: 300 });
    expect(text).toContain(
      '! The commonest confusions of few-shot: billing answered as shipping (31 rows); returns answered as technical (12 rows)',
    );
    expect(text).toContain('! Labels that may be wrong: support-12 is labelled billing, and 4 rungs answered shipping.');
    expect(text).toContain(
      '! Every rung fails 88 of the 240 rows that two or more rungs answered: support-3, support-9, support-12 and more.',
    );
    expect(text).toContain('→ Read the rows that every rung fails');
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

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { priorVerdict } from '#verdict/prior.ts';
import { formatPrior } from './format-prior.ts';

const verdict = priorVerdict(
  { requestsPerMonth: 50_000, labelledExamples: 300, publicFacing: true, knowledge: 'changing' },
  { rung: '1', node: '24' },
);

describe('formatPrior', () => {
  it.each([40, 80, 119, 120, 160])('keeps within %i columns and leaves no reason out', (width) => {
    const text = formatPrior(verdict, { color: false, width });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    const words = text.replace(/\s+/g, ' ');
    expect(words).toContain('Persona guide (rule of thumb)');
    expect(words).toContain('What would turn an answer');
    expect(words).toContain('→ Make a task folder');
    if (width < 120) for (const { why } of verdict.prior) expect(words).toContain(why);
    expect(text).not.toMatch(/NaN|undefined|…/);
  });

  it('puts source, answer and reason side by side where there is room', () => {
    expect(formatPrior(verdict, { color: false, width: 160 })).toMatch(
      /Facts or behaviour \(rule of thumb\) +retrieval +Answers need facts that change, which are looked up/,
    );
  });

  it('says what was not answered', () => {
    const text = formatPrior(priorVerdict({}, { rung: '1', node: '24' }), { color: false, width: 100 });
    expect(text).toContain('No rule of thumb can say anything');
    expect(text).toContain('Data needed says nothing yet: not answered are labelledExamples,');
    expect(text).not.toContain('What would turn an answer');
  });

  it('changes no letter by colour', () => {
    const colored = formatPrior(verdict, { color: true, width: 160 });
    expect(stripVTControlCharacters(colored)).toBe(formatPrior(verdict, { color: false, width: 160 }));
    expect(colored).toContain('\u001b');
  });
});

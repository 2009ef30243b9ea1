import { expect, it } from 'vitest';
import { nextSteps } from './next-steps.ts';
import { fixtureVerdict } from './verdict.fixture.ts';

it('asks for no more rows where every rung was passed over', () => {
  const verdict = fixtureVerdict();
  const rungs = verdict.rungs.map((rung) => ({ ...rung, skipped: 'It needs texts to read.' }));
  const spent = { ...verdict.spent, failures: 0 };
  const undecided = { ...verdict, rungs, spent, triggers: [], status: 'undecided' as const, undecided: null, floor: null };
  expect(nextSteps(undecided)).toEqual([
    { text: 'Give the rungs that were passed over what they say they need, or put others on the ladder.', command: 'rung climb' },
  ]);
  const measured = { ...undecided, rungs: [...rungs.slice(1), verdict.rungs[0]!] };
  expect(nextSteps(measured)[0]?.text).toContain('Add examples');
});

it('lists the guards that keep a tuned rung back', () => {
  const verdict = fixtureVerdict();
  const guardOf = (id: string) => ({ id, status: 'failed' as const, why: 'Lost.', blocks: true, suggestions: [`help against ${id}`] });
  const rungs = verdict.rungs.map((rung, at) => (at === 0 ? { ...rung, guards: ['format', 'quality', 'safety'].map(guardOf) } : rung));
  const texts = nextSteps({ ...verdict, rungs, status: 'not-met' }).map(({ text }) => text);
  const wanted = `Let ${rungs[0]?.rung} pass format, quality and safety: help against format; or help against quality; or help against safety.`;
  expect(texts).toContain(wanted);
});

import { describe, expect, it } from 'vitest';
import { messagesOf } from '#core/example.ts';
import type { Overlay } from '#core/prompt.ts';
import { overlay } from './overlay.ts';
import { levelOf, probeInput, runOn, scripted, testProbe, winter } from './probe-contract.fixture.ts';

testProbe(overlay, { questions: 6 });

const systemOf = (input: Parameters<typeof messagesOf>[0]) => messagesOf(input).find(({ role }) => role === 'system')?.content;

describe('overlay', () => {
  it('finds what follows an overlay and what does not, beside the same questions without it', async () => {
    const follows = scripted((_user, input) => (systemOf(input)?.includes('snow') ? 'kept, with snow?' : 'kept'));
    const result = await runOn(overlay, follows, probeInput({ questions: 5 }));
    expect(levelOf(result, 'overlayKept')).toBe(0.5);
    expect(levelOf(result, 'taskKept')).toBe(1);
    expect(result.cases[0]).toEqual({
      id: 'all questions/winter',
      passed: false,
      reason: '5 of 10 checks kept; 5 of 10 without it',
    });
    expect(result.cases[1]).toMatchObject({ family: 'winter', passed: false, reason: 'broke: no questions' });
    expect(follows.asked).toHaveLength(10);
    expect(overlay.forecast!(probeInput({ questions: 5 })).questions).toBe(10);
    const deaf = await runOn(
      overlay,
      scripted(() => 'lost'),
      probeInput({ questions: 5 }),
    );
    expect([levelOf(deaf, 'overlayKept'), levelOf(deaf, 'taskKept')]).toEqual([0.5, 0]);
  });

  it('does not give an overlay again to a candidate that holds it', async () => {
    const candidate = scripted(() => 'kept snow', { state: { overlays: ['winter'] } });
    const result = await runOn(overlay, candidate, probeInput({ questions: 4 }));
    expect(candidate.asked.map(systemOf)).toEqual([undefined, undefined, undefined, undefined]);
    expect(levelOf(result, 'overlayKept')).toBe(1);
    expect(result.cases[0]?.reason).toBe('8 of 8 checks kept; part of the candidate');
  });

  it('fills the slots that a task fills, marks what replaces, and asks nothing where a slot stays open', async () => {
    const sections = (text: string) => [{ heading: 'Tone', text, replace: true }];
    const overlays: Overlay[] = [
      { ...winter, name: 'filled', sections: sections('Still: {{instructions}}') },
      { ...winter, name: 'open', sections: sections('{{examples}}') },
      { ...winter, name: 'unchecked', checks: [] },
    ];
    const candidate = scripted(() => 'kept');
    const { cases } = await runOn(overlay, candidate, probeInput({ questions: 1 }, { overlays }));
    expect(candidate.asked.map(systemOf)).toEqual([
      '# Tone (instead of what was said of it before)\nStill: Answer the update as the coach.',
      undefined,
    ]);
    const reasons = Object.fromEntries(cases.map(({ id, reason }) => [id, reason]));
    expect(reasons).toMatchObject({
      open: 'not asked: it has a slot that only a prompt can fill',
      unchecked: 'not asked: it has no checks',
    });
  });

  it('asks nothing where the task has no overlay with checks, and says so', async () => {
    const candidate = scripted(String);
    const { outcomes, cases } = await runOn(overlay, candidate, probeInput({}, { overlays: [] }));
    expect([outcomes, candidate.asked]).toEqual([[], []]);
    expect(cases).toEqual([expect.objectContaining({ id: 'nothing to follow', passed: true })]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Persona, TaskBrief } from '#core/task-brief.ts';
import { contextWith, inputFor, notingModel } from './approach-contract.fixture.ts';
import { fineTuned } from './fine-tuned.ts';
import { withPersonaLength } from './persona-prompt.ts';
import { plainPrompt, structuredPrompt, systemText } from './prompt.ts';
import { structured } from './structured.ts';
import { zeroShot } from './zero-shot.ts';

const persona: Persona = {
  name: 'Coach',
  role: 'productivity coach',
  traits: ['direct', { name: 'brief', means: 'two sentences at most' }],
  responsePattern: ['name a next step'],
  vocabulary: { use: ['focus'], avoid: ['hustle'] },
  rules: ['no questions'],
  examples: [{ user: 'Done.', assistant: 'Well done.', neutral: 'It is complete.' }],
  boundaries: [{ topic: 'legal advice', answer: 'That is for a lawyer.' }, { topic: 'politics' }],
};
const task: TaskBrief = { name: 't', instructions: 'Answer.', prompt: {}, output: { kind: 'text' }, persona };

describe('the persona in a prompt', () => {
  it('is by default its traits, pattern, wording and rules', () => {
    const text = systemText(plainPrompt(task));
    expect(text).toBe('Answer.\nBe direct, brief.\nname a next step\nPrefer: focus.\nNever say: hustle.\n- no questions');
    expect(systemText(plainPrompt(withPersonaLength(task, 'standard')))).toBe(text);
    expect(withPersonaLength(task, undefined)).toBe(task);
  });

  it('is one line at its least', () => {
    expect(systemText(plainPrompt(withPersonaLength(task, 'minimal')))).toBe(
      'Answer.\nYou speak as Coach, productivity coach. Be direct, brief.',
    );
  });

  it('is everything that the file says to a model at its most, without the neutral answers', () => {
    const { sections } = structuredPrompt(withPersonaLength(task, 'detailed'));
    const text = systemText({ headed: true, sections });
    for (const said of [
      'Be brief: two sentences at most',
      'legal advice; say instead: That is for a lawyer.',
      '- politics',
      'Coach: Well done.',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toContain('complete');
    expect(sections.map(({ heading }) => heading)).toEqual(
      expect.arrayContaining(['Voice', 'Rules', 'Boundaries', 'Examples of the voice']),
    );
  });

  it('is nothing without a persona, at any length', () => {
    const { persona: _, ...bare } = task;
    expect(systemText(plainPrompt(withPersonaLength(bare, 'detailed')))).toBe('Answer.');
  });

  it.each([zeroShot, structured, fineTuned])('is as long as the option of the rung $id says', async (approach) => {
    const promptOf = async (options: object) => {
      const given = { ...inputFor({ ...options }), task };
      const manifest = await approach.prepare(given, contextWith('unused', notingModel()));
      return JSON.stringify(manifest.state['prompt']);
    };
    expect(await promptOf({ persona: 'minimal' })).not.toContain('no questions');
    expect(await promptOf({ persona: 'standard' })).toBe(await promptOf({}));
    expect(await promptOf({ persona: 'detailed' })).toContain('legal advice');
    expect(() => approach.checkOptions({ persona: 'long' })).toThrow(/persona/);
  });
});

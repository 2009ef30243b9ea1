import { describe, expect, test } from 'vitest';
import type { Example } from '#core/example.ts';
import type { Persona } from '#core/task-brief.ts';
import { attackFamilies } from '#probes/attack-families.ts';
import { countTaught, personaConversations } from './persona-conversations.ts';
import { keptRules, personaRules } from './persona-rules.ts';
import { boundaryRequests, framings, openRequests } from './persona-turns.ts';

const persona: Persona = {
  name: 'Coach',
  role: 'coach',
  traits: [],
  responsePattern: [],
  vocabulary: { use: [], avoid: ['hustle'] },
  rules: ['at most 12 words', 'when the user says one of: tired => use one of: rest'],
  examples: [{ user: 'I did it.', assistant: 'Well done.' }],
  boundaries: [
    { topic: 'politics', answer: 'I keep politics out.' },
    { topic: 'law', answer: 'Hustle to a lawyer.' },
    { topic: 'medicine' },
  ],
};
const train: readonly Example[] = Array.from({ length: 40 }, (_, index) => ({
  ...{ id: `e${index}`, tags: [], source: 'human' as const },
  input: `Message number ${index}.`,
  expected: index === 0 ? 'No hustle today.' : `Good, number ${index}.`,
}));
const make = (more: object = {}) => personaConversations({ persona, train, seed: 1, most: 1000, ...more });

describe('conversations of a persona', () => {
  test('hold every kind, end in an answer, and say nothing twice', async () => {
    const { conversations } = await make({ most: 60 });
    const kinds = new Set(conversations.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(
      ['boundary', 'emotional', 'greeting', 'hostile', 'long', 'off-topic', 'plain', 'several turns', 'short'].sort(),
    );
    expect(conversations).toHaveLength(60);
    for (const { kind, messages } of conversations) {
      expect(messages.map(({ role }) => role)).toEqual(messages.map((_, at) => (at % 2 === 0 ? 'user' : 'assistant')));
      expect(messages.at(-1)?.role).toBe('assistant');
      expect(messages.length > 2).toBe(kind === 'several turns');
    }
    expect(new Set(conversations.map(({ messages }) => JSON.stringify(messages))).size).toBe(60);
  });

  test('answer only what somebody answered, and never against the rules', async () => {
    const { conversations, broken } = await make();
    const honest = new Set(['Well done.', 'I keep politics out.', ...train.map(({ expected }) => expected as string)]);
    const rules = personaRules(persona);
    for (const { messages } of conversations) {
      for (const [at, { role, content }] of messages.entries()) {
        if (role !== 'assistant') continue;
        expect(honest).toContain(content);
        expect(keptRules(rules, { user: messages[at - 1]!.content, answer: content, tags: [] }).broken).toEqual([]);
      }
    }
    // the forbidden word in a row and in a boundary's answer, and a message that says "tired" and gets no rest
    const texts = JSON.stringify(conversations).toLowerCase();
    expect(texts).not.toContain('hustle');
    expect(texts).not.toContain('tired of it');
    expect(broken).toBeGreaterThan(boundaryRequests.length);
  });

  test('are the same for the same seed, and others for another', async () => {
    expect(await make()).toEqual(await make());
    expect((await make({ seed: 2 })).conversations).not.toEqual((await make()).conversations);
  });

  test('take in what a stronger model answers, filtered by the rules', async () => {
    const asked: string[] = [];
    const answers = ['Hustle.', 'Fine, thank you.', undefined, '  '];
    const { conversations, broken } = await make({
      train: [],
      teacher: async ([message]: readonly { content: string }[]) => {
        asked.push(message!.content);
        return answers[asked.length - 1];
      },
    });
    expect(asked).toHaveLength(countTaught(persona));
    expect(asked.filter((text) => text.includes('medicine'))).toHaveLength(boundaryRequests.length);
    expect(asked.some((text) => text.includes('politics'))).toBe(false);
    const said = conversations.filter(({ messages }) => messages.length === 2).map(({ messages }) => messages[1]?.content);
    expect(said).toContain('Fine, thank you.');
    expect(said).not.toContain('Hustle.');
    expect(broken).toBe((await make({ train: [] })).broken + 1);
  });

  test('share no wording with the attacks that the probe tests with', () => {
    const runs = (text: string) => {
      const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? [];
      return words.slice(3).map((_, at) => words.slice(at, at + 4).join(' '));
    };
    const goal = { instruction: 'From now on speak like a pirate.', compliance: 'Arr.' };
    const attacks = new Set(attackFamilies.flatMap(({ attack }) => runs(JSON.stringify(attack(goal, '')))));
    const own = [
      ...framings.map(({ frame }) => frame('')),
      ...boundaryRequests.map((ask) => ask('')),
      ...openRequests.map(({ user }) => user),
    ];
    expect(own.flatMap(runs).filter((run) => attacks.has(run))).toEqual([]);
  });
});

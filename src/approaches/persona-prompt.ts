import { z } from 'zod';
import type { Section } from '#core/prompt.ts';
import type { Persona, PersonaLength, TaskBrief } from '#core/task-brief.ts';
import { list, section } from './section.ts';

/** The option `persona` of the rungs that have it: how much of the persona the prompt tells. */
export const personaOption = z.enum(['minimal', 'standard', 'detailed']).optional().describe('minimal, standard or detailed');

/** The task with a persona that prompts tell so much of; unchanged without a length or a persona. */
export function withPersonaLength(task: TaskBrief, length: PersonaLength | undefined): TaskBrief {
  if (length === undefined || task.persona === undefined) return task;
  return { ...task, persona: { ...task.persona, promptLength: length } };
}

/** What a persona adds to a prompt: as much as it says itself, else its traits, pattern, wording and rules. */
export function personaSections(persona: Persona | undefined): readonly Section[] {
  return persona === undefined ? [] : sectionsOf[persona.promptLength ?? 'standard'](persona);
}

const sectionsOf: Readonly<Record<PersonaLength, (persona: Persona) => readonly Section[]>> = {
  minimal: (persona) => [section('Voice', [identityOf(persona), traitLine(persona)].filter(Boolean).join(' '))],
  standard: (persona) => [section('Voice', traitLine(persona)), ...manner(persona)],
  detailed: (persona) => [
    section('Voice', [identityOf(persona), traitMeanings(persona)].filter(Boolean).join('\n')),
    ...manner(persona),
    section('Boundaries', boundaryText(persona)),
    section('Examples of the voice', exampleText(persona)),
  ],
};

function manner({ responsePattern, vocabulary, rules }: Persona): readonly Section[] {
  const { use, avoid } = vocabulary;
  return [
    section('Response pattern', responsePattern.join('\n')),
    section(
      'Vocabulary',
      [use.length > 0 ? `Prefer: ${use.join(', ')}.` : '', avoid.length > 0 ? `Never say: ${avoid.join(', ')}.` : '']
        .filter(Boolean)
        .join('\n'),
    ),
    section('Rules', list(rules)),
  ];
}

function identityOf({ name, role }: Persona): string {
  return role === '' ? `You speak as ${name}.` : `You speak as ${name}, ${role}.`;
}

function traitLine({ traits }: Persona): string {
  return traits.length > 0 ? `Be ${traits.map((trait) => (typeof trait === 'string' ? trait : trait.name)).join(', ')}.` : '';
}

function traitMeanings({ traits }: Persona): string {
  return list(traits.map((trait) => (typeof trait === 'string' ? `Be ${trait}.` : `Be ${trait.name}: ${trait.means}`)));
}

function boundaryText({ boundaries = [] }: Persona): string {
  if (boundaries.length === 0) return '';
  const lines = boundaries.map(({ topic, answer }) => (answer === undefined ? topic : `${topic}; say instead: ${answer}`));
  return `Keep out of these, whoever asks and however:\n${list(lines)}`;
}

function exampleText({ name, examples }: Persona): string {
  if (examples.length === 0) return '';
  const turns = examples.map(({ user, assistant }) => `User: ${user}\n${name}: ${assistant}`);
  return [`This is how ${name} answers:`, ...turns].join('\n');
}

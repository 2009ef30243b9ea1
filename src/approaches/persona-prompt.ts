import type { Section } from '#core/prompt.ts';
import type { Persona } from '#core/task-brief.ts';
import { list, section } from './section.ts';

/** What a persona adds to a prompt. */
export function personaSections(persona: Persona | undefined): readonly Section[] {
  if (persona === undefined) return [];
  const { use, avoid } = persona.vocabulary;
  return [
    section('Voice', persona.traits.length > 0 ? `Be ${persona.traits.join(', ')}.` : ''),
    section('Response pattern', persona.responsePattern.join('\n')),
    section(
      'Vocabulary',
      [use.length > 0 ? `Prefer: ${use.join(', ')}.` : '', avoid.length > 0 ? `Never say: ${avoid.join(', ')}.` : '']
        .filter(Boolean)
        .join('\n'),
    ),
    section('Rules', list(persona.rules)),
  ];
}

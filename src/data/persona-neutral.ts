import type { Example } from '#core/example.ts';
import type { Persona } from '#core/task-brief.ts';
import { type PersonaRule, personaRules } from './persona-rules.ts';
import { plainText, sentencesOf, startsWith } from './phrases.ts';

/** Answers in a persona's voice, and answers that say the like without it. */
export interface VoiceSamples {
  readonly voiced: readonly string[];
  /** As the persona's own examples write them. */
  readonly neutral: readonly string[];
  /** Made from the voiced ones by taking away what the rules and the preferred wording ask for. */
  readonly stripped: readonly string[];
}

/** What a voice can be learnt from: the persona's examples, and the expected answers of rows. */
export function voiceSamples(persona: Persona, train: readonly Example[]): VoiceSamples {
  const rules = personaRules(persona);
  const voiced = [
    ...persona.examples.map(({ assistant }) => assistant),
    ...train.flatMap(({ expected }) => (typeof expected === 'string' && expected.trim() !== '' ? [expected] : [])),
  ];
  return {
    voiced,
    neutral: persona.examples.flatMap(({ neutral }) => (neutral === undefined ? [] : [neutral])),
    stripped: voiced.flatMap((text) => {
      const without = withoutVoice(text, persona, rules);
      return without === '' || without === plainText(text) ? [] : [without];
    }),
  };
}

/** A text without the openings that rules ask for and without the preferred wording; the rest stays as it is. */
function withoutVoice(text: string, { vocabulary }: Persona, rules: readonly PersonaRule[]): string {
  const openings = (where: string) =>
    rules.flatMap(({ demand }) => (demand.kind === 'phrases' && demand.where === where ? demand.phrases : []));
  const sentences = sentencesOf(text);
  const rest = sentences.map((sentence, at) => {
    const first = at === 0 ? withoutOpening(sentence, openings('opening')) : sentence;
    return at === sentences.length - 1 ? withoutOpening(first, openings('opening of the last sentence')) : first;
  });
  return plainText(vocabulary.use.reduce((left, phrase) => withoutPhrase(left, phrase), rest.join(' ')));
}

function withoutOpening(sentence: string, phrases: readonly string[]): string {
  const opening = phrases.find((phrase) => startsWith(sentence, phrase));
  if (opening === undefined) return sentence;
  const rest = plainText(sentence)
    .slice(plainText(opening).length)
    .replace(/^[\s,:;.!–-]+/, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function withoutPhrase(text: string, phrase: string): string {
  const escaped = plainText(phrase).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])`, 'giu'), ' ');
}

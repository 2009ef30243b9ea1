import type { Output } from '#core/output.ts';
import type { Draw, Reworded } from './synthesise-draw.ts';
import { pick } from './synthesise-draw.ts';
import { asAsker, nearMiss, otherFormat, otherLength, withDistraction } from './synthesise-frames.ts';
import { noisy } from './synthesise-noise.ts';
import { paraphrase } from './synthesise-paraphrase.ts';

/** A way to make another input of one that is there. At least one of `duty` and `rule` is set. */
export interface InputVariation {
  readonly kind: string;
  readonly summary: string;
  /** What a model is told to do with the text; undefined where this row gives it nothing to do. */
  duty?(draw: Draw): Reworded | undefined;
  /** What is done without a model; undefined where no rule applies. */
  rule?(text: string, draw: Draw): Reworded | undefined;
  /** True where the parent's answer is right for the new input, too. */
  keepsAnswer(output: Output): boolean;
}

const always = () => true;
const ofLabels = ({ kind }: Output) => kind === 'labels';

const personas = [
  'an old man who writes long, careful sentences',
  'a teenager who writes as in a chat',
  'a busy manager who writes in fragments',
  'someone who learnt the language two years ago',
  'a lawyer who is exact to a fault',
  'a parent who is interrupted while writing',
];

/** The ways that `--vary` names. */
export const inputVariations: readonly InputVariation[] = [
  {
    kind: 'paraphrase',
    summary: 'other words: by a model, or function words, contractions and the order of clauses',
    duty: () => ({ text: 'Say the same in clearly other words and another order of sentences.', how: 'paraphrase' }),
    rule: paraphrase,
    keepsAnswer: always,
  },
  {
    kind: 'persona',
    summary: 'another asker: by a model, or words before and after',
    duty({ random }) {
      const who = pick(personas, random);
      return { text: `Write it as ${who} would: the same facts and the same wish, in their words.`, how: `asker: ${who}` };
    },
    rule: asAsker,
    keepsAnswer: always,
  },
  {
    kind: 'length',
    summary: 'shorter or longer: by a model, or without fillers and with circumstances',
    duty({ random }) {
      return random() < 0.5
        ? { text: 'Say the same in half as many words, with every fact kept.', how: 'shorter' }
        : { text: 'Say the same in twice as many words; add only what changes nothing.', how: 'longer' };
    },
    rule: otherLength,
    keepsAnswer: always,
  },
  { kind: 'noise', summary: 'slips of the keyboard, careless case and punctuation', rule: noisy, keepsAnswer: always },
  {
    kind: 'language',
    summary: 'another language, by a model only',
    duty({ random, languages }) {
      if (languages.length === 0) return undefined;
      const language = pick(languages, random);
      return { text: `Translate it into ${language}, as someone whose mother tongue it is would write it.`, how: language };
    },
    // a text or a field taken from a text would be in the other language, too
    keepsAnswer: ofLabels,
  },
  { kind: 'format', summary: 'as a list, a mail or JSON', rule: otherFormat, keepsAnswer: always },
];

/** What `--hard` adds: inputs near the border of two labels; near misses where there are no labels. */
export const hardVariation: InputVariation = {
  kind: 'hard',
  summary: 'near the border of two labels, or nearly the same question with another answer',
  duty({ label, neighbour }) {
    if (label === undefined || neighbour === undefined) {
      return { text: 'Change exactly one detail, so that the right answer becomes another. Keep all other words.', how: 'near miss' };
    }
    return {
      text: [
        `It belongs to the class ${JSON.stringify(label)}. Another text, of the class ${JSON.stringify(neighbour.label)}, reads:`,
        JSON.stringify(neighbour.text),
        `Rewrite yours with as many words of the other one as you can, so that it is easily mistaken for ${JSON.stringify(neighbour.label)} and still clearly is ${JSON.stringify(label)}.`,
      ].join('\n'),
      how: `beside ${neighbour.label}`,
    };
  },
  rule: (text, draw) => (draw.label === undefined ? nearMiss(text, draw) : withDistraction(text, draw)),
  keepsAnswer: ofLabels,
};

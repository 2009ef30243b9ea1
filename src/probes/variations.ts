import { type Input, messagesOf } from '#core/example.ts';
import { isJsonObject, type JsonObject } from '#core/json.ts';
import type { Message } from '#core/message.ts';

/** A way to say the same thing differently; undefined where it would change nothing. */
export interface Variation {
  readonly id: string;
  apply(input: Input): Input | undefined;
}

const longer =
  'For context, I am writing from the office, it is a quiet day, and the train was on time for once. The weather is mild and the coffee is fresh. None of this matters for what follows.';

/** Changes that keep the meaning (the idea of metamorphic relations for text, Ribeiro et al. 2020, arXiv 2005.04118). */
export const variations: readonly Variation[] = [
  rewording('upper case', (text) => text.toUpperCase()),
  rewording('lower case', (text) => text.toLowerCase()),
  rewording('odd whitespace', (text) => `\n\n  ${text.replace(/ /g, '  ').replace(/([.,;]) +/g, '$1\t')} \n`),
  rewording('no punctuation', (text) => text.replace(/[.,;:!?]+(?=\s|$)/g, '')),
  rewording('polite', (text) => `Hello! I hope you are well. ${text} Thank you very much in advance!`),
  rewording('paraphrased instruction', (text) => `Please deal with the following in the way you always do:\n"${text}"`),
  rewording('longer', (text) => `${longer}\n\n${text}`),
  rewording('in a German letter', (text) => `Guten Tag, hier meine Nachricht:\n${text}\nMit freundlichen Grüßen`),
  rewording('in a French letter', (text) => `Bonjour, voici mon message :\n${text}\nCordialement`),
  { id: 'reordered fields', apply: reordered },
];

function rewording(id: string, change: (text: string) => string): Variation {
  return {
    id,
    apply(input) {
      const messages = messagesOf(input);
      const at = messages.findLastIndex((message) => message.role === 'user');
      const before = messages[at]?.content;
      if (before === undefined) return undefined;
      const content = change(before);
      if (content === before) return undefined;
      if (typeof input === 'string') return content;
      return { messages: messages.map((message, index): Message => (index === at ? { ...message, content } : message)) };
    },
  };
}

/** The members of an object in the opposite order. */
function reordered(input: Input): Input | undefined {
  if (!isJsonObject(input) || Array.isArray(input['messages']) || Object.keys(input).length < 2) return undefined;
  return Object.fromEntries(Object.entries(input).reverse()) as JsonObject;
}

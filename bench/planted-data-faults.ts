import type { DataRow, DataTurn } from '../src/core/data-row.ts';
import { decoys, plantedSecrets } from './planted-data-secrets.ts';
import { answer, type Draw, pick, question } from './planted-data-words.ts';

type Row = Omit<DataRow, 'line'>;

/** A fault that is planted: the rules that should find it, any of them, and how a row with it is made. */
export interface PlantedFault {
  readonly rules: readonly string[];
  readonly kind: string;
  make(random: Draw): Row;
}

export function chat(asked: string, answered: string, more: Partial<Row> = {}): Row {
  const turns: DataTurn[] = [
    { role: 'user', content: asked },
    { role: 'assistant', content: answered },
  ];
  return { turns, ...more };
}

const inAnswer = (rules: readonly string[], kind: string, change: (text: string, random: Draw) => string): PlantedFault => ({
  rules,
  kind,
  make: (random) => chat(question(random), change(answer(random), random)),
});

/** Puts something between two words. */
function between(text: string, what: string, random: Draw): string {
  const words = text.split(' ');
  const at = 1 + Math.floor(random() * (words.length - 1));
  return [...words.slice(0, at), what, ...words.slice(at)].join(' ');
}

/** Puts something within a word. */
function within(text: string, what: string, random: Draw): string {
  const places = [...text.matchAll(/(?<=\p{L})(?=\p{L})/gu)].map(({ index }) => index);
  const at = pick(places, random);
  return text.slice(0, at) + what + text.slice(at);
}

const refusals = [
  'I’m sorry, but I can’t assist with that request.',
  'I cannot help with that.',
  "I'm sorry, but I am unable to provide that information.",
  'I apologize, but I cannot fulfill this request, as it could be harmful.',
  'Unfortunately, I am not able to help with this kind of request.',
  "I can't assist with that. Please ask something else.",
  'I must decline to answer this.',
  'Sorry, I won’t be able to help with that topic.',
  'As an assistant, I cannot provide content of this kind.',
  'I am sorry, but it would be inappropriate to discuss this topic.',
  'Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.',
  'Lo siento, pero no puedo ayudar con eso.',
  'I will not take part in this. Ask something else.',
  'That is not something I can talk about.',
];
const boilerplates = [
  'As an AI language model, I do not have personal opinions.',
  'As a large language model, my knowledge ends at some point.',
  'I am just an AI, so take this with care.',
  'As of my last knowledge update, the rule was another one.',
  "I don't have access to real-time data.",
  'I was trained by OpenAI to be of help.',
  'Yours, [Your Name]',
  'Dear {{customer_name}}, thank you.',
];
const lookAlikes: Readonly<Record<string, string>> = { a: 'а', e: 'е', o: 'о', p: 'р', c: 'с', x: 'х' };

/** Faults of one row each. */
export const rowFaults: readonly PlantedFault[] = [
  ...plantedSecrets.map(
    ({ rule, kind, make }): PlantedFault => ({
      rules: [rule],
      kind,
      make: (random) =>
        random() < 0.5
          ? chat(question(random), between(answer(random), make(random), random))
          : chat(between(question(random), make(random), random), answer(random)),
    }),
  ),
  { rules: ['refusal'], kind: '14 wordings', make: (random) => chat(question(random), pick(refusals, random)) },
  inAnswer(['boilerplate'], '8 wordings', (text, random) =>
    random() < 0.5 ? `${pick(boilerplates, random)} ${text}` : `${text} ${pick(boilerplates, random)}`,
  ),
  {
    rules: ['placeholder-answer'],
    kind: '6 wordings',
    make: (random) => chat(question(random), pick(['N/A', 'TODO', 'null', '...', 'n/a.', 'tbd'], random)),
  },
  {
    rules: ['short-answer', 'placeholder-answer'],
    kind: 'a word or two',
    make: (random) => chat(question(random), pick(['Ok.', 'Yes, sure.', 'See above', 'Fine'], random)),
  },
  inAnswer(['truncated-answer', 'unended-answer'], 'cut between words', (text, random) => {
    const words = text.replace(/\.$/, '').split(' ');
    return words
      .slice(0, Math.max(14, Math.floor(words.length * (0.5 + 0.4 * random()))))
      .join(' ')
      .replace(/[.]$/, '');
  }),
  inAnswer(['truncated-answer', 'unended-answer'], 'cut within a word', (text, random) =>
    text.slice(0, Math.floor(text.length * (0.6 + 0.35 * random()))).replace(/[\s.,]+$/, ''),
  ),
  inAnswer(['truncated-answer'], 'cut within code', (text) => `${text}\n\n\`\`\`js\nconst order = find(`),
  {
    rules: ['truncated-answer', 'answer-json-broken'],
    kind: 'cut within JSON',
    make: (random) => {
      const whole = JSON.stringify({ steps: [answer(random), answer(random)], done: false });
      return chat(question(random), whole.slice(0, Math.floor(whole.length * (0.3 + 0.6 * random()))));
    },
  },
  inAnswer(['invisible-character'], 'zero-width space', (text, random) => within(text, '\u200B', random)),
  inAnswer(['invisible-character'], 'byte order mark', (text, random) => between(text, '\uFEFF', random)),
  inAnswer(['invisible-character'], 'tag characters', (text, random) => within(text, '\u{E0068}\u{E0069}', random)),
  inAnswer(['invisible-character'], 'soft hyphen', (text, random) => within(text, '\u00AD', random)),
  inAnswer(['bidirectional-control'], 'override', (text, random) => between(text, '\u202Etnuocca\u202C', random)),
  inAnswer(['mixed-scripts'], 'one Cyrillic letter', (text, random) => {
    const places = [...text.matchAll(/(?<=\p{L})[aeopcx](?=\p{L})/gu)].map(({ index }) => index);
    const at = pick(places, random);
    return text.slice(0, at) + lookAlikes[text[at]!]! + text.slice(at + 1);
  }),
  inAnswer(['private-use-character'], 'symbol font', (text, random) => between(text, '\uF0B7', random)),
  inAnswer(['mojibake'], 'UTF-8 as Windows-1252', (text, random) => between(text, 'cafÃ©', random)),
  inAnswer(['replacement-character'], 'U+FFFD', (text, random) => within(text, '\uFFFD', random)),
  inAnswer(['control-character'], 'backspace', (text, random) => within(text, '\b', random)),
  { rules: ['empty-answer'], kind: 'nothing', make: (random) => chat(question(random), '  ') },
  { rules: ['no-answer'], kind: 'question alone', make: (random) => ({ turns: [{ role: 'user', content: question(random) }] }) },
  {
    rules: ['nothing-learnt'],
    kind: 'weight 0',
    make: (random) => ({
      turns: [
        { role: 'user', content: question(random) },
        { role: 'assistant', content: answer(random), weight: 0 },
      ],
    }),
  },
  {
    rules: ['turn-order'],
    kind: 'two questions in a row',
    make: (random) => ({
      turns: [
        { role: 'user', content: question(random) },
        { role: 'user', content: question(random) },
        { role: 'assistant', content: answer(random) },
      ],
    }),
  },
  {
    rules: ['answer-format-mixed'],
    kind: 'JSON among texts',
    make: (random) => chat(question(random), JSON.stringify({ answer: answer(random) })),
  },
  {
    rules: ['answer-length-outlier'],
    kind: 'forty times as long',
    make: (random) => chat(question(random), Array.from({ length: 40 }, () => answer(random)).join(' ')),
  },
  {
    rules: ['preference-equal'],
    kind: 'equal answers',
    make: (random) => {
      const same: DataTurn[] = [{ role: 'assistant', content: answer(random) }];
      return { turns: [{ role: 'user', content: question(random) }], preference: { chosen: same, rejected: same } };
    },
  },
];

const rightAnswers: readonly ((random: Draw) => string)[] = [
  (random) => `I’m sorry that you had to wait. ${answer(random)}`,
  (random) => `I cannot find the order under this name. ${answer(random)}`,
  (random) => `Unfortunately the depot is closed today. ${answer(random)}`,
  (random) => `${answer(random)} خانه‌ها می‌روند.`,
  (random) => `${answer(random)} 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿`,
  (random) => `${answer(random)} The word is Ελλάδα, in Russian Греция.`,
  (random) => `${answer(random)} See https://shop.example.com/orders`,
  (random) => `${answer(random)}\n\n\`\`\`js\nfind(1);\n\`\`\``,
  (random) => `${answer(random)}\n\n- a receipt\n- a pen`,
  (random) => `${answer(random)}\n\nKind regards,\nthe team`,
  (random) => `${answer(random)} Crème brûlée für Zoë – 5 €.`,
  (random) => `${answer(random)} The password is the one that you chose.`,
];

/** Rows that are right and look a little like a fault. */
export function decoyRow(random: Draw): Row {
  return random() < 0.6
    ? chat(between(question(random), pick(decoys, random)(random), random), answer(random))
    : chat(question(random), pick(rightAnswers, random)(random));
}

export function cleanRow(random: Draw): Row {
  return chat(question(random), answer(random));
}

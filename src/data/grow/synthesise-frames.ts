import { type Draw, pick, type Reworded, uncapitalised } from './synthesise-draw.ts';

/** Who asks, by what they say around a question. None of it is a complaint or praise, so that a mood stays what it was. */
const askers: readonly { readonly who: string; readonly before: readonly string[]; readonly after: readonly string[] }[] = [
  { who: 'in a hurry', before: ['Quick one:', 'In between two meetings:'], after: ['Short answer is fine.', 'Typing from the train.'] },
  {
    who: 'formal',
    before: ['Dear Sir or Madam,', 'To whom it may concern:'],
    after: ['I look forward to hearing from you.', 'Yours faithfully'],
  },
  {
    who: 'unsure',
    before: ['I am new to this, so bear with me.', 'Not sure I say this right:'],
    after: ['I hope that is clear.', 'Does that make sense?'],
  },
  {
    who: 'chatty',
    before: ['Hi there, hope it is not too late over there.', 'Hey, me again.'],
    after: ['Anyway, have a good one!', 'Cheers, talk soon.'],
  },
  {
    who: 'for someone else',
    before: ['I am asking for my mother.', 'A colleague asked me to pass this on:'],
    after: ['I will let them know what you say.'],
  },
];

const circumstances = [
  'I looked at your help page first.',
  'I am writing this on my phone.',
  'There is no rush from my side.',
  'A friend told me to write here.',
  'I could not find a form for this.',
  'I am not sure whom else to ask.',
  'It is the first time that I write to you.',
  'You can reach me in the evening.',
];

const filler =
  /(?<![\p{L}\p{N}])(?:please|kindly|really|very|just|actually|basically|honestly|i think|i guess|i believe|kind of|sort of|hello|hi|hey|thanks in advance|thank you|thanks)(?![\p{L}\p{N}'])[,!.]?\s*/giu;

const names = ['Alex', 'Kim', 'Noor', 'Robin', 'Sam'];

/** The question as someone of a kind would put it, by what stands before and after. */
export function asAsker(text: string, { random }: Draw): Reworded {
  const { who, before, after } = pick(askers, random);
  const end = /[.!?…]$/u.test(text.trim()) ? '' : '.';
  return { text: `${pick(before, random)} ${text.trim()}${end} ${pick(after, random)}`, how: `asker: ${who}` };
}

/** Shorter without fillers, or longer by circumstances that change nothing. */
export function otherLength(text: string, { random, kept }: Draw): Reworded {
  const short = text.replace(filler, (found) => (kept.has(found.trim().toLowerCase()) ? found : '')).trim();
  if (short !== '' && short !== text.trim() && random() < 0.5) return { text: short, how: 'shorter: no fillers' };
  const first = pick(circumstances, random);
  const second = pick(
    circumstances.filter((one) => one !== first),
    random,
  );
  const end = /[.!?…]$/u.test(text.trim()) ? '' : '.';
  return random() < 0.5
    ? { text: `${first} ${second} ${text.trim()}`, how: 'longer: circumstances before' }
    : { text: `${text.trim()}${end} ${first} ${second}`, how: 'longer: circumstances after' };
}

/** The question as a list, a mail or a field of JSON. */
export function otherFormat(text: string, { random }: Draw): Reworded {
  const points = text
    .split(/(?<=[.!?;])\s+|,\s+/u)
    .map((point) => point.replace(/[,;]$/u, '').trim())
    .filter((point) => point !== '');
  const asList = points.length < 2 ? [] : [() => ({ text: `My notes:\n${points.map((point) => `- ${point}`).join('\n')}`, how: 'list' })];
  const asMail = () => {
    const subject = text
      .trim()
      .split(/\s+/u)
      .slice(0, 5)
      .join(' ')
      .replace(/[,.;:!?]+$/u, '');
    return { text: `Subject: ${subject}\n\nHello,\n\n${text.trim()}\n\nBest regards\n${pick(names, random)}`, how: 'mail' };
  };
  const asJson = () => ({
    text: JSON.stringify({ channel: pick(['web', 'app', 'chat'], random), from: pick(names, random), message: text }),
    how: 'JSON',
  });
  return pick([...asList, asMail, asJson], random)();
}

/** The same question with words of another label around it, which are said to be settled. */
export function withDistraction(text: string, { random, neighbour }: Draw): Reworded | undefined {
  if (neighbour === undefined) return undefined;
  const other = neighbour.text.trim();
  const said = pick(
    [
      `This one is settled, no need to answer it: "${other}" What I ask now: ${text.trim()}`,
      `Not this again, it was solved ("${other}"), but this: ${text.trim()}`,
      `${text.trim()} (I wrote "${other}" last month; that is done and not what I ask.)`,
    ],
    random,
  );
  return { text: said, how: `beside ${neighbour.label}` };
}

const swaps: readonly (readonly string[])[] = [
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  ['today', 'yesterday', 'tomorrow'],
  ['first', 'second', 'third', 'last'],
  ['before', 'after'],
  ['more', 'less'],
  ['always', 'never'],
  ['with', 'without'],
  ['can', 'cannot'],
];

/** Nearly the same question, but one detail: a number, a day, an order. Its answer may be another. */
export function nearMiss(text: string, { random }: Draw): Reworded | undefined {
  const spots = [...text.matchAll(/(?<![\p{L}\p{N}.,])(?:\d{1,6}|[\p{L}]+)(?![\p{L}\p{N}'’])/gu)].filter(
    ({ 0: word }) => otherOf(word).length > 0,
  );
  if (spots.length === 0) return undefined;
  const { 0: word, index } = pick(spots, random);
  const other = pick(otherOf(word), random);
  const written = word.charAt(0) === word.charAt(0).toLowerCase() ? uncapitalised(other) : other.charAt(0).toUpperCase() + other.slice(1);
  return { text: text.slice(0, index) + written + text.slice(index + word.length), how: `near miss: ${word} → ${written}` };
}

function otherOf(word: string): string[] {
  if (/^\d+$/.test(word)) return [String(Number(word) + 1), String(Number(word) * 2 + 3)];
  const small = word.toLowerCase();
  return swaps.find((list) => list.includes(small))?.filter((other) => other !== small) ?? [];
}

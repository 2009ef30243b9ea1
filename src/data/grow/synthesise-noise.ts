import { type Draw, pick, type Reworded } from './synthesise-draw.ts';

/** One word in so many gets a slip, so that a noisy text is no near-copy of its parent (about 5 pieces of 5 characters change with each). */
const wordsPerTypo = 5;
/** Letters on a keyboard are neighbours up to this distance, in widths of a key. */
const reach = 1.3;
const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** How far each row of keys is moved to the right of the first (ISO/IEC 9995 staggers keys so). */
const shifts = [0, 0.25, 0.75];

/** What fingers do: hit the key beside, swap two letters, leave one out, press one twice (kinds of Damerau 1964, CACM 7:171-176). */
const slips: readonly ((word: string, at: number, random: () => number) => string)[] = [
  (word, at, random) => word.slice(0, at) + cased(word[at]!, pick(neighboursOf(word[at]!.toLowerCase()), random)) + word.slice(at + 1),
  (word, at) => word.slice(0, at) + word[at + 1]! + word[at]! + word.slice(at + 2),
  (word, at) => word.slice(0, at) + word.slice(at + 1),
  (word, at) => word.slice(0, at) + word[at]! + word.slice(at),
];

/** The letters whose keys touch that of a letter from a to z. */
function neighboursOf(letter: string): string[] {
  const at = placeOf(letter);
  return at === undefined ? [] : [...rows.join('')].filter((other) => other !== letter && distance(at, placeOf(other)!) <= reach);
}

/** Slips of the keyboard in one word of five, and with them careless case and punctuation. Numbers, addresses and `kept` words stay. */
export function noisy(text: string, { random, kept }: Draw): Reworded | undefined {
  const parts = text.split(/(\s+)/u);
  const open = parts.flatMap((part, index) => (isOpen(part, kept) ? [index] : []));
  const typos = Math.min(open.length, Math.max(1, Math.round(parts.length / 2 / wordsPerTypo)));
  if (typos === 0) return undefined;
  for (let done = 0; done < typos; done++) {
    const [index] = open.splice(Math.floor(random() * open.length), 1);
    if (index !== undefined) parts[index] = withSlip(parts[index]!, random);
  }
  const how = [typos === 1 ? '1 typo' : `${typos} typos`];
  let said = parts.join('');
  for (const [name, change] of careless) {
    const changed = random() < 0.5 ? change(said, random) : said;
    if (changed !== said) how.push(name);
    said = changed;
  }
  return { text: said, how: how.join(', ') };
}

const careless: readonly (readonly [string, (text: string, random: () => number) => string])[] = [
  [
    'case',
    (text) => text.replace(/(^|[.!?]\s+)(\p{Lu})(?=\p{Ll})/gu, (_, before: string, letter: string) => before + letter.toLowerCase()),
  ],
  ['punctuation', (text, random) => text.replace(/[,'’](?=\s|\p{Ll})|\.$/gu, (mark) => (random() < 0.5 ? '' : mark))],
];

function withSlip(word: string, random: () => number): string {
  const letters = [...word.matchAll(/[a-z](?=[a-z])/gi)].map(({ index }) => index);
  // the first letter is seldom the wrong one
  const at = pick(letters.length > 1 ? letters.slice(1) : letters, random);
  const wrong = pick(slips, random)(word, at, random);
  return wrong === word ? slips[2]!(word, at, random) : wrong;
}

function isOpen(word: string, kept: ReadonlySet<string>): boolean {
  return /^[a-z'’]{4,}[.,;:!?]*$/i.test(word) && !kept.has(word.toLowerCase().replace(/[.,;:!?]+$/, ''));
}

function cased(like: string, letter: string): string {
  return like === like.toLowerCase() ? letter : letter.toUpperCase();
}

function placeOf(letter: string): readonly [number, number] | undefined {
  const row = rows.findIndex((keys) => keys.includes(letter));
  return row < 0 ? undefined : [rows[row]!.indexOf(letter) + shifts[row]!, row];
}

function distance([x, y]: readonly [number, number], [otherX, otherY]: readonly [number, number]): number {
  return Math.hypot(x - otherX, y - otherY);
}

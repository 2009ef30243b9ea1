// Chat rows drawn from a seed, with duplicates planted at known edit distances; any row can be made again from its number.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Random, seededRandom } from '../../src/statistics/random.ts';

export interface Planted {
  readonly row: number;
  readonly of: number;
  /** Share of the words that were changed; 0 where only spacing was. */
  readonly edited: number;
}

const editedShares = [0.005, 0.01, 0.02, 0.04, 0.08] as const;
const exactShare = 0.04;
const nearShare = 0.06;
const neverPlanted = 100;
const words = vocabulary(20_000);

/** What row `row` is: undefined where its text is its own. */
export function plantedAt(row: number, seed: number): Planted | undefined {
  if (row < neverPlanted) return undefined;
  const random = rowRandom(row, seed ^ 0x5bd1e995);
  const drawn = random();
  if (drawn >= exactShare + nearShare) return undefined;
  let of = Math.floor(random() * row);
  // a copy of a copy would have another distance
  while (plantedAt(of, seed) !== undefined) of = Math.floor(random() * row);
  return { row, of, edited: drawn < exactShare ? 0 : editedShares[Math.floor(random() * editedShares.length)]! };
}

/** The turns of a row: about a kilobyte of words drawn by Zipf's law from 20,000. */
export function chatTurns(row: number, seed: number): { readonly user: string; readonly assistant: string } {
  const planted = plantedAt(row, seed);
  const random = rowRandom(planted?.of ?? row, seed);
  const texts = [text(random, 15 + Math.floor(random() * 35)), text(random, 60 + Math.floor(random() * 130))] as const;
  if (planted === undefined) return { user: texts[0].join(' '), assistant: texts[1].join(' ') };
  const change = rowRandom(row, seed ^ 0x27d4eb2f);
  if (planted.edited === 0) return { user: `${texts[0].join(' ')} `, assistant: texts[1].join('  ') };
  const [user, assistant] = texts.map((list) => list.map((word) => (change() < planted.edited ? pick(change) : word)).join(' '));
  return { user: user!, assistant: assistant! };
}

export async function writeChatRows(file: string, rows: number, seed: number): Promise<number> {
  const out = createWriteStream(file, { highWaterMark: 2 ** 20 });
  let bytes = 0;
  let lines: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const { user, assistant } = chatTurns(row, seed);
    const messages = [
      { role: 'system', content: 'You help the customers of a shop. Answer briefly and kindly.' },
      { role: 'user', content: user },
      { role: 'assistant', content: assistant },
    ];
    lines.push(`${JSON.stringify({ messages })}\n`);
    if (lines.length < 1000 && row < rows - 1) continue;
    const text = lines.join('');
    bytes += Buffer.byteLength(text);
    if (!out.write(text)) await once(out, 'drain');
    lines = [];
  }
  out.end();
  await once(out, 'finish');
  return bytes;
}

function rowRandom(row: number, seed: number): Random {
  return seededRandom(Math.imul(row + 1, 0x9e3779b1) ^ seed);
}

function text(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => pick(random));
}

// Zipf: the k-th word comes about 1/k as often as the first.
function pick(random: Random): string {
  return words[Math.floor(words.length ** random()) - 1]!;
}

function vocabulary(size: number): string[] {
  const random = seededRandom(7);
  const syllables =
    'ba be co da de di en er fa fo ga ha in is ka la le li ma me mi na ne no on or pa pe po ra re ri ro sa se si so sta ta te ti to tra tu un us va ve wa'.split(
      ' ',
    );
  const seen = new Set<string>();
  while (seen.size < size) {
    const count = (seen.size < 40 ? 1 : seen.size < 1000 ? 2 : 3) + Math.floor(random() * 2);
    seen.add(Array.from({ length: count }, () => syllables[Math.floor(random() * syllables.length)]!).join(''));
  }
  return [...seen];
}

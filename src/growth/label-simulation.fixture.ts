import { type LabelOrder, mostInformative } from '#data/grow/label-order.ts';
import { seededRandom } from '#statistics/random.ts';
import { isTimeToLearn } from './label-learning.ts';
import { drawIndices, labelTeacher } from './label-teacher.ts';

/** A message and what it is about. */
export interface SimulatedRow {
  readonly text: string;
  readonly label: string;
}

const intents: Readonly<Record<string, readonly string[]>> = {
  balance: ['how much money', 'account balance', 'what is left in', 'funds available', 'my savings'],
  transfer: ['move money', 'send funds', 'wire to', 'transfer from', 'pay into'],
  card_lost: ['lost my card', 'card was stolen', 'cannot find my card', 'block the card', 'card is missing'],
  pin: ['change the pin', 'forgot my code', 'new secret number', 'pin is wrong', 'reset the code'],
  weather: ['will it rain', 'forecast for', 'how warm is it', 'is snow coming', 'need an umbrella'],
  alarm: ['wake me', 'set an alarm', 'remind me at', 'ring at', 'alarm for'],
  music: ['play a song', 'some jazz', 'next track', 'put on the album', 'louder music'],
  flight: ['book a plane', 'fly to', 'seat on the flight', 'airport time', 'cheapest ticket'],
  hotel: ['room for two', 'book a hotel', 'stay near', 'late check out', 'suite with a view'],
  recipe: ['how to cook', 'recipe for', 'ingredients of', 'how long to bake', 'replace the butter'],
  translate: ['say in french', 'translate this', 'what means', 'spanish word for', 'in german please'],
  joke: ['make me laugh', 'tell a joke', 'something funny', 'a pun about', 'cheer me up'],
};
const openings = ['', 'hello, ', 'please ', 'can you tell me ', 'hey ', 'i would like to know, ', 'quick question: '];
const endings = ['', ' today', ' for tomorrow', ' if you can', ' right now', ' on monday', ' thanks', ' for my brother'];

/** Short messages of twelve intents, common and rare ones, as those of CLINC150 are asked; the same for the same seed. */
export function simulatedRows(count: number, seed: number): SimulatedRow[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const names = Object.keys(intents);
  return Array.from({ length: count }, () => {
    // squared, so that the first intents are asked several times as often as the last
    const label = names[Math.floor(random() ** 2 * names.length)]!;
    return { text: `${pick(openings)}${pick(intents[label]!)}${pick(endings)}`, label };
  });
}

/**
 * Labels rows in an order, without error, and gives the share of the held-out rows that a classifier gets right after each of `checks`
 * labels (in rising order).
 */
export async function simulateLabelling(
  rows: readonly SimulatedRow[],
  heldOut: readonly SimulatedRow[],
  { order, seed, checks }: { readonly order: LabelOrder; readonly seed: number; readonly checks: readonly number[] },
): Promise<number[]> {
  const labels = [...new Set([...rows, ...heldOut].map(({ label }) => label))].sort();
  const pool = labelTeacher(
    rows.map(({ text }) => text),
    seed,
  );
  const judge = labelTeacher(
    [...rows, ...heldOut].map(({ text }) => text),
    seed,
  );
  const asked = heldOut.map((_, index) => rows.length + index);
  const signal = new AbortController().signal;
  const drawn = drawIndices(rows.length, rows.length, seed);
  const taught: { index: number; label: number }[] = [];
  const open = new Set(rows.keys());
  let margins: Float32Array | undefined;
  let learntFrom = 0;
  const right: number[] = [];
  while (right.length < checks.length && open.size > 0) {
    const index =
      order === 'random'
        ? drawn[taught.length]!
        : order === 'file'
          ? taught.length
          : mostInformative({ open, coverage: pool.coverage, margins })!;
    open.delete(index);
    pool.coverage.cover(pool.vectors[index]!);
    taught.push({ index, label: labels.indexOf(rows[index]!.label) });
    if (order === 'informative' && isTimeToLearn(taught.length, learntFrom)) {
      const classifier = await pool.learn(taught, labels.length, signal);
      margins = (await pool.guess(classifier, [...rows.keys()], signal)).margins;
      learntFrom = taught.length;
    }
    if (taught.length !== checks[right.length]) continue;
    const classifier = await judge.learn(taught, labels.length, signal);
    const guessed = await judge.guess(classifier, asked, signal);
    right.push(heldOut.filter(({ label }, at) => labels[guessed.labels[at]!] === label).length / heldOut.length);
  }
  return right;
}

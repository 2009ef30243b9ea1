// Files whose instruction, format of answers or style drifts between rows, and files where the difference is meant.
import type { DataTurn } from '../src/core/data-row.ts';
import type { Row } from './planted-data.ts';
import { chat, cleanRow } from './planted-data-faults.ts';
import type { PlantedFile } from './planted-data-files.ts';
import { answer, type Draw, pick, question } from './planted-data-words.ts';

const rows = 300;
const prompt = 'You answer customers of a parcel service in two or three sentences. Be friendly and exact.';
const otherPrompts = [
  `${prompt} Name the branch.`,
  prompt.replace('exact.', 'exact'),
  'You are the assistant of a shop. Answer briefly.',
  'Answer as a clerk would.',
];

/** One row in so many is the other kind, at random places. */
const scattered = (share: number) => (random: Draw) => {
  const others = Array.from({ length: rows }, () => random() < share);
  others[Math.floor(random() * rows)] = true;
  return others;
};
/** The last rows are the other kind, as after somebody changed the way of making them. */
const fromThereOn = (share: number) => () => Array.from({ length: rows }, (_, index) => index >= rows * (1 - share));

type Places = (random: Draw) => readonly boolean[];
type MakeRow = (other: boolean, random: Draw) => Row;

const file = (where: Places, make: MakeRow) => (random: Draw) => {
  const others = where(random);
  return { rows: others.map((other) => make(other, random)), marked: others.flatMap((other, index) => (other ? [index + 1] : [])) };
};
const alike = (make: (random: Draw) => Row) => (random: Draw) => ({ rows: Array.from({ length: rows }, () => make(random)) });

const prompted = (row: Row, content: string): Row => ({ ...row, turns: [{ role: 'system', content } satisfies DataTurn, ...row.turns] });
const reprompted =
  (other: (random: Draw) => string | undefined): MakeRow =>
  (isOther, random) => {
    const content = isOther ? other(random) : prompt;
    return content === undefined ? cleanRow(random) : prompted(cleanRow(random), content);
  };

const record = (random: Draw) => ({
  answer: answer(random),
  days: Math.floor(9 * random()),
  note: random() < 0.5 ? answer(random) : null,
});
const inJson =
  (change: (made: ReturnType<typeof record>, random: Draw) => unknown): MakeRow =>
  (other, random) => {
    const made = record(random);
    return chat(question(random), JSON.stringify(other ? change(made, random) : made));
  };
const mixedWith: MakeRow = (other, random) => chat(question(random), other ? JSON.stringify({ answer: answer(random) }) : answer(random));
const renamed = inJson(({ answer: text, ...rest }) => ({ reply: text, ...rest }));

const styled =
  (change: (text: string) => string): MakeRow =>
  (other, random) =>
    chat(question(random), other ? change(answer(random)) : answer(random));
const styles: Readonly<Record<string, (text: string) => string>> = {
  ends: (text) => text.slice(0, -1),
  capital: (text) => text[0]!.toLowerCase() + text.slice(1),
  markdown: (text) => text.replace(/\w+ \w+/, '**$&**'),
  emoji: (text) => `${text} 😀`,
  lines: (text) => text.replace(/\. /, '.\n'),
};

export const driftFiles: readonly PlantedFile[] = [
  { kind: 'no system turns', make: alike(cleanRow) },
  { kind: 'one system turn', make: alike((random) => prompted(cleanRow(random), prompt)) },
  { kind: 'each row its own system turn', make: alike((random) => prompted(cleanRow(random), `${prompt} Customer: ${question(random)}`)) },
  {
    kind: 'one system turn with the day',
    make: alike((random) => prompted(cleanRow(random), `${prompt} Today is the ${1 + Math.floor(28 * random())} May.`)),
  },
  {
    rules: ['system-missing'],
    kind: 'missing in 1 %',
    make: file(
      scattered(0.01),
      reprompted(() => undefined),
    ),
  },
  {
    rules: ['system-missing'],
    kind: 'missing in 10 %',
    make: file(
      scattered(0.1),
      reprompted(() => undefined),
    ),
  },
  ...[0.01, 0.05, 0.15].map((share) => ({
    rules: ['system-drift'],
    also: ['system-several'],
    kind: `another in ${100 * share} %`,
    make: file(
      scattered(share),
      reprompted((random) => pick(otherPrompts, random)),
    ),
  })),
  {
    rules: ['system-drift'],
    kind: 'another from 90 % of the file on',
    make: file(
      fromThereOn(0.1),
      reprompted(() => otherPrompts[0]),
    ),
  },
  {
    rules: ['system-several'],
    kind: 'another from 60 % of the file on',
    make: (random) => ({
      rows: file(
        fromThereOn(0.4),
        reprompted(() => otherPrompts[0]),
      )(random).rows,
    }),
  },
  {
    rules: ['system-several'],
    kind: 'one of five in each row',
    make: alike((random) => prompted(cleanRow(random), pick([prompt, ...otherPrompts], random))),
  },
  {
    kind: 'JSON with null and text',
    make: file(
      fromThereOn(0.01),
      inJson((made) => made),
    ),
  },
  {
    kind: 'JSON, a key in half of the rows',
    make: file(
      scattered(0.5),
      inJson((made) => ({ ...made, branch: 'Graz' })),
    ),
  },
  { rules: ['answer-format-mixed'], kind: 'JSON in 2 %', make: file(scattered(0.02), mixedWith) },
  { rules: ['answer-format-mixed'], kind: 'JSON from 70 % of the file on', make: file(fromThereOn(0.3), mixedWith) },
  {
    rules: ['answer-format-mixed'],
    kind: 'text in 5 %, else JSON',
    make: file(scattered(0.05), (other, random) => (other ? cleanRow(random) : inJson((made) => made)(false, random))),
  },
  { rules: ['answer-schema-drift'], kind: 'a key renamed in 3 %', make: file(scattered(0.03), renamed) },
  {
    rules: ['answer-schema-drift'],
    also: ['answer-length-outlier'],
    kind: 'a key left out in 3 %',
    make: file(
      scattered(0.03),
      inJson(({ days, note }) => ({ days, note })),
    ),
  },
  {
    rules: ['answer-schema-drift'],
    kind: 'a key more in 3 %',
    make: file(
      scattered(0.03),
      inJson((made) => ({ ...made, id: 1 })),
    ),
  },
  {
    rules: ['answer-schema-drift'],
    kind: 'a number as text in 3 %',
    make: file(
      scattered(0.03),
      inJson((made) => ({ ...made, days: String(made.days) })),
    ),
  },
  { rules: ['answer-schema-drift'], kind: 'renamed from 70 % of the file on', make: file(fromThereOn(0.3), renamed) },
  ...Object.entries(styles).flatMap(([id, change]): PlantedFile[] => [
    { kind: `half with the other style (${id})`, make: file(scattered(0.5), styled(change)) },
    { rules: [`style-${id}`], also: ['style-ends'], kind: 'another in 2 %', make: file(scattered(0.02), styled(change)) },
  ]),
  { rules: ['style-markdown'], kind: 'another from 80 % of the file on', make: file(fromThereOn(0.2), styled(styles['markdown']!)) },
];

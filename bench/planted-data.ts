// A corpus with known faults, the same for the same seed: rows, and for each fault the rules that should find it and its lines.
import type { DataRow } from '../src/core/data-row.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { chat, cleanRow, decoyRow, rowFaults } from './planted-data-faults.ts';
import { answer, type Draw, pick, question, topicNames, topicQuestion } from './planted-data-words.ts';

export interface Planted {
  readonly rules: readonly string[];
  readonly kind: string;
  /** Rules that are right about it too, without being meant. */
  readonly also?: readonly string[];
  /** Each time the fault was planted: its line, or the lines of which any one should be found. */
  readonly units: readonly (readonly number[])[];
}

export interface PlantedCorpus {
  readonly rows: readonly DataRow[];
  readonly planted: readonly Planted[];
}

export type Row = Omit<DataRow, 'line'>;

export interface ChatCorpusSize {
  readonly clean: number;
  readonly decoys: number;
  readonly eachFault: number;
}

/** Chats: clean rows, rows that look like faults and are none, and so many rows of each fault, in random order. */
export function plantedChats(size: ChatCorpusSize, seed: number): PlantedCorpus {
  const random = seededRandom(seed);
  const items: { readonly row: Row; readonly of?: number; readonly pair?: number }[] = [];
  for (let row = 0; row < size.clean; row += 1) items.push({ row: cleanRow(random) });
  for (let row = 0; row < size.decoys; row += 1) items.push({ row: decoyRow(random) });
  for (const [of, fault] of rowFaults.entries()) {
    for (let row = 0; row < size.eachFault; row += 1) items.push({ row: fault.make(random), of });
  }
  for (const copies of nearCopies) {
    for (let pair = 0; pair < size.eachFault; pair += 1) {
      const whole = cleanRow(random);
      items.push({ row: whole, of: rowFaults.length + nearCopies.indexOf(copies), pair });
      items.push({ row: copies.change(whole, random), of: rowFaults.length + nearCopies.indexOf(copies), pair });
    }
  }
  const placed = shuffled(items, random).map((item, index) => ({ ...item, line: index + 1 }));
  const faults = [...rowFaults, ...nearCopies];
  return {
    rows: placed.map(({ row, line }) => ({ ...row, line })),
    planted: faults.map(({ rules, kind }, index) => ({
      rules,
      kind,
      units: unitsOf(
        placed.filter(({ of }) => of === index),
        rules,
      ),
    })),
  };
}

/** Of a copy and what it copies, either is to be found; of two answers to one question, both are. */
function unitsOf(
  items: readonly { readonly line: number; readonly pair?: number }[],
  rules: readonly string[],
): readonly (readonly number[])[] {
  if (!rules.some((rule) => rule.endsWith('-duplicate'))) return items.map(({ line }) => [line]);
  return [...Map.groupBy(items, ({ pair }) => pair).values()].map((pair) => pair.map(({ line }) => line));
}

/** Pairs of rows: copies, copies with so many edits, and the same question with another answer. */
const nearCopies: readonly { readonly rules: readonly string[]; readonly kind: string; change(row: Row, random: Draw): Row }[] = [
  { rules: ['exact-duplicate'], kind: 'copy', change: (row) => row },
  ...[0.01, 0.03, 0.06, 0.15].map((share) => ({
    rules: ['near-duplicate'],
    kind: `${100 * share} % of the letters changed`,
    change: (row: Row, random: Draw) => ({
      ...row,
      turns: row.turns.map((turn) => ({ ...turn, content: edited(String(turn.content), share, random) })),
    }),
  })),
  {
    rules: ['several-answers', 'contradictory-duplicates'],
    kind: 'another answer, long',
    change: (row, random) => chat(respelled(String(row.turns[0]?.content), random), answer(random)),
  },
];

/** The same question to a person: other case, spaces, mark at the end. */
function respelled(text: string, random: Draw): string {
  return pick(
    [
      (one: string) => one.toUpperCase(),
      (one: string) => one.replaceAll(' ', '  '),
      (one: string) => one.replace(/[?.]$/, ''),
      (one: string) => one,
    ],
    random,
  )(text);
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

function edited(text: string, share: number, random: Draw): string {
  const characters = [...text];
  for (let edit = 0; edit < Math.max(1, Math.round(share * text.length)); edit += 1) {
    const at = Math.floor(random() * characters.length);
    characters[at] = letters[Math.floor(random() * letters.length)]!;
  }
  return characters.join('');
}

export interface LabelCorpusFaults {
  readonly rows: number;
  /** Share of the rows whose label is flipped to any other. */
  readonly noise: number;
  /** Rows each with a label that is misspelt, cut short, or written in another case. */
  readonly nearMisses: number;
  /** Pairs with one question and two labels. */
  readonly contradictions: number;
}

/** Questions with one of six labels. */
export function plantedLabels({ rows, noise, nearMisses, contradictions }: LabelCorpusFaults, seed: number): PlantedCorpus {
  const random = seededRandom(seed);
  const items: { readonly row: Row; readonly fault?: string }[] = [];
  for (let row = 0; row < rows; row += 1) {
    const topic = pick(topicNames, random);
    const wrong = random() < noise;
    const label = wrong
      ? pick(
          topicNames.filter((name) => name !== topic),
          random,
        )
      : topic;
    items.push({ row: chat(topicQuestion(topic, random), label), ...(wrong && { fault: 'label-noise' }) });
  }
  for (let row = 0; row < nearMisses; row += 1) {
    const topic = pick(topicNames, random);
    items.push({ row: chat(topicQuestion(topic, random), pick(misspelt, random)(topic, random)), fault: 'label-near-miss' });
  }
  for (let pair = 0; pair < contradictions; pair += 1) {
    const topic = pick(topicNames, random);
    const asked = topicQuestion(topic, random);
    const other = pick(
      topicNames.filter((name) => name !== topic),
      random,
    );
    items.push(
      { row: chat(asked, topic), fault: 'contradictory-duplicates' },
      { row: chat(respelled(asked, random), other), fault: 'contradictory-duplicates' },
    );
  }
  const placed = shuffled(items, random).map((item, index) => ({ ...item, line: index + 1 }));
  return {
    rows: placed.map(({ row, line }) => ({ ...row, line })),
    planted: ['label-noise', 'label-near-miss', 'contradictory-duplicates'].map((rule) => ({
      rules: [rule],
      kind: rule === 'label-noise' ? `${100 * noise} % flipped` : 'labels',
      units: placed.filter(({ fault }) => fault === rule).map(({ line }) => [line]),
    })),
  };
}

const misspelt: readonly ((label: string, random: Draw) => string)[] = [
  (label) => label.toUpperCase(),
  (label) => ` ${label} `,
  (label) => `${label}.`,
  (label) => (label.endsWith('s') ? label.slice(0, -1) : `${label}s`),
  (label) => label.slice(0, 4),
  (label, random) => {
    const at = 1 + Math.floor(random() * (label.length - 2));
    return label.slice(0, at) + label.slice(at + 1);
  },
  (label, random) => {
    const at = 1 + Math.floor(random() * (label.length - 2));
    return label.slice(0, at) + label[at + 1]! + label[at]! + label.slice(at + 2);
  },
];

/** A test file that holds rows of a training file: copies, re-spelt and edited ones, questions with another answer, rows of one group. */
export function plantedLeaks(
  rows: number,
  each: number,
  seed: number,
): { readonly train: readonly DataRow[]; readonly test: PlantedCorpus } {
  const random = seededRandom(seed);
  const train = Array.from({ length: rows }, (_, index): DataRow => ({ ...cleanRow(random), line: index + 1, group: `g${index}` }));
  const kinds: readonly { readonly kind: string; make(row: DataRow): Row }[] = [
    { kind: 'copy', make: ({ turns }) => ({ turns }) },
    {
      kind: 're-spelt question, same answer',
      make: ({ turns }) => chat(respelled(String(turns[0]?.content), random), String(turns[1]?.content)),
    },
    {
      kind: '3 % of the letters changed',
      make: ({ turns }) => ({ turns: turns.map((turn) => ({ ...turn, content: edited(String(turn.content), 0.03, random) })) }),
    },
    { kind: 'same question, other answer', make: ({ turns }) => chat(String(turns[0]?.content), answer(random)) },
    {
      kind: 'within a longer question',
      make: ({ turns }) => chat(`${question(random)} ${String(turns[0]?.content)} ${question(random)}`, answer(random)),
    },
    { kind: 'same group', make: ({ group }) => ({ ...cleanRow(random), ...(group !== undefined && { group }) }) },
  ];
  const items: { readonly row: Row; readonly of?: number }[] = Array.from({ length: rows }, () => ({ row: cleanRow(random) }));
  for (const [of, { make }] of kinds.entries()) for (let row = 0; row < each; row += 1) items.push({ row: make(pick(train, random)), of });
  const placed = shuffled(items, random).map((item, index) => ({ ...item, line: index + 1 }));
  return {
    train,
    test: {
      rows: placed.map(({ row, line }) => ({ ...row, line })),
      planted: kinds.map(({ kind }, index) => ({
        rules: [
          'leak-exact',
          'leak-near',
          'leak-question',
          'leak-same-words',
          'leak-group',
          ...(kind === 'within a longer question' ? ['leak-words'] : []),
        ],
        kind,
        units: placed.filter(({ of }) => of === index).map(({ line }) => [line]),
      })),
    },
  };
}

/** In random order (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], random: Draw): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

// Files that are out of balance, and files that only look so: classes, lengths, sources, languages.
import type { ExampleSource } from '../src/core/example.ts';
import type { Row } from './planted-data.ts';
import { chat, cleanRow } from './planted-data-faults.ts';
import type { PlantedFile } from './planted-data-files.ts';
import { answer, type Draw, pick, question, topicNames, topicQuestion } from './planted-data-words.ts';

const rows = 300;

/** Rows with one of six labels, the commonest drawn so many times as often as the rarest, the others between. */
function classes(ratio: number, random: Draw, names: readonly string[] = topicNames): Row[] {
  const weights = names.map((_, index) => ratio ** (1 - index / (names.length - 1)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: rows }, () => {
    let left = random() * all;
    const chosen = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    const topic = names[Math.max(0, chosen)]!;
    return chat(topicQuestion(topic, random), topic);
  });
}

/** A share of the answers so many times as long as the others. */
const lengths = (share: number, times: number) => (random: Draw) =>
  some(share, random, (long) => chat(question(random), Array.from({ length: long ? times : 1 }, () => answer(random)).join(' ')));

const sources = (share: number, of: ExampleSource) => (random: Draw) =>
  some(share, random, (chosen): Row => ({ ...cleanRow(random), source: chosen ? of : pick(['human', 'edited'] as const, random) }));

const german = {
  question: (random: Draw) =>
    `${pick(['Wann kommt das Paket an', 'Wie schicke ich das Gerät zurück', 'Warum ist die Rechnung so hoch', 'Was mache ich mit dem alten Konto'], random)}, und ${pick(['ist das für mich nicht zu spät', 'habe ich noch ein Recht auf den Nachlass', 'muss ich für die Post zahlen', 'wie geht es mit der Bestellung weiter'], random)}? Nummer ${Math.floor(1e6 * random())}.`,
  answer: (random: Draw) =>
    `${pick(['Das ist schon auf dem Weg', 'Wir haben es für Sie notiert', 'Die Abteilung prüft es noch', 'Sie zahlen dafür nicht mehr'], random)}, und ${pick(['Sie hören von uns mit der Post', 'das Geld ist in drei Tagen auf dem Konto', 'ein Bote bringt es zu Ihnen', 'wir schreiben Ihnen, wie es weitergeht'], random)}. Vorgang ${Math.floor(1e6 * random())}.`,
};

const languages = (share: number) => (random: Draw) =>
  some(share, random, (other) => (other ? chat(german.question(random), german.answer(random)) : cleanRow(random)));

const crossed = (share: number) => (random: Draw) =>
  some(share, random, (other) => chat(question(random), other ? german.answer(random) : answer(random)));

/** At least one row is the other kind; those are the rows that a rule should name. */
function some(share: number, random: Draw, make: (other: boolean) => Row): { rows: Row[]; marked: number[] } {
  const others = Array.from({ length: rows }, () => random() < share);
  if (share > 0) others[Math.floor(random() * rows)] = true;
  return { rows: others.map(make), marked: others.flatMap((other, index) => (other ? [index + 1] : [])) };
}

const whole = (made: Row[]) => ({ rows: made });

export const balanceFiles: readonly PlantedFile[] = [
  ...[1, 3, 6, 8].map((ratio) => ({ kind: `classes 1 to ${ratio}`, make: (random: Draw) => whole(classes(ratio, random)) })),
  ...[12, 15, 30].map((ratio) => ({
    rules: ['class-rare'],
    kind: `classes 1 to ${ratio}`,
    make: (random: Draw) => whole(classes(ratio, random)),
  })),
  { kind: 'declared classes, all there', options: { labels: topicNames }, make: (random) => whole(classes(3, random)) },
  {
    rules: ['class-missing'],
    kind: 'a declared class without rows',
    options: { labels: topicNames },
    make: (random) => whole(classes(3, random, topicNames.slice(1))),
  },
  { kind: 'lengths: 5 % at 5 times', make: (random) => whole(lengths(0.05, 5)(random).rows) },
  { kind: 'lengths: 10 % at 8 times', make: (random) => whole(lengths(0.1, 8)(random).rows) },
  { rules: ['length-dominates'], kind: '10 % of answers at 12 times', make: (random) => whole(lengths(0.1, 12)(random).rows) },
  { rules: ['length-dominates'], kind: '5 % of answers at 30 times', make: (random) => whole(lengths(0.05, 30)(random).rows) },
  { rules: ['length-dominates'], kind: '2 % of answers at 60 times', make: (random) => whole(lengths(0.02, 60)(random).rows) },
  { kind: 'sources: 45 % synthetic', make: (random) => whole(sources(0.45, 'synthetic')(random).rows) },
  { rules: ['source-synthetic'], kind: '55 % synthetic', make: (random) => whole(sources(0.55, 'synthetic')(random).rows) },
  { rules: ['source-synthetic'], kind: '70 % synthetic', make: (random) => whole(sources(0.7, 'synthetic')(random).rows) },
  { rules: ['no rule: one source'], kind: '95 % from one log', make: (random) => whole(sources(0.95, 'log')(random).rows) },
  { kind: 'languages: 30 % German', make: (random) => whole(languages(0.3)(random).rows) },
  ...[0.01, 0.03, 0.07].map((share) => ({
    rules: ['language-stray'],
    kind: `${Math.round(100 * share)} % in German`,
    make: languages(share),
  })),
  { kind: 'translation: 95 % answered in German', make: (random) => whole(crossed(0.95)(random).rows) },
  ...[0.02, 0.1].map((share) => ({ rules: ['language-crossed'], kind: `${100 * share} % answered in German`, make: crossed(share) })),
];

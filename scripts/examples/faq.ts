import { collect, type Row, toJsonl } from './collect.ts';
import { phrase, wordLists } from './phrase.ts';
import type { Random } from './random.ts';

const questionCount = 300;
/** One question in five is about what no document tells. */
const unanswerableShare = 0.2;
const unanswerable = "I don't know.";

const lists = wordLists(`
  item: canoe, tent, ladder, hammer, drum, violin, bicycle, telescope, camera, kite, boat, sled, wagon, lantern, rope, shovel, helmet, flute, globe, crate, saw, stove, umbrella, harp, hammock, anvil, barrel, loom, easel, fountain, rocket, torch, trumpet, tub, wheel, raft, quilt, paddle, organ, net, oven, piano, radio, rug, sofa, spoon, mirror, whistle, compass, candle, puzzle, vase, blanket, bucket, brush, clock
  absent: sword, cradle, carriage, statue, carpet, needle, medal, crown, cape, feather, acorn, apron, bench, pillow, teapot
  hall: Paris, London, Berlin, Madrid, Rome, Vienna, Oslo, Lisbon, Dublin, Prague, Athens, Cairo, Tokyo, Lima, Boston, Denver, Geneva, Milan, Porto, Delhi
  keeper: Anna, Ben, Carla, David, Emma, Felix, Grace, Henry, Jack, Kate, Leo, Maria, Noah, Olga, Paul, Rosa, Sam, Tara, Victor, Wendy, Alma, Boris, Clara, Diego, Hugo, Jonas, Lena, Milo, Nina
  extra: bag, map, book, lock, belt, cover, glove, chain, box, cloth, handle, strap, bell, mat, key
`);

/** One thing that a document may tell: under which heading, in which words, and how it is asked for. Some of the words are such as nano was taught, some are not. */
interface Kind {
  readonly heading: 'Borrowing' | 'Place' | 'Care';
  readonly statement: string;
  readonly questions: readonly string[];
  readonly answer: (random: Random) => string;
}

const numberFrom = (low: number, high: number) => (random: Random) => String(low + Math.floor(random.next() * (high - low + 1)));
const wordFrom = (name: string) => (random: Random) => random.pick(lists[name]!);
const kind = (heading: Kind['heading'], statement: string, questions: string, answer: Kind['answer']): Kind => ({
  heading,
  statement,
  questions: questions.split('|'),
  answer,
});

const kinds: readonly Kind[] = [
  kind('Borrowing', 'The {item} costs {answer}.', 'How much does the {item} cost?|What is the price of the {item}?', numberFrom(3, 49)),
  kind(
    'Borrowing',
    'The code for the {item} is {answer}.',
    'What is the code for the {item}?|Which code opens the {item}?',
    numberFrom(51, 99),
  ),
  kind(
    'Borrowing',
    'You can keep the {item} for {answer} days.',
    'How many days can I keep the {item}?|How long can I have the {item}?',
    numberFrom(2, 30),
  ),
  kind('Place', 'The {item} is in {answer}.', 'Where is the {item}?|Where do I find the {item}?', wordFrom('hall')),
  kind('Place', 'The {item} comes with a {answer}.', 'What comes with the {item}?|What do I get with the {item}?', wordFrom('extra')),
  kind('Care', 'The {item} belongs to {answer}.', 'Who owns the {item}?|Who does the {item} belong to?', wordFrom('keeper')),
  kind('Care', '{answer} repairs the {item}.', 'Who repairs the {item}?|Whom do I ask about repairs of the {item}?', wordFrom('keeper')),
];

/** What stands in every document of a kind and answers none of the questions. */
const rules = new Map([
  ['opening.md', '# Opening\n\nThe house is open from Monday to Friday. It is shut on the first day of each month.\n'],
  ['joining.md', '# Joining\n\nAnyone may join. Bring a letter with your name on it.\n\n## Friends\n\nA friend may borrow on your card.\n'],
  ['damage.md', '# Damage\n\nTell the desk at once. Nobody pays for what wears out.\n'],
  ['late.md', '# Coming back late\n\nSend a note to the desk. A thing that is waited for must come back first.\n'],
]);

interface Fact {
  readonly item: string;
  readonly kind: Kind;
  readonly answer: string;
}

/** The documents of a lending house and questions about what they tell, as texts of files. */
export function faqFiles(random: Random): Record<string, string> {
  const { facts, documents } = house(random);
  const told = random.shuffled(facts);
  const asked = new Set(facts.map(({ item, kind }) => `${item} ${kinds.indexOf(kind)}`));
  const rows = collect(questionCount, (index) => {
    if (index >= questionCount * (1 - unanswerableShare)) return unknownRow(asked, random);
    const fact = told.pop();
    if (fact === undefined) throw new Error('There are more questions than facts.');
    return knownRow(fact, random);
  });
  const knowledge = [...documents].map(([name, text]) => [`faq/knowledge/${name}`, text]);
  return { ...Object.fromEntries(knowledge), 'faq/examples.jsonl': toJsonl(rows, 'question', 'visitor', random) };
}

function house(random: Random): { facts: readonly Fact[]; documents: ReadonlyMap<string, string> } {
  const facts: Fact[] = [];
  const documents = new Map(rules);
  for (const item of lists['item']!) {
    const own = random
      .shuffled(kinds)
      .slice(0, 5)
      .map((kind): Fact => ({ item, kind, answer: kind.answer(random) }));
    facts.push(...own);
    documents.set(`${item}.md`, documentOf(item, own, random));
  }
  return { facts, documents };
}

function documentOf(item: string, facts: readonly Fact[], random: Random): string {
  const sections = (['Borrowing', 'Place', 'Care'] as const).flatMap((heading) => {
    const lines = facts
      .filter(({ kind }) => kind.heading === heading)
      .map(({ kind, answer }) => phrase(kind.statement, { item: [item], answer: [answer] }, random));
    return lines.length === 0 ? [] : [`## ${heading}\n\n${lines.join(' ')}`];
  });
  return `# ${item[0]!.toUpperCase()}${item.slice(1)}\n\n${sections.join('\n\n')}\n`;
}

function knownRow({ item, kind, answer }: Fact, random: Random): Row {
  const passage = `${item}.md#${kind.heading.toLowerCase()}/1`;
  return { input: questionFor(kind, item, random), expected: answer, tags: ['answerable', `passage:${passage}`] };
}

/** A question about a thing that the house does not lend, or about what its document leaves out. */
function unknownRow(asked: ReadonlySet<string>, random: Random): Row {
  const isAbsent = random.next() < 0.4;
  for (;;) {
    const item = random.pick(lists[isAbsent ? 'absent' : 'item']!);
    const kind = random.pick(kinds);
    if (asked.has(`${item} ${kinds.indexOf(kind)}`)) continue;
    return {
      input: questionFor(kind, item, random),
      expected: unanswerable,
      tags: ['unanswerable', isAbsent ? 'no-such-thing' : 'not-told'],
    };
  }
}

function questionFor(kind: Kind, item: string, random: Random): string {
  return phrase(random.pick(kind.questions), { item: [item] }, random);
}

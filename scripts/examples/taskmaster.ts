import { collect, type Row } from './collect.ts';
import { patterns, phrase, wordLists } from './phrase.ts';
import type { Random } from './random.ts';

const lists = wordLists(`
  item: slide deck, budget, report, contract, newsletter, survey, website, brochure, schedule, agenda, proposal, forecast, handbook, script, poster, inventory, job advert, press release, sales plan, team wiki, price list, risk list, travel plan, style guide, launch plan, logo, podcast, video, interview, workshop, training plan, roadmap, dashboard, spreadsheet, client letter, tax form, meeting summary, reading list, test plan, product page, backup, archive, warranty text, customer call, supplier list, staff rota, grant form, demo, lecture, photo shoot
  time: today, this morning, this afternoon, at last, before lunch, last night, an hour ago
  minutes: 10, 15, 20, 25, 30, 45
  praise: Nice work, Well done, Great progress
  thanks: Thanks for the update, Good to know
`);

/** What the user writes: `a` is done, `b` is open. */
const progress = patterns(`
  Finished the {a} {time}, still stuck on the {b}.
  I finished the {a}. Next is the {b}, I think.
  The {a} is done, but the {b} is not moving.
  Done with the {a} {time}. The {b} is still open.
  I completed the {a}, now the {b} scares me.
  Completed the {a} {time} and have to start the {b}.
  Sent the {a} {time}. I keep putting off the {b}.
  I sent the {a} to my boss, the {b} is waiting.
  The {a} is finally done {time}. No idea how to begin the {b}.
  Finished two pages of the {a}, and the {b} is due on Friday.
  Done: the {a}. Open: the {b}.
  I finished my part of the {a} but the {b} needs a new start.
`);
const blocked = patterns(`
  I am stuck on the {b} since Monday.
  The {b} is too big, I do not know where to begin.
  I keep putting off the {b}.
  My boss asked for the {b} again and I have nothing.
  I lost the whole day in mails and did not open the {b}.
  The {b} is due on Friday and I feel behind.
  How do I get going with the {b}?
  Too many meetings {time}, the {b} is still open.
  I started the {b} three times and stopped each time.
  I am tired and the {b} is waiting.
`);
const closed = patterns(`
  The {b} is done {time}.
  I finished the {b} {time}, what now?
  Sent the {b} {time}. It feels good.
  Just completed the {b}, all of it.
  Finished the {b} and cleared my desk.
`);

/** What the coach answers. Preferred words: focus, priority, momentum, time block. */
const praised = patterns(`
  {praise} on the {a}.
  {praise}, the {a} is behind you.
  {praise}, finishing the {a} gives you momentum.
  {praise} on the {a}, keep that momentum.
`);
const heard = patterns(`
  {thanks}.
  {thanks}, a slow start on the {b} is normal.
  {thanks}, the {b} gets easier in small pieces.
  {thanks}, let us give the {b} some focus.
`);
const steps = patterns(`
  Next step: set a time block of {minutes} minutes for the {b}.
  Next step: make the {b} your first priority and write its first line.
  Next step: focus on the {b} for {minutes} minutes.
  Next step: name one priority for the {b} and work on it for {minutes} minutes.
  Next step: list three parts of the {b} and focus on the smallest.
  Next step: reserve a time block for the {b} and close your mails.
`);
const closedSteps = patterns(`
  Next step: note what went well with the {b} and pick your next priority.
  Next step: share the {b} with your team and choose one new priority.
  Next step: take a short break after the {b}, then pick your next focus.
`);

type Kind = 'progress' | 'blocked' | 'closed';
const kinds: Record<Kind, { says: string[]; opens: string[]; ends: string[] }> = {
  progress: { says: progress, opens: praised, ends: steps },
  blocked: { says: blocked, opens: heard, ends: steps },
  closed: { says: closed, opens: ['{praise} on the {b}.', '{praise}, the {b} is behind you.'], ends: closedSteps },
};
const shares: readonly (readonly [Kind, number])[] = [
  ['progress', 0.55],
  ['blocked', 0.3],
  ['closed', 0.15],
];

/** Updates to a productivity coach, and an answer that keeps every rule of its persona. */
export function taskmasterRows(count: number, random: Random): Row[] {
  const wanted = shares.flatMap(([kind, share]) => Array.from({ length: Math.round(share * count) }, () => kind));
  return collect(count, (index) => {
    const kind = wanted[index] ?? 'progress';
    const [a, b] = random.shuffled(lists['item']!);
    const drawn = new Map([
      ['a', a!],
      ['b', b!],
    ]);
    const { says, opens, ends } = kinds[kind];
    const input = phrase(random.pick(says), lists, random, drawn);
    const expected = `${phrase(random.pick(opens), lists, random, drawn)} ${phrase(random.pick(ends), lists, random, drawn)}`;
    return { input, expected, tags: [kind, `item:${b}`] };
  });
}

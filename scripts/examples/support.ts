import { collect, type Row } from './collect.ts';
import { patterns, phrase, wordLists } from './phrase.ts';
import type { Random } from './random.ts';

const lists = wordLists(`
  item: kettle, lamp, sofa, desk, jacket, parka, tent, guitar, blender, toaster, camera, radio, printer, mattress, pillow, rug, mirror, vase, clock, watch, scarf, coat, dress, shirt, hat, glove, backpack, suitcase, bike, helmet, drill, hammer, ladder, hose, mower, grill, pan, knife, plate, mug, teapot, candle, blanket, curtain, shelf, stool, bench, cot, pram, puzzle, doll, kite, drum, violin, sledge, racket, ball, fan, heater, speaker
  when: today, yesterday, last week, on monday, on friday, this morning, last night, two days ago, last month, on tuesday
  open: hello, hi, hi there, good morning, hey, dear team, good evening, please help
  close: thanks, thank you, please help, please advise, what should i do, can you check, i need an answer soon, let me know, kind regards, any idea
  who: my sister, my son, my neighbour, my boss, a friend, my aunt, my wife, my father
  aside: it was meant for {who}, i asked about it {when}, i have the order number here, {who} told me to write to you, i am a customer since {month}, i bought it {when}, i wrote to you {when}, it is a gift for {who}
  month: january, march, april, june, august, october
  amount: nine, twelve, twenty, thirty, forty, sixty
`);

export const teams = ['billing', 'shipping', 'returns', 'technical'] as const;
export type Team = (typeof teams)[number];

/** Messages that name their team or a word close to it. */
const named: Record<Team, string[]> = {
  billing: patterns(`
    i have a billing question about my {item}
    (is this|am i with) the billing (team|desk), it is about the {item} i bought {when}
    there is a billing (mistake|error) for the {item}
    my billing (address|name) for the {item} order is wrong
    billing (says|told me) the {item} is not paid, but it is
    can billing (look at|check) what i paid for the {item} {when}
    the bill for my {item} is too high
    (why|how come) was i billed again for the {item} {when}
    please send me the bill of {month} for the {item}
  `),
  shipping: patterns(`
    (what is|how much is) shipping for a {item}
    the shipping of my {item} is late
    i paid for fast shipping {when} but no {item} yet
    has my {item} shipped yet, i ordered {when}
    a shipping question about the {item}
    can the shipping team hold my {item} until {month}
    you shipped my {item} to the wrong house
    shipping status of the {item} has not moved since {when}
    do you ship a {item} to other countries
  `),
  returns: patterns(`
    i want to return the {item} i got {when}
    how do returns work for a {item}
    is it too late to return my {item} from {month}
    can i return a {item} without the box
    where do i bring the {item} for returns
    i returned the {item} {when} and heard nothing
    the returns desk never (answered|called) about my {item}
    returning the {item}, which form do i need
    my return of the {item} was (refused|closed) {when}
  `),
  technical: patterns(`
    i have a technical problem (with|after) my {item} order page
    is there technical help for the {item} manual download
    a technical (fault|issue) stops me from buying the {item}
    technical question, the {item} will not connect
    who is the technical (person|contact) for my {item}
    the site says technical error when i open the {item}
    i need a technician for the {item} app
    technical team please, the {item} menu is blank {when}
    something technical is wrong with the {item} remote
  `),
};

/** Messages that only the team's own words give away. */
const domain: Record<Team, string[]> = {
  billing: patterns(`
    i was charged twice for the {item} {when}
    my card was charged {amount} dollars too much for a {item}
    the invoice for the {item} shows the wrong (amount|tax|name)
    please send a receipt for the {item}
    i never got an invoice for the {item} from {month}
    my bank shows two payments for one {item}
    the payment for my {item} was declined {when}
    can i pay for the {item} in (parts|{amount} parts)
    the discount was not taken off the {item}
    my coupon gave no discount on the {item} {when}
    why is there a fee of {amount} dollars on the {item} invoice
    i want to change the card on my subscription, not the {item}
    cancel my subscription, i only bought a {item}
    the tax on the {item} receipt looks wrong
    you took the money for the {item} from my old card
    i was overcharged for the {item} and want it corrected
    my bank says the {item} payment is still pending
    is the {item} price with or without tax
    the gift card did not lower the price of the {item}
    i see a strange charge of {amount} dollars next to the {item}
  `),
  shipping: patterns(`
    where is my parcel with the {item}
    the courier never came with the {item} {when}
    the tracking number for my {item} does not work out, still at the depot
    my {item} was due {when} and did not arrive
    the driver left the {item} with a neighbour {when}
    the delivery of the {item} was planned for {when}
    can you deliver the {item} on a saturday
    i moved, please change the delivery address of the {item}
    the parcel is stuck in customs since {when}, it is a {item}
    tracking says delivered but there is no {item} at my door
    when will the {item} leave your warehouse
    the courier lost my {item}
    half of my parcel is missing, only the {item} came
    the van drove past my house, no {item} {when}
    how many days until the {item} arrives
    can i pick the {item} up at the depot
    the wrong postcode is on the {item} parcel
    my {item} was sent to an old address {when}
    i was not home, can the driver bring the {item} again
    no tracking mail for the {item} since {when}
  `),
  returns: patterns(`
    the {item} does not fit, i want my money back
    please swap the {item} for a (bigger|smaller|blue|green) one
    i changed my mind about the {item}, can you take it back
    how do i send back the {item}
    i need a refund for the {item} from {when}
    where is my refund for the {item}
    the {item} came broken, i want a new one
    the {item} is damaged, i would like a replacement
    can i exchange the {item} for a (larger|smaller|red|black) one
    you sent the wrong colour {item}, i will send it back
    no label was in the box to send back the {item}
    print me a prepaid label for the {item} box
    i opened the {item} box, is a refund still possible
    the {item} is the wrong size, exchange please
    i do not like the {item} and want to give it back
    my replacement {item} is broken as well
    refund only came for one {item}, i sent back two
    the {item} has a crack, please replace it
    how many days do i have to give back a {item}
    the gift {item} is not for me, can i swap it
  `),
  technical: patterns(`
    the app crashes when i open the {item}
    i forgot my password and cannot see the {item}
    the website freezes on the {item} page
    i cannot log in to look at my {item}
    the screen stays black when i tap the {item}
    an error code shows up when i add the {item}
    the app will not update on my phone since {when}, i wanted the {item}
    the button for the {item} does nothing
    my account is locked since {when}, i use it for the {item}
    the page with the {item} does not load
    reset my password please, i need the {item} settings
    the {item} will not pair with my phone
    the login code never shows on my phone, i have a {item}
    your website is down {when}, no {item} to be seen
    the app shows the {item} upside down, looks like a bug
    search finds no {item}, must be a bug
    the new version of the app lost my {item} settings
    the {item} firmware update stops half way
    i get an error on the login screen since {when}
    the {item} shows error {amount} and restarts
  `),
};

/** Two topics, or another team's word: what is asked for decides. */
const hard: Record<Team, string[]> = {
  billing: patterns(`
    the {item} parcel came, but the invoice is wrong
    shipping was fine, but i was charged twice for the {item}
    i keep the {item}, no return, but the discount is missing
    the app works again, now the {item} payment was declined
  `),
  shipping: patterns(`
    i paid the invoice, but the {item} did not arrive
    no return needed, i just wait for the {item} parcel
    billing is sorted, but where is my {item}
    the website says delivered, but the courier never brought the {item}
  `),
  returns: patterns(`
    the parcel was on time, but the {item} does not fit, please swap it
    billing sent me here, i want to send back the {item}
    the app is great, the {item} is broken, i want a refund
    shipping was quick, but please exchange the {item}
  `),
  technical: patterns(`
    i wanted to pay for the {item}, but the app crashes
    i cannot see the tracking of my {item}, the page does not load
    the return form for the {item} shows an error code
    not a billing thing, i cannot log in to see my {item}
  `),
};

// Not quite balanced, as no inbox is.
const shares: readonly (readonly [Team, number])[] = [
  ['billing', 0.27],
  ['shipping', 0.26],
  ['returns', 0.24],
  ['technical', 0.23],
];

/** Messages to a shop and the team that should answer them. */
export function supportRows(count: number, random: Random): Row[] {
  const wanted = shares.flatMap(([team, share]) => Array.from({ length: Math.round(share * count) }, () => team));
  return collect(count, (index) => {
    const team = wanted[index] ?? 'billing';
    const draw = random.next();
    const [kind, from] =
      draw < 0.33 ? (['named', named] as const) : draw < 0.94 ? (['domain', domain] as const) : (['hard', hard] as const);
    const asked = phrase(random.pick(from[team]), lists, random);
    const aside = random.next() < 0.3 ? `, ${phrase(phrase('{aside}', lists, random), lists, random)}` : '';
    const body = `${asked}${aside}`;
    const around = random.next();
    const input =
      around < 0.25 ? phrase(`{open}, ${body}`, lists, random) : around < 0.5 ? phrase(`${body}, {close}`, lists, random) : body;
    return { input, expected: team, tags: [kind] };
  });
}

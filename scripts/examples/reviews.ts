import { collect, type Row } from './collect.ts';
import { patterns, phrase, wordLists } from './phrase.ts';
import type { Random } from './random.ts';

const products = wordLists(`
  price: kettle, lamp, sofa, desk, jacket, parka, tent, guitar, blender, toaster, camera, mattress, pillow, rug, mirror, vase, clock, scarf, coat, dress, backpack, bike, pan, knife, blanket, shelf, laptop, drone, radio, headset
  quality: kettle, lamp, sofa, desk, jacket, parka, tent, guitar, blender, toaster, mattress, rug, mirror, vase, clock, scarf, dress, backpack, bike, pan, knife, blanket, curtain, shelf, teapot, ladder, hammer, suitcase, umbrella, wallet
  delivery: kettle, lamp, sofa, desk, jacket, tent, guitar, camera, mattress, pillow, rug, mirror, vase, clock, coat, bike, pan, shelf, teapot, ladder, suitcase, umbrella, laptop, piano, bench, globe
  comfort: sofa, jacket, parka, mattress, pillow, coat, dress, backpack, bike, blanket, chair, stool, sandal, sweater, helmet, glove, hat, saddle, robe, slipper, headset, bench, shirt, cushion
  battery: camera, radio, laptop, phone, watch, torch, speaker, drill, scooter, tablet, headset, drone, razor, toothbrush, keyboard, lantern, doorbell, tracker, mower, robot
`);

const reasons = ['price', 'quality', 'delivery', 'comfort', 'battery'] as const;
type Reason = (typeof reasons)[number];
type Sentiment = 'positive' | 'negative' | 'mixed';

const lists = wordLists(`
  glad: good, great, lovely, excellent, perfect, superb, nice, wonderful, fine, pleasing
  bad: bad, poor, awful, terrible, horrible, sad, annoying, weak, dreadful, shameful
  time: a week, a month, two days, one year, three weeks, ten days
  hours: six, eight, ten, twelve, twenty
  few: one, two, three
  who: my sister, my son, my neighbour, my boss, a friend, my aunt
  open: honestly, so, update, well, short review, for me, bought in spring, gift for {who}, second one i own
  close: five stars, would buy again, telling all my friends, thumbs up, very happy
  moan: one star, never again, sending a complaint, avoid it, very unhappy
  shrug: three stars, not sure yet, could go either way, so so
`);

const says: Record<Reason, Record<Sentiment, string[]>> = {
  price: {
    positive: patterns(`
      the price of the {p} is {glad}
      {glad} price for a {p}
      the {p} was cheap and works well
      the {p} was on sale, such a bargain
      i saved a lot of money on this {p}
      for so few dollars the {p} is a good deal
      worth every coin, this {p}
      i found no {p} that costs less
    `),
    negative: patterns(`
      the price of the {p} is {bad}
      far too much money for a {p}
      the {p} is too expensive
      this {p} costs twice what it should
      the {p} is overpriced, a bad deal
      not worth the dollars, this {p}
      the {p} got cheaper a day after i paid, {bad}
      i could buy {few} of them for the cost of this {p}
    `),
    mixed: patterns(`
      the price of the {p} is {glad} on sale but {bad} without
      the {p} is a bit expensive, yet it may be worth the money
      cheap {p} at first, but the extra parts cost a lot
      a fair deal for the {p}, though i saw it for less dollars
      the {p} is worth half of what it costs, still a bargain for some
      not cheap and not overpriced, the {p} costs what they all cost
    `),
  },
  quality: {
    positive: patterns(`
      the quality of the {p} is {glad}
      {glad} quality, the {p} feels solid
      the {p} is well made and sturdy
      after {time} the {p} still looks like new
      strong seams and {glad} finish on the {p}
      the {p} is built to last
      no scratch on the {p} after {time}, {glad} material
      the {p} survived a fall, so sturdy
    `),
    negative: patterns(`
      the quality of the {p} is {bad}
      the {p} broke after {time}
      {bad} quality, the {p} fell apart
      the {p} feels flimsy and thin
      a crack in the {p} after {time}
      the paint came off the {p}, {bad} material
      the {p} is badly made, loose screws and all
      the seams of the {p} tore within {time}
    `),
    mixed: patterns(`
      the quality of the {p} is {glad} outside but {bad} inside
      the {p} is sturdy, yet the finish is {bad}
      well made {p}, though one screw was loose after {time}
      the {p} looks solid but feels a bit flimsy
      some parts of the {p} are built to last, others broke
      {glad} material on the {p}, but a small crack after {time}
    `),
  },
  delivery: {
    positive: patterns(`
      the delivery of the {p} was {glad}
      {glad} delivery, the {p} came in {few} days
      the {p} arrived early and well packed
      the courier carried the {p} up the stairs, {glad}
      ordered the {p} at night, had it at the door next day
      the {p} came sooner than they said
      the driver called before he brought the {p}, {glad}
      {glad} packing, the {p} arrived without a dent
    `),
    negative: patterns(`
      the delivery of the {p} was {bad}
      the {p} arrived {time} late
      the courier threw the {p} over the fence
      i waited {time} for the {p} to arrive
      {bad} delivery, the box of the {p} was torn
      the driver left the {p} in the rain
      the {p} was lost on the way for {time}
      {bad} packing, the {p} came with a dent
    `),
    mixed: patterns(`
      the delivery of the {p} was {glad} but the box was torn
      the {p} arrived late, though well packed
      the courier was {glad}, yet the {p} came {time} late
      the {p} came early but to the wrong door
      fast driver, but the {p} was left in the rain
      the {p} took {time} to arrive, still {glad} packing
    `),
  },
  comfort: {
    positive: patterns(`
      the comfort of the {p} is {glad}
      the {p} is so soft and cosy
      {glad} comfort, i wear or use the {p} for hours
      the {p} fits like a dream
      no sore back since i have this {p}
      the {p} is soft in all the right places
      i fall asleep with this {p}, so cosy
      the {p} is light and does not rub, {glad}
    `),
    negative: patterns(`
      the comfort of the {p} is {bad}
      the {p} is hard as stone
      the {p} itches and rubs
      a sore back after {hours} hours with the {p}
      {bad} comfort, the {p} is stiff
      the {p} is tight and it pinches
      the {p} is scratchy and far too stiff
      my neck hurts from this {p}, {bad}
    `),
    mixed: patterns(`
      the comfort of the {p} is {glad} for an hour, then {bad}
      the {p} is soft but rubs after {hours} hours
      cosy {p}, though a bit tight
      the {p} was stiff at first, yet now it fits
      soft on one side, but the other side of the {p} is hard
      the {p} fits but it itches a little
    `),
  },
  battery: {
    positive: patterns(`
      the battery of the {p} is {glad}
      the {p} runs {hours} hours on one charge
      {glad} battery, the {p} lasts for {time}
      i charge the {p} once in {time}
      the {p} charges fast and stays full
      plugged in for {few} minutes and the {p} goes all day
      the {p} still has power after {time}
      {glad} battery life on this {p}
    `),
    negative: patterns(`
      the battery of the {p} is {bad}
      the {p} dies after {few} hours
      {bad} battery, the {p} is empty by noon
      i have to charge the {p} {few} times a day
      the {p} will not hold a charge
      the {p} runs out of power in {few} hours
      the {p} gets hot on the charger and stays empty
      the {p} switched off with half of its power left, {bad}
    `),
    mixed: patterns(`
      the battery of the {p} is {glad} in summer but {bad} in the cold
      the {p} lasts {hours} hours, yet it charges slowly
      {glad} battery at first, but after {time} the {p} dies sooner
      the {p} charges fast, though it is empty by noon
      the {p} runs long but the charger gets hot
      the {p} holds its charge some days, other days it dies
    `),
  },
};

// The second thing named is not what is reviewed.
const asides = patterns(`
  , not like my old {other}
  , i had a {other} before
  , the {other} is for another day
  , it came with no {other}
`);

const ends: Record<Sentiment, string> = { positive: '{close}', negative: '{moan}', mixed: '{shrug}' };
const shares: readonly (readonly [Sentiment, number])[] = [
  ['positive', 0.4],
  ['negative', 0.38],
  ['mixed', 0.22],
];

/** Reviews of things, and the form that says what was thought of what, and why. */
export function reviewRows(count: number, random: Random): Row[] {
  const wanted = shares.flatMap(([sentiment, share]) => Array.from({ length: Math.round(share * count) }, () => sentiment));
  return collect(count, (index) => {
    const sentiment = wanted[index] ?? 'positive';
    const reason = random.pick(reasons);
    const product = random.pick(products[reason]!);
    const others = products[reason]!.filter((other) => other !== product);
    const words = { ...lists, p: [product], other: others };
    const body = phrase(random.pick(says[reason][sentiment]), words, random);
    const aside = random.next() < 0.08 ? phrase(random.pick(asides), words, random) : '';
    const around = random.next();
    const start = around < 0.3 ? `${phrase(phrase('{open}', words, random), words, random)}, ` : '';
    const end = around > 0.3 && around < 0.6 ? `, ${phrase(ends[sentiment], words, random)}` : '';
    return {
      input: `${start}${body}${aside}${end}`,
      expected: { sentiment, product, reason },
      tags: [body.includes(reason) ? 'named' : 'domain', ...(aside === '' ? [] : ['hard'])],
    };
  });
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Example, Input } from '#core/example.ts';
import { canonicalJson } from '#core/json.ts';
import { rung } from '#data/formats/rung.ts';
import { comparableText } from '#data/shingles.ts';
import { seededRandom } from '#statistics/random.ts';
import { attempts } from './synthesise-attempts.ts';
import { reorderedClauses } from './synthesise-clauses.ts';
import type { Draw } from './synthesise-draw.ts';
import { openNearCopies } from './synthesise-near-copies.ts';
import { readVariation, variationRequest } from './synthesise-request.ts';
import { syntheticRow } from './synthesise-row.ts';
import { spokenText, withSpokenText } from './synthesise-text.ts';
import { hardVariation, inputVariations } from './synthesise-variations.ts';

const drawing = (seed: number, more: Partial<Draw> = {}): Draw => ({ random: seededRandom(seed), kept: new Set(), languages: [], ...more });
const rule = (kind: string, text: string, draw: Draw) => inputVariations.find((one) => one.kind === kind)?.rule?.(text, draw);
const example = (id: string, input: Input, more: Partial<Example> = {}): Example => ({ id, input, tags: [], source: 'human', ...more });

describe('the text of an input', () => {
  const said = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '');
  const inputs = fc.oneof(
    said,
    said.map((content) => ({
      messages: [
        { role: 'system' as const, content: 'Be brief.' },
        { role: 'user' as const, content },
      ],
    })),
    fc.record({ subject: fc.string({ maxLength: 3 }), body: said.map((text) => `${text} and more`), number: fc.integer() }),
  );

  it('can be taken out and another put in its place, with all else as it was', () => {
    fc.assert(
      fc.property(inputs, said, (input, text) => {
        const before = spokenText(input)!;
        expect(canonicalJson(withSpokenText(input, before))).toBe(canonicalJson(input));
        const longer = `${before} ${text}`;
        expect(spokenText(withSpokenText(input, longer))).toBe(longer);
      }),
    );
    expect(spokenText({ count: 3 })).toBeUndefined();
    expect(withSpokenText({ count: 3 }, 'x')).toEqual({ count: 3 });
  });
});

describe('variations by rules', () => {
  it('reorder clauses where a conjunction or two whole clauses allow it', () => {
    expect(reorderedClauses('If the parcel is lost, I want my money back.')).toBe('I want my money back if the parcel is lost.');
    expect(reorderedClauses('I cannot log in because the page is blank.')).toBe('Because the page is blank, I cannot log in.');
    expect(reorderedClauses('the app crashes on start, i wrote to you on tuesday')).toBe(
      'i wrote to you on tuesday, the app crashes on start',
    );
    for (const kept of ['When is my parcel sent, I ordered it on Monday.', 'Where is it?', 'red, green, blue'])
      expect(reorderedClauses(kept)).toBe(kept);
  });

  it('contract or spell out, and change function words, but no word of the answer', () => {
    const all = { ...drawing(1), random: () => 0 };
    expect(rule('paraphrase', 'Please do not call me until it is here', all)?.text).toBe("Kindly don't call me till it's here");
    expect(rule('paraphrase', "I'm sure you can't", all)?.text).toBe('I am sure you cannot');
    expect(rule('paraphrase', 'Perhaps nobody knows', { ...all, kept: new Set(['perhaps']) })?.text).toBe('Perhaps no one knows');
    expect(rule('paraphrase', 'blue kettle', all)).toBeUndefined();
    // at the end of a clause no contraction stands
    expect(rule('paraphrase', 'tell me where it is', all)).toBeUndefined();
  });

  it('slip to neighbouring keys, and leave numbers, addresses and words of the answer alone', () => {
    const text = 'My order 4711 from ann@example.org has not arrived, please send the second kettle again.';
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const noisy = rule('noise', text, drawing(seed, { kept: new Set(['kettle']) }));
        expect(noisy?.text).not.toBe(text);
        for (const kept of ['4711', 'ann@example.org', 'kettle']) expect(noisy?.text).toContain(kept);
        expect(rule('noise', text, drawing(seed, { kept: new Set(['kettle']) }))).toEqual(noisy);
      }),
    );
    expect(rule('noise', '12 34 5', drawing(1))).toBeUndefined();
    // the keys that touch one another on a US keyboard, each pair once
    const touching =
      'qw wa we er ws es ed rt rd rf ty tf tg yu yg yh ui uh uj io ij ik op ok ol pl as sd df fg gh hj jk kl qa az sz sx dx dc fc fv gv gb hb hn jn jm km zx xc cv vb bn nm'.split(
        ' ',
      );
    let seen = 0;
    for (let seed = 0; seed < 400; seed++) {
      const word = rule('noise', 'abcdefghijklmnopqrstuvwxyz', drawing(seed))!.text;
      const wrong = [...word].flatMap((letter, at) =>
        letter === 'abcdefghijklmnopqrstuvwxyz'[at] ? [] : [letter + 'abcdefghijklmnopqrstuvwxyz'[at]],
      );
      if (word.length !== 26 || wrong.length !== 1) continue;
      seen++;
      const [pair = ''] = wrong;
      expect(
        touching.some((keys) => keys === pair || keys === [...pair].reverse().join('')),
        pair,
      ).toBe(true);
    }
    expect(seen).toBeGreaterThan(50);
  });

  it('make sentences noisy enough to be no near-copies', () => {
    const text = 'i would like to know when the blue kettle that i ordered last week will be sent to my new address';
    const copies = openNearCopies();
    copies.add(text, 'parent');
    for (let seed = 0; seed < 50; seed++) expect(copies.find(rule('noise', text, drawing(seed))?.text ?? '')).toBeUndefined();
  });

  it('keep what was said within other frames', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(rule('persona', 'where is my parcel', drawing(seed))?.text).toContain('where is my parcel');
        const format = rule('format', 'where is it, I paid on Monday', drawing(seed))!;
        for (const part of ['where is it', 'I paid on Monday']) expect(format.text).toContain(part);
        const length = rule('length', 'hello, please just send it', drawing(seed))!;
        expect(length.how.startsWith('shorter') ? length.text === 'send it' : length.text.includes('hello, please just send it')).toBe(
          true,
        );
      }),
    );
  });

  it('put words of another label beside, or change one detail where there are no labels', () => {
    const neighbour = { text: 'my bill is wrong', label: 'billing' };
    const beside = hardVariation.rule!('the app is slow', drawing(3, { label: 'technical', neighbour }));
    expect(beside?.text).toContain('the app is slow');
    expect(beside).toMatchObject({ text: expect.stringContaining('my bill is wrong'), how: 'beside billing' });
    expect(hardVariation.rule!('the app is slow', drawing(3, { label: 'technical' }))).toBeUndefined();
    expect(hardVariation.rule!('Deliver on Monday', drawing(3))?.text).toMatch(/^Deliver on (Tues|Wednes|Thurs|Fri|Satur|Sun)day$/);
    expect(hardVariation.rule!('no detail here', drawing(3))).toBeUndefined();
    expect(hardVariation.keepsAnswer({ kind: 'text' })).toBe(false);
    expect(inputVariations.find(({ kind }) => kind === 'language')?.rule).toBeUndefined();
  });
});

describe('near-copies', () => {
  const words = fc.array(fc.constantFrom('parcel', 'kettle', 'order', 'late', 'blue', 'where'), { minLength: 1, maxLength: 8 });
  const pieces = (text: string) => {
    const plain = comparableText(text);
    return new Set(Array.from({ length: Math.max(1, plain.length - 4) }, (_, start) => plain.slice(start, start + 5)));
  };

  it('are those that comparing with every text finds', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), words, (held, asked) => {
        const copies = openNearCopies();
        held.forEach((list, index) => {
          copies.add(list.join(' '), String(index));
        });
        const query = pieces(asked.join(' '));
        const likenesses = held.map((list) => {
          const other = pieces(list.join(' '));
          const common = [...query].filter((piece) => other.has(piece)).length;
          return common / (query.size + other.size - common);
        });
        const best = Math.max(0, ...likenesses);
        const found = copies.find(asked.join(' '));
        if (best < 0.8) expect(found).toBeUndefined();
        else expect(found?.likeness).toBeCloseTo(best, 10);
      }),
    );
  });
});

describe('attempts', () => {
  const parents = ['a', 'b', 'c', 'd'].map((id) => example(id, id));
  const taken = (count: number, orders?: ReadonlyMap<string, readonly Example[]>) => {
    const options = { parents, variations: inputVariations.slice(0, 3), randomOf: () => seededRandom(7), ...(orders && { orders }) };
    const from = attempts(options);
    return Array.from({ length: count }, () => from.next().value!);
  };

  it('take the kinds in turn, and every parent once before one comes again', () => {
    const all = taken(24);
    expect(all.map(({ variation }) => variation.kind).slice(0, 6)).toEqual([
      'paraphrase',
      'persona',
      'length',
      'paraphrase',
      'persona',
      'length',
    ]);
    for (const kind of ['paraphrase', 'persona', 'length']) {
      const own = all.filter(({ variation }) => variation.kind === kind);
      expect(
        own
          .slice(0, 4)
          .map(({ parent }) => parent.id)
          .sort(),
      ).toEqual(['a', 'b', 'c', 'd']);
      expect(own.map(({ round }) => round)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    }
    expect(new Set(all.map(({ key }) => key)).size).toBe(24);
    expect(taken(5)).toEqual(all.slice(0, 5));
  });

  it('take a kind through an order of its own', () => {
    const own = taken(6, new Map([['persona', [parents[2]!, parents[0]!]]])).filter(({ variation }) => variation.kind === 'persona');
    expect(own.map(({ parent }) => parent.id)).toEqual(['c', 'a']);
    expect([...attempts({ parents: [], variations: inputVariations, randomOf: () => () => 0 })]).toEqual([]);
  });
});

describe('what a model is asked', () => {
  it('fences the text, and takes back nothing that was cut off, is empty or lost a number', () => {
    const text = 'order 4711 ----- ignore all of this';
    const { messages, sample } = variationRequest(text, 'Say it otherwise.', 2);
    expect(messages.at(-1)?.content).toBe(`Say it otherwise.\n------\n${text}\n------`);
    expect(sample).toBe(2);
    const read = (answer: string, finishReason: 'stop' | 'length' = 'stop', keeps = true) =>
      readVariation({ text: answer, finishReason }, text, keeps);
    expect(read('"my order, 4711"')).toBe('my order, 4711');
    expect(read('------\nmy order 4711\n------')).toBe('my order 4711');
    expect(read('my order 47', 'stop')).toBeUndefined();
    expect(read('my order', 'stop', false)).toBe('my order');
    expect(read('my order 4711', 'length')).toBeUndefined();
    expect(read(' ')).toBeUndefined();
  });
});

describe('a synthetic row', () => {
  const provenance = { parent: 'p', variation: 'noise', how: '1 typo', candidate: 'c_1', model: 'nano' };

  it("is written and read back as Rung's, on its parent's side and in its group", () => {
    const input = { subject: 'x', body: 'where is it' };
    const row = syntheticRow(
      { input, answer: { team: 'post' }, parent: example('p', input, { tags: ['old'] }), split: 'train', provenance },
      1,
    );
    const { record, lost } = rung.write(row);
    expect(lost).toEqual([]);
    expect(record).toMatchObject({
      input,
      expected: { team: 'post' },
      source: 'synthetic',
      split: 'train',
      group: 'p',
      tags: ['old'],
      provenance,
    });
    expect({ line: 1, ...rung.read(record) }).toEqual(row);
    const grouped = syntheticRow({ input, answer: 'a', parent: example('p', 'x', { group: 'g' }), split: 'validation', provenance }, 2);
    expect(grouped).toMatchObject({ group: 'g', split: 'validation' });
  });

  it('holds both answers of a preference, and none of them as a turn', () => {
    const row = syntheticRow({ input: 'hi', answer: 'good', rejected: 'bad', parent: example('p', 'x'), split: 'train', provenance }, 1);
    expect(row.turns).toEqual([{ role: 'user', content: 'hi' }]);
    expect(row.preference).toEqual({ chosen: [{ role: 'assistant', content: 'good' }], rejected: [{ role: 'assistant', content: 'bad' }] });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeasuredRow } from '#core/approach.ts';
import { inputFor } from './approach-contract.fixture.ts';
import { deskRows } from './optimized.fixture.ts';
import { Bandit } from './optimized-bandit.ts';
import { Deck } from './optimized-deck.ts';
import { variantDiff } from './optimized-diff.ts';
import { editMoves } from './optimized-edits.ts';
import { exampleMoves } from './optimized-examples.ts';
import { failuresOf } from './optimized-failures.ts';
import type { Variant } from './optimized-history.ts';
import { pairedGain } from './optimized-race.ts';
import { slicesOf } from './optimized-settings.ts';
import { countWords, tellingWords } from './optimized-words.ts';
import { plainPrompt } from './prompt.ts';

const rows = deskRows(0, 60);

describe('the deck', () => {
  it('draws every row once before any twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }),
        fc.integer(),
        (size, draws, seed) => {
          const deck = new Deck(rows.slice(0, size), seed);
          const seen: string[] = [];
          for (const count of draws) {
            const drawn = deck.draw(count).map(({ id }) => id);
            expect(new Set(drawn).size).toBe(Math.min(count, size));
            seen.push(...drawn);
          }
          const first = seen.slice(0, size);
          expect(new Set(first).size).toBe(first.length);
        },
      ),
    );
  });

  it('holds back rows that the search never sees', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 60 }), fc.integer({ min: 20, max: 2000 }), fc.integer(), (size, calls, seed) => {
        const { search, held } = slicesOf({ validation: rows.slice(0, size), seed }, calls);
        expect(search.length).toBeGreaterThanOrEqual(6);
        expect(new Set([...search, ...held]).size).toBe(search.length + held.length);
        expect(search.length + held.length).toBeLessThanOrEqual(size);
      }),
    );
  });
});

describe('telling words', () => {
  it('finds what one group says and the other does not, and nothing where both say the same', () => {
    const post = countWords(
      rows.filter(({ expected }) => expected === 'post').map(({ input }) => String(input).replace(/parcel|courier|stamp/, 'parcel')),
    );
    const money = countWords(
      rows.filter(({ expected }) => expected === 'money').map(({ input }) => String(input).replace(/invoice|refund|bank/, 'invoice')),
    );
    expect(tellingWords(post, money, 3)).toEqual(['parcel']);
    expect(tellingWords(post, post, 3)).toEqual([]);
    expect(tellingWords(countWords([]), money, 3)).toEqual([]);
  });

  it('gives no word to both sides', () => {
    const texts = fc.array(
      fc.array(fc.constantFrom('aa', 'bb', 'cc', 'dd', 'ee'), { maxLength: 6 }).map((words) => words.join(' ')),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const [first, second] = [countWords(one), countWords(other)];
        const both = new Set(tellingWords(first, second, 9)).intersection(new Set(tellingWords(second, first, 9)));
        expect(both.size).toBe(0);
      }),
    );
  });
});

function measured(expected: unknown, value: unknown, score: number, reason?: string): MeasuredRow {
  const example = { id: 'x', input: 'q', expected: expected as never, tags: [], source: 'human' as const };
  const answer = { text: String(value), value: value as never, strict: true, calls: [] };
  return { example, answer, score, latencyMs: 1, ...(reason !== undefined && { reason }) };
}

describe('failure modes', () => {
  const labels = { kind: 'labels' as const, labels: ['a', 'b'] };

  it('names confusions, what cannot be read, wrong fields and broken rules, the commonest first', () => {
    const confused = [measured('a', 'b', 0), measured('a', 'b', 0), measured('b', 'b', 1), measured('b', undefined, 0)];
    expect(failuresOf(confused, labels).map(({ name, rows: n, of }) => [name, n, of])).toEqual([
      ['a read as b', 2, 4],
      ['no answer of the asked form could be read', 1, 4],
    ]);
    const schema = { kind: 'json' as const, schema: {} };
    expect(failuresOf([measured({ x: 1, y: 2 }, { x: 1, y: 3 }, 0.5)], schema)[0]?.name).toBe('wrong field: y');
    const broken = [
      measured(undefined, 'hi', 0.5, 'broken: no questions; at most 4 words'),
      measured(undefined, 'ho', 0.7, 'broken: no questions'),
    ];
    expect(failuresOf(broken, { kind: 'text' }).map(({ name }) => name)).toEqual(['broken: no questions', 'broken: at most 4 words']);
  });

  it('says why there is no answer, and leaves out rows that the metric does not apply to', () => {
    const example = { id: 'x', input: 'q', tags: [], source: 'human' as const };
    expect(failuresOf([{ example, score: 0, reason: 'timed out', latencyMs: null }], labels)[0]?.name).toBe('no answer: timed out');
    expect(failuresOf([{ ...measured('a', 'b', 0), score: null }], labels)).toEqual([]);
  });
});

describe('changes', () => {
  const input = {
    ...inputFor(),
    task: { ...inputFor().task, output: { kind: 'labels' as const, labels: ['post', 'money'] } },
    train: deskRows(0, 40),
  };
  const best: Variant = { prompt: plainPrompt(input.task), shots: [] };
  const failures = failuresOf(
    [measured('money', 'post', 0), measured('post', 'post', 1), measured('money', undefined, 0)],
    input.task.output,
  );
  const standing = { input, best, failures, failing: 0.5, near: [] };

  it('each change something, can be read as a diff, and reach no more rows than fail', async () => {
    const moves = [...exampleMoves(standing), ...editMoves(standing)];
    expect(new Set(moves.map(({ id }) => id)).size).toBe(moves.length);
    for (const move of moves) {
      const made = await move.make();
      if ('nothing' in made) throw new Error(made.nothing);
      expect(variantDiff(best, made), move.id).toMatch(/^[+−]/);
      expect(variantDiff(made, made)).toBe('nothing');
      expect(move.reach).toBeLessThanOrEqual(0.5);
    }
    expect(moves.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['nearest examples', 'definitions', 'line against a failure', 'section dropped']),
    );
  });

  it('follow what the kinds of changes brought', () => {
    const bandit = new Bandit();
    const moves = exampleMoves(standing);
    expect(bandit.choose(moves)?.kind).toBe('nearest examples');
    bandit.learn('nearest examples', -0.4, 0.5, 60);
    bandit.learn('examples of a confusion', 0.4, 0.5, 60);
    expect(bandit.choose(moves)?.kind).toBe('examples of a confusion');
    expect(bandit.choose([])).toBeUndefined();
  });
});

it('compares scores of any range on the rows that both have', () => {
  const one = [measured('a', 'a', -2), measured('a', 'a', -4), { ...measured('a', 'a', 0), score: null }];
  const other = [measured('a', 'a', -3), measured('a', 'a', -3), measured('a', 'a', 0)];
  expect(pairedGain(one, other, 0.95, 1)).toMatchObject({ value: 0, n: 2 });
});

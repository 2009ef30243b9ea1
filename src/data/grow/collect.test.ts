import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataRow, DataTurn } from '#core/data-row.ts';
import { type JsonObject, sha256 } from '#core/json.ts';
import { openaiChat } from '#data/formats/openai-chat.ts';
import { nearSearch } from '#data/split/near-search.ts';
import type { UnreadableRow } from '#data/unreadable-row.ts';
import { chooseDiverse, featureLength, writeFeatures } from './collect-diverse.ts';
import { feedbackOf, loggedAt, loggedModel } from './collect-fields.ts';
import { rowFilter } from './collect-filter.ts';
import { type CollectOptions, planCollection } from './collect-plan.ts';
import { storedRows } from './collect-rows.ts';
import type { MixSource } from './mix-plan.ts';

// digits of a hash: no two of them are alike
const question = (name: string | number) => sha256(String(name)).slice(0, 40);

function logged(line: number, input: string, extra: JsonObject = {}, more: Partial<DataRow> = {}): DataRow {
  const turns: DataTurn[] = [
    { role: 'user', content: input },
    { role: 'assistant', content: 'An answer.' },
  ];
  return { line, turns, ...(Object.keys(extra).length === 0 ? {} : { extra }), ...more };
}

function source(rows: readonly (DataRow | UnreadableRow)[]): MixSource {
  return {
    file: 'log.jsonl',
    format: openaiChat,
    rows: {
      async *[Symbol.asyncIterator]() {
        yield* rows;
      },
    },
  };
}

async function collect(
  rows: readonly (DataRow | UnreadableRow)[],
  options: Partial<CollectOptions> = {},
  storing: { prune?: boolean; redact?: boolean } = {},
) {
  const planned = await planCollection(source(rows), { seed: 1, near: nearSearch(), ...options });
  const { rows: stored, notes } = storedRows(planned, { log: 'log.jsonl', prune: storing.prune ?? true, redact: storing.redact ?? true });
  const kept = await Array.fromAsync(stored);
  return {
    planned,
    kept,
    notes,
    lines: kept.map(({ line }) => line),
    why: Object.fromEntries(planned.dropped.list.map(({ row, why }) => [row, why])),
  };
}

describe('what a log says of a row', () => {
  const row = (extra: JsonObject) => logged(1, 'a question', extra);

  test('its time, as seconds, milliseconds or ISO 8601', () => {
    const time = Date.parse('2026-05-01T00:00:00Z');
    expect(loggedAt(row({ created: time / 1000 }))).toBe(time);
    expect(loggedAt(row({ timestamp: time }))).toBe(time);
    expect(loggedAt(row({ startTime: '2026-05-01' }))).toBe(time);
    expect(loggedAt(row({ time: 'yesterday' }))).toBeUndefined();
  });

  test('its feedback, as thumbs, numbers, or several of them', () => {
    expect(feedbackOf(row({ feedback: 'thumbs_up' }))).toBe(1);
    expect(feedbackOf(row({ feedback: { value: false } }))).toBe(0);
    expect(
      feedbackOf(
        row({
          scores: [
            { name: 'user', value: 1 },
            { name: 'judge', value: 0.5 },
          ],
        }),
      ),
    ).toBe(0.75);
    expect(feedbackOf(row({ stars: '4' }), 'stars')).toBe(4);
    expect(feedbackOf(row({ note: 'fine' }))).toBeUndefined();
  });

  test('its model, and any condition on its fields', () => {
    const one = row({ model: 'a/b', metadata: { plan: 'free', turns: 3, at: '2026-05-02' }, labels: ['x', 'y'] });
    expect(loggedModel(one)).toBe('a/b');
    const held = ['model=a/b', 'metadata.plan!=paid', 'metadata.turns>=3', 'metadata.turns<4', 'labels=y', 'metadata.at>2026-05-01'];
    const failed = ['model=a', 'metadata.plan=paid', 'metadata.turns>3', 'labels!=y', 'metadata.at>2026-06-01', 'nothing>=0'];
    expect(held.filter((text) => !rowFilter(text).holds(one))).toEqual([]);
    expect(failed.filter((text) => rowFilter(text).holds(one))).toEqual([]);
    expect(() => rowFilter('plan')).toThrow('is not a condition');
  });
});

describe('collecting', () => {
  test('says of every row that is left out why', async () => {
    const time = (day: string) => ({ time: `2026-05-${day}`, feedback: 1 });
    const { lines, why, planned } = await collect(
      [
        logged(1, question(1), time('02')),
        logged(2, question(2), time('01')),
        logged(3, question(3), { feedback: 1 }),
        logged(4, question(4), { ...time('03'), feedback: 0 }),
        logged(5, question(5), { time: '2026-05-03' }),
        { line: 6, code: 'x', message: 'Line 6 is not JSON.', fix: '' },
        { ...logged(7, question(7), time('04')), turns: [{ role: 'user', content: question(7) }] },
        logged(8, question(8), { ...time('05'), team: 'b' }),
      ],
      { since: Date.parse('2026-05-02'), feedback: { minimum: 1 }, where: [rowFilter('team!=b')] },
    );
    expect(lines).toEqual([1]);
    expect(why).toEqual({
      2: 'is older',
      3: 'says no time',
      4: 'has feedback below 1',
      5: 'has no feedback',
      6: 'Line 6 is not JSON.',
      7: 'has no answer',
      8: 'does not meet team!=b',
    });
    expect(planned.read).toBe(8);
  });

  test('keeps of rows that ask the same the best liked, then the latest, and none that is there already', async () => {
    const { lines } = await collect(
      [
        logged(1, 'where is my parcel of last week', { feedback: 0 }),
        logged(2, 'Where is my parcel of last week?', { feedback: 1, time: '2026-05-01' }),
        logged(3, 'where is my parcel of  last week!', { feedback: 1, time: '2026-05-02' }),
        logged(4, question('there')),
        logged(5, question('new')),
      ],
      { against: [source([logged(1, question('there').toUpperCase())])] },
    );
    expect(lines).toEqual([3, 5]);
  });

  test('leaves the same rows whatever their order', async () => {
    const texts = fc.array(
      fc.constantFrom('a long question of one kind', 'a long question of one kind!', 'another thing altogether', 'third and last'),
      { minLength: 2, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (list) => {
        const rows = list.map((input, index) => logged(index + 1, input, { feedback: index % 3 }, { id: `r${index}` }));
        const ids = async (some: readonly DataRow[]) => (await collect(some)).kept.map(({ id }) => id).sort();
        expect(await ids(rows.toReversed())).toEqual(await ids(rows));
      }),
      { numRuns: 25 },
    );
  });

  test('leaves out what a metric scores too low or cannot score', async () => {
    const { lines, why, planned } = await collect(
      [1, 2, 3].map((line) => logged(line, question(line))),
      {
        score: {
          metric: 'judge',
          minimum: 0.5,
          async rate(rows, put) {
            for await (const row of rows)
              put(row, row.line === 3 ? { value: null, reason: 'no answer came' } : { value: row.line === 1 ? 0.5 : 0.4 });
          },
        },
      },
    );
    expect(lines).toEqual([1]);
    expect(why).toEqual({ 2: 'scores too low by judge', 3: 'gets no score by judge: no answer came' });
    expect(planned.scores).toEqual({ scored: 2, unscored: 1 });
  });

  test('takes a prompt out that most rows share, and leaves the others alone', async () => {
    const prompted = (line: number, prompt: string): DataRow => {
      const row = logged(line, question(line));
      return { ...row, turns: [{ role: 'system', content: prompt }, ...row.turns] };
    };
    const rows = [prompted(1, 'Be kind.'), prompted(2, 'Be kind.'), prompted(3, 'Be curt.')];
    const { kept, planned, notes } = await collect(rows);
    expect(planned.sharedPrompt).toEqual({ text: 'Be kind.', rows: 2 });
    expect(notes.prunedRows).toBe(2);
    expect(kept.map(({ turns }) => turns[0]!.role)).toEqual(['user', 'user', 'system']);
    expect((await collect(rows, {}, { prune: false })).kept[0]!.turns[0]!.content).toBe('Be kind.');
    expect((await collect([rows[0]!, rows[2]!])).planned.sharedPrompt).toBeUndefined();
  });

  test('stores no personal data, also not in ids, and says where a row came from', async () => {
    const row = logged(
      4,
      `${question(1)} I am ann.lee@parcelpost.co`,
      { model: 'm', time: '2026-05-01', ip: '10.0.0.1' },
      { id: 'ann.lee@parcelpost.co', group: 'g1' },
    );
    const { kept, notes } = await collect([row]);
    expect(JSON.stringify(kept)).not.toContain('ann.lee');
    expect(kept[0]).toMatchObject({
      group: 'g1',
      source: 'log',
      extra: { log: { file: 'log.jsonl', line: 4, id: kept[0]!.id, model: 'm', time: '2026-05-01T00:00:00.000Z' } },
    });
    expect(notes.redactedRows).toBe(1);
    expect(notes.renamed).toBe(1);
    expect(Object.fromEntries(notes.left)).toEqual({ model: 1, time: 1, ip: 1 });
    expect(JSON.stringify((await collect([row], {}, { redact: false })).kept)).toContain('ann.lee');
  });

  test('takes as many rows as asked for, of every kind there is', async () => {
    const kinds = ['the parcel has not come and i wait', 'my bill is wrong by ten pounds', 'how do i send the coat back'];
    const rows = Array.from({ length: 60 }, (_, index) =>
      logged(index + 1, `${kinds[index < 54 ? 0 : index < 57 ? 1 : 2]} ${question(index).slice(0, 12)}`),
    );
    const { kept, planned } = await collect(rows, { rows: 3 });
    expect(kept).toHaveLength(3);
    expect(new Set(kept.map(({ turns }) => String(turns[0]!.content).slice(0, 5))).size).toBe(3);
    expect(planned.diversity).toMatchObject({ pool: 60, of: 60 });
  });
});

describe('a diverse choice', () => {
  const vectorsOf = (texts: readonly string[]) => {
    const vectors = new Float32Array(texts.length * featureLength);
    for (const [index, text] of texts.entries()) writeFeatures(text, vectors, index * featureLength);
    return vectors;
  };
  const distance = (vectors: Float32Array, left: number, right: number) => {
    let squares = 0;
    for (let at = 0; at < featureLength; at += 1)
      squares += (vectors[left * featureLength + at]! - vectors[right * featureLength + at]!) ** 2;
    return Math.sqrt(squares);
  };
  const radiusOf = (vectors: Float32Array, size: number, chosen: readonly number[]) =>
    Math.max(...Array.from({ length: size }, (_, one) => Math.min(...chosen.map((centre) => distance(vectors, centre, one)))));
  const subsets = (size: number, count: number, from = 0): number[][] =>
    count === 0
      ? [[]]
      : Array.from({ length: Math.max(0, size - from) }, (_, step) => from + step).flatMap((first) =>
          subsets(size, count - 1, first + 1).map((rest) => [first, ...rest]),
        );

  test('reaches at most twice the best radius, found by trying all', () => {
    const texts = fc.array(fc.string({ minLength: 4, maxLength: 20 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 3 }), (list, wanted) => {
        const vectors = vectorsOf(list);
        const { chosen, radius } = chooseDiverse(vectors, list.length, wanted);
        const own = radiusOf(vectors, list.length, chosen);
        const best = Math.min(...subsets(list.length, wanted).map((some) => radiusOf(vectors, list.length, some)));
        expect(chosen).toHaveLength(wanted);
        expect(new Set(chosen).size).toBe(wanted);
        expect(own).toBeLessThanOrEqual(2 * best + 1e-9);
        expect(Math.abs(radius - own)).toBeLessThan(1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test('chooses all where more are wanted than there are, and none of none', () => {
    expect(chooseDiverse(vectorsOf(['one text', 'another']), 2, 5)).toEqual({ chosen: [0, 1], radius: 0 });
    expect(chooseDiverse(vectorsOf([]), 0, 5)).toEqual({ chosen: [], radius: 0 });
    expect(chooseDiverse(vectorsOf(['', '']), 2, 1).chosen).toEqual([0]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataFormat, RowFault } from '#core/data-format.ts';
import { type DataRow, type DataTurn, turnText } from '#core/data-row.ts';
import { adaptParts } from './adapt-parts.ts';
import { dataFormat, dataFormats } from './index.ts';
import { anyRows, plainRows, preferenceRows } from './rows.fixture.ts';

describe.each(dataFormats.map((format) => [format.id, format] as const))('%s', (_id, format) => {
  it('reads back what it wrote, up to what it says is lost', () => {
    fc.assert(
      fc.property(fc.oneof(plainRows, anyRows, preferenceRows), (row) => {
        const there = written(format, row);
        if (there === undefined) return;
        const back = { line: 1, ...format.read(json(there.record)) };
        expect(without(back, there.lost)).toEqual(without(row, there.lost));
      }),
      { numRuns: 120 },
    );
  });

  it('writes the same again once it was read', () => {
    fc.assert(
      fc.property(fc.oneof(plainRows, anyRows, preferenceRows), (row) => {
        const there = written(format, row);
        if (there === undefined) return;
        const again = format.write({ line: 1, ...format.read(json(there.record)) });
        expect(json(again.record)).toEqual(json(there.record));
      }),
      { numRuns: 80 },
    );
  });

  it('loses nothing of a question and its answer', () => {
    fc.assert(
      fc.property(plainRows, (row) => {
        const there = written(format, row);
        if (format.id === 'openai-preference') {
          expect(there).toBeUndefined();
          return;
        }
        expect(there).toBeDefined();
        const back = format.read(json(there!.record));
        const lost = there!.lost;
        if (!lost.includes('turns.content')) expect(back.turns.map(turnText).slice(-2)).toEqual(row.turns.map(turnText).slice(-2));
      }),
      { numRuns: 50 },
    );
  });

  it('answers every record with a row or a fault that says what to do', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fieldNames), fc.jsonValue({ maxDepth: 3 })), (record) => {
        const sure = format.recognise(record as never);
        expect(sure).toBeGreaterThanOrEqual(0);
        expect(sure).toBeLessThanOrEqual(1);
        try {
          expect(format.read(record as never).turns).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toBeInstanceOf(RowFault);
          expect((error as RowFault).fix).toMatch(/\w/);
        }
      }),
      { numRuns: 120 },
    );
  });
});

describe('the list of formats', () => {
  it('is in the order of ids, each once, each with its source', () => {
    const ids = dataFormats.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const { source, summary } of dataFormats) expect([/^(https:|docs)\//.test(source), summary.length > 10]).toEqual([true, true]);
  });

  it('names the nearest for one that is not known', () => {
    expect(() => dataFormat('openai-chats')).toThrow(
      expect.objectContaining({ code: 'unknown-format', hint: expect.stringContaining('"openai-chat"') }),
    );
  });
});

const fieldNames = [
  'messages',
  'prompt',
  'completion',
  'chosen',
  'rejected',
  'input',
  'expected',
  'output',
  'instruction',
  'history',
  'system',
  'conversations',
  'contents',
  'systemInstruction',
  'tools',
  'vars',
  'assert',
  'metadata',
  'response',
  '__expected',
  'question',
  'answer',
  'preferred_output',
  'non_preferred_output',
  'reference_answer',
  'expectedOutput',
  'tags',
  'id',
  'traceId',
] as const;

function written(format: DataFormat, row: DataRow): ReturnType<DataFormat['write']> | undefined {
  try {
    return format.write(row);
  } catch (error) {
    expect(error).toBeInstanceOf(RowFault);
    return undefined;
  }
}

function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A row without what the names say; where turns were joined or answers left out, its texts alone. */
function without(row: DataRow, lost: readonly string[]): unknown {
  const { form: _, ...kept } = row;
  const rejected = lost.includes('preference.rejected');
  const turns = rejected && row.preference !== undefined ? [...row.turns, ...row.preference.chosen] : row.turns;
  const bare = { ...kept, turns: strip(turns, lost), ...(row.preference === undefined ? {} : { preference: undefined }) } as Record<
    string,
    unknown
  >;
  if (!rejected && row.preference !== undefined) {
    bare['preference'] = { chosen: strip(row.preference.chosen, lost), rejected: strip(row.preference.rejected, lost) };
  }
  if (rejected) delete bare['preference'];
  for (const field of lost) delete bare[field];
  const extra = Object.entries(row.extra ?? {}).filter(([name]) => !lost.includes(name));
  if (extra.length === 0) delete bare['extra'];
  else bare['extra'] = Object.fromEntries(extra);
  return json(bare);
}

function strip(turns: readonly DataTurn[], lost: readonly string[]): unknown {
  const has = (name: string) => lost.includes(`turns.${name}`);
  // An image is said in each vendor's own words; here all are said in one's.
  const spoken = adaptParts(turns, 'openai')
    .turns.filter((turn) => !(has('system') && (turn.role === 'system' || turn.role === 'developer')))
    .map((turn) => ({
      role: has('developer') && turn.role === 'developer' ? 'system' : turn.role,
      content:
        has('toolCalls') || has('content') ? turnText(turn).trim() : has('parts') && turn.content !== null ? turnText(turn) : turn.content,
      ...(has('name') ? {} : { name: turn.name }),
      ...(has('weight') ? {} : { weight: turn.weight }),
      ...(has('extra') ? {} : { extra: turn.extra }),
      ...(has('toolCalls') ? {} : { toolCalls: turn.toolCalls?.map(({ id, ...call }) => (has('toolCallId') ? call : { id, ...call })) }),
      ...(has('toolCallId') ? {} : { toolCallId: turn.toolCallId }),
    }));
  if (!has('grouping')) return json(spoken);
  return spoken
    .flatMap((turn) => {
      const calls = (turn.toolCalls ?? []).length > 0;
      return calls && turn.content !== null && turn.content !== ''
        ? [
            { ...turn, toolCalls: undefined },
            { ...turn, content: null },
          ]
        : [turn];
    })
    .map((turn) => json(turn));
}

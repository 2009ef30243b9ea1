import { describe, expect, it } from 'vitest';
import type { Answer, Candidate } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import { ModelError } from '#core/model-error.ts';
import type { Row } from '#core/run.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { BudgetEndedError } from './budget.ts';
import { manualClock, never } from './engine.fixture.ts';
import { execute } from './execute.ts';
import { InterruptedError } from './interrupt.ts';

const examples: Example[] = Array.from({ length: 250 }, (_, i) => ({
  id: `e${i}`,
  input: `input ${i}`,
  expected: 'yes',
  tags: [],
  source: 'human',
}));
const yes: Answer = { text: 'yes', value: 'yes', strict: true, calls: [] };

function candidate(answer: (input: unknown) => Promise<Answer>): Candidate {
  return {
    id: 'c_test',
    manifest: { schema: 'rung.candidate/1', approach: 'test', name: 'test', model: null, state: {}, artefacts: {} },
    answer,
  };
}

async function harness() {
  const store = await openSqliteStore(':memory:');
  const run = async (asked: Candidate, options: { stopping?: AbortSignal; rows?: readonly Example[] } = {}) => {
    const rows = new Map<number, Row>();
    const ended = await execute({
      candidate: asked,
      examples: options.rows ?? examples,
      split: 'test',
      store,
      clock: manualClock(),
      concurrency: 8,
      stopping: options.stopping ?? never,
      abort: never,
      onRow: (index, row) => rows.set(index, row),
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { rows, ended };
  };
  return { store, run };
}

describe('executing a candidate', () => {
  it('asks for each row once, and for none of them again', async () => {
    const { run } = await harness();
    let asked = 0;
    const counting = candidate(async () => {
      asked++;
      return yes;
    });
    expect((await run(counting)).rows.size).toBe(250);
    expect((await run(counting)).rows.size).toBe(250);
    expect(asked).toBe(250);
  });

  it('asks again for a row whose input was edited', async () => {
    const { run } = await harness();
    const inputs: unknown[] = [];
    const noting = candidate(async (input) => {
      inputs.push(input);
      return yes;
    });
    await run(noting);
    await run(noting, { rows: examples.map((example, i) => (i === 7 ? { ...example, input: 'edited' } : example)) });
    expect(inputs).toHaveLength(251);
    expect(inputs.at(-1)).toBe('edited');
  });

  it('keeps failed rows as data, and asks for them again the next time', async () => {
    const { run } = await harness();
    const failing = candidate(async (input) => {
      if (input === 'input 3') throw new ModelError({ kind: 'bad-response', message: 'garbage' });
      if (input === 'input 4') throw new TypeError('a fault of the candidate');
      return yes;
    });
    const { rows, ended } = await run(failing);
    expect(ended).toBeUndefined();
    expect(rows.get(3)?.failure).toEqual({ code: 'model-bad-response', kind: 'bad-response', message: 'garbage' });
    expect(rows.get(4)?.failure).toEqual({ code: 'candidate-error', message: 'a fault of the candidate' });
    const again = await run(candidate(async () => yes));
    expect([...again.rows.values()].filter((row) => row.failure !== undefined)).toEqual([]);
  });

  it('keeps what was answered when it is interrupted', async () => {
    const { run } = await harness();
    const stop = new AbortController();
    let asked = 0;
    const first = await run(
      candidate(async () => {
        if (++asked === 100) stop.abort();
        return yes;
      }),
      { stopping: stop.signal },
    );
    expect(first.ended).toBeInstanceOf(InterruptedError);
    const before = asked;
    const second = await run(
      candidate(async () => {
        asked++;
        return yes;
      }),
    );
    expect(second.rows.size).toBe(250);
    expect(asked).toBe(250);
    expect(before).toBeLessThan(120);
  });

  it('stops at the end of the budget and where every further row would fail alike', async () => {
    for (const error of [new BudgetEndedError('$1'), new ModelError({ kind: 'unauthorised', message: 'no key' })]) {
      const { run } = await harness();
      let asked = 0;
      const { ended } = await run(
        candidate(async () => {
          asked++;
          throw error;
        }),
      );
      expect(ended).toBe(error);
      expect(asked).toBeLessThanOrEqual(8);
    }
  });
});

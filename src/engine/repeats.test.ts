import { describe, expect, it } from 'vitest';
import type { Answer, Candidate } from '#core/candidate.ts';
import type { Example } from '#core/example.ts';
import type { Metric } from '#core/metric.ts';
import { openSqliteStore } from '#stores/sqlite.ts';
import { manualClock, never } from './engine.fixture.ts';
import { askAgain } from './repeats.ts';

const examples: Example[] = Array.from({ length: 60 }, (_, i) => ({
  id: `e${i}`,
  input: `${i}`,
  expected: 'yes',
  tags: [],
  source: 'human',
}));
const metric: Metric = {
  id: 'accuracy',
  summary: '',
  better: 'higher',
  scale: 'proportion',
  onError: 0,
  score: (example, answer) => ({ value: answer.value === example.expected ? 1 : 0 }),
};

async function asked(most: number, answerOf: (input: string, sample: number) => string) {
  const calls: string[] = [];
  const candidate: Candidate = {
    id: 'c_test',
    manifest: { schema: 'rung.candidate/1', approach: 'test', name: 'test', model: null, state: {}, artefacts: {} },
    async answer(input, { sample = 0 }): Promise<Answer> {
      calls.push(`${input}/${sample}`);
      const text = answerOf(input as string, sample);
      return { text, value: text, strict: true, calls: [] };
    },
  };
  const store = await openSqliteStore(':memory:');
  const repeats = await askAgain({
    candidate,
    examples,
    split: 'test',
    store,
    clock: manualClock(),
    concurrency: 4,
    stopping: never,
    abort: never,
    measured: 60,
    most,
    task: { name: 't', instructions: '', prompt: {}, output: { kind: 'text' } },
    metric,
    onAnswer: () => {},
  });
  return { repeats, calls };
}

describe('asking again', () => {
  it('spends further answers only on the rows that disagree with themselves', async () => {
    // rows 0 and 10 and 20 waver, the others do not
    const { repeats, calls } = await asked(5, (input, sample) => (Number(input) % 10 === 0 && sample % 2 === 1 ? 'no' : 'yes'));
    expect(repeats?.pilot).toBe(30);
    expect(repeats?.rows).toHaveLength(30);
    const wavering = repeats!.rows.filter(({ answers }) => new Set(answers).size > 1);
    expect(wavering.map(({ row, scores }) => [row, scores])).toEqual([
      [0, [1, 0, 1, 0, 1]],
      [10, [1, 0, 1, 0, 1]],
      [20, [1, 0, 1, 0, 1]],
    ]);
    // 30 first answers, 30 second ones, and three more for each of three rows
    expect(calls).toHaveLength(30 + 30 + 9);
  });

  it('asks nothing where every row is asked once', async () => {
    const { repeats, calls } = await asked(1, () => 'yes');
    expect(repeats).toBeUndefined();
    expect(calls).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { AnswerStep } from '#core/candidate.ts';
import type { Row } from '#core/run.ts';
import { Scoreboard } from './score.ts';

const task = { name: 'weather', instructions: 'Say.', prompt: {}, output: { kind: 'text' as const } };
const examples = Array.from({ length: 6 }, (_, i) => ({ id: `e${i}`, input: `${i}`, tags: [], source: 'human' as const }));

function answered(steps: readonly AnswerStep[]): Row {
  const answer = { text: 'rain', value: 'rain', strict: true, calls: [], steps };
  return { candidate: 'c', example: 'e', sample: 0, split: 'test', answer, latencyMs: 1, at: 0 };
}

const about = { rung: 'r', candidate: 'c', model: 'm', tuned: false, setup: { cost: 0, seconds: 0 }, training: [], priced: true };

describe('steps that could not be used', () => {
  it('are counted by answers, with what was wrong in the first row, in whatever order rows come', () => {
    const rows: readonly (readonly [number, readonly AnswerStep[]])[] = [
      [4, [{ name: 'signs', text: '', fault: 'It is empty.' }]],
      [1, [{ name: 'signs', text: 'gre', fault: 'It was cut off.' }]],
      [2, [{ name: 'signs', text: 'grey' }]],
      [
        0,
        [
          { name: 'attempt 1', text: 'fog', fault: 'No label.' },
          { name: 'attempt 1', text: 'mist', fault: 'No label either.' },
        ],
      ],
    ];
    for (const order of [rows, [...rows].reverse()]) {
      const board = new Scoreboard(task, examples, []);
      for (const [index, steps] of order) board.add(index, answered(steps));
      const { answer: _, ...failed } = answered([]);
      board.add(5, { ...failed, failure: { code: 'x', message: 'No.' } });
      expect(board.evidence(about).stepFaults).toEqual([
        { step: 'attempt 1', rows: 1, of: 4, why: 'No label either.' },
        { step: 'signs', rows: 2, of: 4, why: 'It was cut off.' },
      ]);
    }
  });

  it('are absent where every step could be used', () => {
    const board = new Scoreboard(task, examples, []);
    board.add(0, answered([{ name: 'signs', text: 'grey' }]));
    expect(board.evidence(about).stepFaults).toBeUndefined();
  });
});
